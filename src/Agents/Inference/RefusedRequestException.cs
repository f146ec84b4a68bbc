using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>
/// A vendor's JSON that is not what its protocol says, or cannot be said in another: found deep in a reader, answered once
/// where the call is handled.
/// </summary>
/// <param name="code">Which problem it is.</param>
/// <param name="message">What is wrong; never content of the request.</param>
public sealed class RefusedRequestException(ProblemCode code, string message) : Exception(message)
{
    /// <summary>Which problem it is.</summary>
    public ProblemCode Code => code;
}
