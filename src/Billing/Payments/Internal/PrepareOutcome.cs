namespace Quoin.Payments.Internal;

/// <summary>Every way deciding about a claimed request can end.</summary>
internal abstract record PrepareOutcome
{
    private PrepareOutcome()
    {
    }

    /// <summary>It cannot be done, and the request is kept with why.</summary>
    public sealed record Refused(RequestFailure Failure) : PrepareOutcome;

    /// <summary>What will be sent, frozen on the request.</summary>
    public sealed record Ready(RequestRow Request) : PrepareOutcome;
}
