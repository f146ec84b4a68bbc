namespace Quoin.Payments;

/// <summary>Bounds of the provider's news: what is taken in, how it is gone through, how often it is tried.</summary>
public static class WebhookLimits
{
    /// <summary>Bytes of one delivery: providers' largest are some tens of thousands.</summary>
    public const int BodyBytesMax = 256 * 1024;

    /// <summary>Flushes at once in one host: one writes while the other's group gathers.</summary>
    public const int Writers = 2;

    /// <summary>Kibibytes that wait before the second flush starts beside the first.</summary>
    public const int FurtherWriterKibibytes = 96;

    /// <summary>Kibibytes in one flush: some milliseconds of writing.</summary>
    public const int FlushKibibytesMax = 2 * 1024;

    /// <summary>Kibibytes that may wait for a flush: beyond, the provider is asked to come back, as it does.</summary>
    public const int QueuedKibibytesMax = 64 * 1024;

    /// <summary>Parts of the work; each is one worker's at a time.</summary>
    public const int Shards = 16;

    /// <summary>Events one step takes: a second's work at the least.</summary>
    public const int EventsPerStep = 512;

    /// <summary>Events of one transaction: so many share a commit, and so many are done again when one fails.</summary>
    public const int EventsPerTransaction = 32;

    /// <summary>Transactions at once in one host: while one waits for the disk the others use the processor.</summary>
    public const int Workers = 4;

    /// <summary>Attempts before an event is dead: between one and two days with the pauses below.</summary>
    public const int AttemptsMax = 16;

    /// <summary>
    /// Attempts before a payment that moved no money and names nothing known is done with: with the pauses about five
    /// minutes, in which its customer or subscription would have become known.
    /// </summary>
    public const int UnownedAttemptsMax = 6;

    /// <summary>
    /// Attempts after which an event keeps its pauses, however often failed ones are gone through: otherwise those every
    /// quarter of an hour would use them all up in a morning.
    /// </summary>
    public const int HurriedAttemptsMax = 9;

    /// <summary>The pause after a first failed attempt; doubles each time.</summary>
    public static readonly TimeSpan RetryFirst = TimeSpan.FromSeconds(10);

    /// <summary>The longest pause between attempts.</summary>
    public static readonly TimeSpan RetryLongest = TimeSpan.FromHours(12);

    /// <summary>Letters of a failure that are kept.</summary>
    public const int ErrorLettersMax = 1_000;

    /// <summary>Letters of a provider's id or of a type.</summary>
    public const int NameLettersMax = 191;

    /// <summary>Dead events one request of an operator revives.</summary>
    public const int ReplayedMax = 10_000;

    /// <summary>Rows one statement of retention removes, and how often one sweep does so.</summary>
    public const int SweptAtOnce = 1_000;

    /// <summary>Statements of one sweep: it goes on with the next one.</summary>
    public const int SweepsMax = 100;
}
