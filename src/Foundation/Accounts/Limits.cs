namespace Quoin.Accounts;

/// <summary>Every size and time Accounts keeps to, with the reason.</summary>
public static class Limits
{
    /// <summary>
    /// How long what was read of a key, a session or an organisation is believed: the promise that a revoked key is
    /// refused on every replica within a second.
    /// </summary>
    public static readonly TimeSpan FreshFor = TimeSpan.FromSeconds(1);

    /// <summary>
    /// When something in use is read again behind the callers' backs: half of <see cref="FreshFor"/>, so that a busy
    /// key never makes anyone wait.
    /// </summary>
    public static readonly TimeSpan RefreshAfter = FreshFor / 2;

    /// <summary>
    /// Organisations and billing accounts remembered per generation (two are kept): a replica that serves more within
    /// a second reads some of them again. About 8 MB each.
    /// </summary>
    public const int ProfilesRememberedMax = 20_000;

    /// <summary>Letters of a name: fits a heading; an address line on an invoice is shorter.</summary>
    public const int NameLettersMax = 200;

    /// <summary>Letters of a reason: a paragraph, not a file.</summary>
    public const int ReasonLettersMax = 1_000;

    /// <summary>Billing accounts listed at once by the door; the HTTP list pages.</summary>
    public const int BillingAccountsListedMax = 1_000;
}
