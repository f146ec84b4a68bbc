namespace Quoin.Payments;

/// <summary>Bounds of ending what should not be at the provider.</summary>
public static class RemediationLimits
{
    /// <summary>Attempts before somebody must look: about forty minutes with the pauses below.</summary>
    public const int AttemptsMax = 6;

    /// <summary>The pause after a failed attempt, times its number.</summary>
    public static readonly TimeSpan RetryStep = TimeSpan.FromSeconds(120);
}
