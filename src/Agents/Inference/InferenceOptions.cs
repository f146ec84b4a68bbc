namespace Quoin.Inference;

/// <summary>What the host tells the gateway.</summary>
public sealed record InferenceOptions
{
    /// <summary>Whether test-mode organisations may call the built-in demo models (<c>--demo</c>).</summary>
    public bool Demo { get; init; }

    /// <summary>
    /// How long a call's host is believed to live without a sign of life (<c>QUOIN_INFERENCE_LEASE_SECONDS</c>): what a
    /// host that died has reserved waits so long before it is looked into.
    /// </summary>
    public TimeSpan HeldFor { get; init; } = Limits.HeldFor;

    /// <summary>How often calls that run say that they live: three times within that.</summary>
    public TimeSpan RenewEvery => HeldFor / (Limits.HeldFor / Limits.RenewEvery);
}
