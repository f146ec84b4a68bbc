namespace Quoin.Payments.KeepMethods;

/// <summary>How learning an account's methods ended.</summary>
public enum MethodSyncStatus
{
    /// <summary>What the provider said is written.</summary>
    Succeeded,

    /// <summary>The provider did not say, or refused.</summary>
    Failed,

    /// <summary>The account has no customer at the provider: there is nothing to learn.</summary>
    Skipped,
}

/// <summary>What was learnt of an account's methods.</summary>
/// <param name="Kind"><c>manual_sync</c>, or the kind of news.</param>
/// <param name="Status">How it ended.</param>
/// <param name="EventId">The provider's event; null for an answer.</param>
/// <param name="Problem">Why it failed.</param>
/// <param name="Fetched">How many methods were told.</param>
/// <param name="IsWhole">Whether these were all.</param>
internal sealed record MethodSync(
    string Kind, MethodSyncStatus Status, string? EventId, string? Problem, int Fetched, bool IsWhole)
{
    public const string Manual = "manual_sync";
}

/// <summary>When a card has run out.</summary>
internal static class PaymentMethodExpiry
{
    /// <summary>Whether the last day of its month is over. One without a date never runs out.</summary>
    public static bool HasRunOut(int? year, int? month, DateTimeOffset now) =>
        year is { } lastYear && month is { } lastMonth
        && ((lastYear * 12) + lastMonth) < ((now.UtcDateTime.Year * 12) + now.UtcDateTime.Month);
}
