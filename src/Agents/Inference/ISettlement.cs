namespace Quoin.Inference;

/// <summary>How a call ended.</summary>
public enum CallStatus
{
    /// <summary>The provider answered in full, and the client was sent all of it.</summary>
    Succeeded,

    /// <summary>The client left before the end; the provider was told to stop.</summary>
    ClientGone,

    /// <summary>No provider answered, or one refused the request as it is; nothing was delivered.</summary>
    ProviderFailed,

    /// <summary>The provider broke off after the answer had begun.</summary>
    BrokenOff,
}

/// <summary>A provider that was asked and did not answer.</summary>
/// <param name="Provider">The provider's name.</param>
/// <param name="Model">The provider's own name of the model.</param>
/// <param name="Status">The provider's HTTP status; null where it sent none.</param>
/// <param name="Code">Why it counts as failed: one of <see cref="InferenceProblems"/>.</param>
/// <param name="AskedMicros">Microseconds from the request to when it was asked.</param>
/// <param name="TookMicros">Microseconds until it had failed.</param>
public sealed record FailedAttempt(
    string Provider, string Model, int? Status, string Code, long AskedMicros, long TookMicros);

/// <summary>What is known of a call once it is over.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Answered">The model that answered; null where none did.</param>
/// <param name="Usage">What was used; none where nothing is owed.</param>
public sealed record CallEnding(CallStatus Status, ProviderModel? Answered, ModelUsage Usage)
{
    /// <summary>The provider's HTTP status; null where it sent none.</summary>
    public int? ProviderStatus { get; init; }

    /// <summary>The provider's own id of the call; null where it gave none.</summary>
    public string? ProviderRequestId { get; init; }

    /// <summary>What the provider itself says that it asks, in micros of a dollar; null where it does not say.</summary>
    public decimal? ToldMicros { get; init; }

    /// <summary>How often a provider was asked; 1 where the first answered.</summary>
    public int Attempts { get; init; } = 1;

    /// <summary>From the request to its admission.</summary>
    public TimeSpan Admitted { get; init; }

    /// <summary>From the request to when the provider that answered was asked; null where none answered.</summary>
    public TimeSpan? Asked { get; init; }

    /// <summary>From the request to the head of that provider's answer; null where none answered.</summary>
    public TimeSpan? Responded { get; init; }

    /// <summary>The providers that were asked before and failed, the first one first.</summary>
    public IReadOnlyList<FailedAttempt> FailedAttempts { get; init; } = [];

    /// <summary>From the request to the first byte of the answer; null where none came.</summary>
    public TimeSpan? FirstByte { get; init; }

    /// <summary>From the request to its end.</summary>
    public TimeSpan Total { get; init; }
}

/// <summary>What a call cost its customer.</summary>
/// <param name="CostMicros">The quoted cost, in millionths of the account's currency, not rounded; null where none is known.</param>
/// <param name="BalanceMicros">What is left to spend, as of the reservation; null where nobody counts it.</param>
/// <param name="Committed">
/// Done once the settlement is durable. A plain answer is sent meanwhile; a stream's last line waits for it.
/// </param>
public sealed record Settled(decimal? CostMicros, long? BalanceMicros, Task Committed);

/// <summary>Says, once a call is over, what it used.</summary>
public interface ISettlement
{
    /// <summary>
    /// Quotes the cost and begins to write it down. Called once for each admitted call, also where nothing was used: then
    /// the reservation is given back. A client that is gone does not cancel it.
    /// </summary>
    ValueTask<Settled> Settle(ModelCall call, CallEnding ending);
}
