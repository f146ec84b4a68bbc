namespace Quoin.StripeSimulator;

/// <summary>A call that came in, for tests to look at.</summary>
/// <param name="Method">Upper case.</param>
/// <param name="Path">Without the query.</param>
/// <param name="Parameters">All of them as JSON, in the order of their names.</param>
/// <param name="IdempotencyKey">The header; null none.</param>
/// <param name="Version">The header <c>Stripe-Version</c>; null none.</param>
/// <param name="Status">What was answered; null when the caller got no answer.</param>
/// <param name="Fault">What went wrong on purpose; null nothing.</param>
/// <param name="IsReplay">Whether an earlier answer was replayed.</param>
public sealed record SimulatedCall(
    string Method,
    string Path,
    string Parameters,
    string? IdempotencyKey,
    string? Version,
    int? Status,
    FaultKind? Fault,
    bool IsReplay)
{
    /// <summary>How many are remembered.</summary>
    public const int Kept = 20_000;
}
