namespace Quoin.Accounts;

/// <summary>How often something may happen: so many at once, then one per step.</summary>
/// <param name="Scope">What is limited; a stable word.</param>
/// <param name="Burst">How many at once.</param>
/// <param name="Step">After which time there may be one more.</param>
public sealed record RateLimit(string Scope, int Burst, TimeSpan Step);
