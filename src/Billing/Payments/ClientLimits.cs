namespace Quoin.Payments;

/// <summary>Bounds of what is kept of a provider beside payments: prices, customers, methods, automatic charges.</summary>
public static class ClientLimits
{
    /// <summary>Bytes of a request's body: some amounts and ids need a fraction.</summary>
    public const int BodyBytesMax = 16 * 1024;

    /// <summary>Plans brought to a provider by one sweep; the next one brings more.</summary>
    public const int PricesSyncedAtOnce = 50;

    /// <summary>Characters of a problem that is kept: what rows take.</summary>
    public const int ProblemCharactersMax = 1_000;

    /// <summary>Characters of a provider's id: what rows and their indexes take.</summary>
    public const int ProviderIdCharactersMax = 191;

    /// <summary>Characters of an operator's reason.</summary>
    public const int ReasonCharactersMax = 500;

    /// <summary>Payment methods shown of an account.</summary>
    public const int MethodsShownMax = 50;

    /// <summary>Accounts with automatic top-ups looked at by one page of a sweep.</summary>
    public const int AutoTopUpsAtOnce = 500;

    /// <summary>Charges whose outcome is unknown that one sweep asks for.</summary>
    public const int ChargesAskedAtOnce = 100;

    /// <summary>The largest automatic charge: what providers take for most currencies.</summary>
    public const long AutoTopUpMinorMax = 99_999_999;

    /// <summary>How often plans without a price are looked for: a publication is for sale within this.</summary>
    public static readonly TimeSpan PricesEvery = TimeSpan.FromSeconds(15);

    /// <summary>The pause after a price's fate was left open.</summary>
    public static readonly TimeSpan PriceRetry = TimeSpan.FromSeconds(30);

    /// <summary>How often balances are compared with their thresholds.</summary>
    public static readonly TimeSpan AutoTopUpsEvery = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The shortest time between two automatic charges of an account: were what is paid not credited at once, an account
    /// would otherwise be charged up to its cap.
    /// </summary>
    public static readonly TimeSpan AutoTopUpPause = TimeSpan.FromMinutes(5);

    /// <summary>The pause before a charge without an answer is asked for; doubles with each time.</summary>
    public static readonly TimeSpan ChargeAskFirst = TimeSpan.FromSeconds(15);

    /// <summary>The longest such pause.</summary>
    public static readonly TimeSpan ChargeAskLongest = TimeSpan.FromMinutes(15);
}
