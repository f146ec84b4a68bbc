namespace Quoin.Payments;

/// <summary>Every way a request to a provider can end for who asked, in the order they are checked.</summary>
public abstract record PaymentRequestOutcome
{
    private PaymentRequestOutcome()
    {
    }

    /// <summary>What was sent cannot be worked with; nothing was kept.</summary>
    /// <param name="Errors">Members, and what is wrong with each.</param>
    public sealed record Invalid(IReadOnlyDictionary<string, string> Errors) : PaymentRequestOutcome;

    /// <summary>No provider serves this organisation; nothing was kept.</summary>
    public sealed record NotConfigured : PaymentRequestOutcome;

    /// <summary>It was refused, or is not finished.</summary>
    /// <param name="Code">The code that is kept, one of <see cref="PaymentsProblems.OfRequests"/>.</param>
    /// <param name="Reason">For people.</param>
    /// <param name="Details">JSON object of further members of the answer; null none.</param>
    public sealed record Refused(string Code, string Reason, string? Details) : PaymentRequestOutcome;

    /// <summary>It was done, now or before.</summary>
    /// <param name="Response">The answer as JSON, the same for every repetition.</param>
    /// <param name="IsReplayed">Whether it was done before.</param>
    public sealed record Answered(string Response, bool IsReplayed) : PaymentRequestOutcome;
}
