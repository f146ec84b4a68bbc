namespace Quoin.Payments.Stripe;

/// <summary>Bounds of the talk with Stripe.</summary>
internal static class StripeLimits
{
    /// <summary>How often a call is repeated after what may pass: as the vendor's own libraries are set.</summary>
    public const int RetriesMax = 2;

    /// <summary>The most one page of a list holds, by the vendor's rule.</summary>
    public const int PageItems = 100;

    /// <summary>Pages of one list: 5,000 items, more than a customer has methods, subscriptions or invoices of a month.</summary>
    public const int PagesMax = 50;

    /// <summary>
    /// Pages of what all customers make together within a stretch of time (checkouts, balance moves, payouts): 50,000.
    /// </summary>
    public const int WidePagesMax = 500;

    /// <summary>The largest answer that is read: a page of a hundred invoices has about one megabyte.</summary>
    public const int AnswerBytesMax = 16 * 1024 * 1024;

    /// <summary>The longest header of a webhook's signatures: some secrets while rotating, with room.</summary>
    public const int SignatureHeaderMax = 4096;

    /// <summary>Signatures of one header that are looked at, so that a forger cannot order work.</summary>
    public const int SignaturesMax = 16;

    /// <summary>Evidence files of one dispute: as many as there are kinds they can be filed under.</summary>
    public const int EvidenceFilesMax = 5;

    /// <summary>Without a connection after this, there is none.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>Connections are renewed so that a moved address is found.</summary>
    public static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    /// <summary>
    /// One attempt. With both repetitions and the longest waits a call ends within 110 s: before the lease (120 s) of
    /// whoever makes it.
    /// </summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);

    /// <summary>The shortest wait before a repetition.</summary>
    public static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest wait before a repetition, whatever the answer asks for.</summary>
    public static readonly TimeSpan RetryDelayMax = TimeSpan.FromSeconds(10);

    /// <summary>How far a webhook's time may be from ours, as the vendor's libraries have it: old ones are replays.</summary>
    public static readonly TimeSpan SignatureTolerance = TimeSpan.FromSeconds(300);
}
