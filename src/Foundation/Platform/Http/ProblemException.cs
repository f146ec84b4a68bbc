namespace Quoin.Platform;

/// <summary>
/// Ends a request before its handler is called, where ASP.NET Core leaves parameter binding no other way than to
/// throw. The pipeline turns it into its problem; handlers return problems instead.
/// </summary>
internal sealed class ProblemException(Problem problem) : Exception(problem.Detail)
{
    public Problem Problem => problem;
}
