namespace Quoin.Inference;

/// <summary>What the host tells the gateway.</summary>
public sealed record InferenceOptions
{
    /// <summary>Whether test-mode organisations may call the built-in demo models (<c>--demo</c>).</summary>
    public bool Demo { get; init; }
}
