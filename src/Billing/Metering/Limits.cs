namespace Quoin.Metering;

/// <summary>Metering's limits, each with its reason.</summary>
public static class Limits
{
    /// <summary>Events in one request: a flush of tens of milliseconds.</summary>
    public const int EventsPerRequestMax = 10_000;

    /// <summary>Bytes of one request's body, after decompression.</summary>
    public const int BodyBytesMax = 8 * 1024 * 1024;

    /// <summary>
    /// Bytes of a body that are still read from the connection: who sends somewhat too much gets to hear it, instead of
    /// a connection that breaks while he is still sending.
    /// </summary>
    public const long BodyBytesReadMax = 2 * BodyBytesMax;

    /// <summary>Bytes of request bodies held at once, by everyone; the fair share is cut from it.</summary>
    public const long BodyBytesHeldMax = 128L * 1024 * 1024;

    /// <summary>What a small request counts for: its parsed form is larger than its body.</summary>
    public const int BodyBytesHeldMin = 2 * 1024;

    /// <summary>Flushes at once in one host: two keep PostgreSQL busy while the other's group gathers.</summary>
    public const int Writers = 2;

    /// <summary>Events that wait before the second flush starts beside the first.</summary>
    public const int FurtherWriterEvents = 500;

    /// <summary>Events in one flush.</summary>
    public const int EventsPerFlushMax = 8_000;

    /// <summary>Events that may wait for a flush: some seconds of work, not minutes.</summary>
    public const int EventsQueuedMax = 200_000;

    /// <summary>Bytes of an event's id, source, type or subject: an index row must fit a page.</summary>
    public const int AttributeBytesMax = 512;

    /// <summary>Bytes of an event's data.</summary>
    public const int DataBytesMax = 64 * 1024;

    /// <summary>Depth of an event's data.</summary>
    public const int DataDepthMax = 16;

    /// <summary>Digits of a number in an event's data; PostgreSQL takes more, nobody means more.</summary>
    public const int NumberDigitsMax = 100;

    /// <summary>Largest exponent of a number in an event's data, either way.</summary>
    public const int NumberExponentMax = 300;

    /// <summary>Bytes of a dimension's value.</summary>
    public const int DimensionBytesMax = 200;

    /// <summary>
    /// Largest quantity of one event. A thousand million such events still sum inside 28 digits, which is what a
    /// <see cref="decimal"/> holds exactly.
    /// </summary>
    public const decimal QuantityMax = 1_000_000_000_000m;

    /// <summary>Digits after the point of a quantity.</summary>
    public const int QuantityScaleMax = 6;

    /// <summary>
    /// Largest level of a resource: a pebibyte, in bytes. A thousand of them for a month still sum inside 28 digits.
    /// </summary>
    public const decimal LevelMax = 1_125_899_906_842_624m;

    /// <summary>
    /// Digits after the point of a level: with times to the millisecond, unit-seconds have six like other quantities.
    /// </summary>
    public const int LevelScaleMax = 3;

    /// <summary>Oldest time an event may carry.</summary>
    public static readonly DateTimeOffset OldestTime = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>How far an event may lie ahead of the organisation's clock: clocks of senders drift.</summary>
    public static readonly TimeSpan FutureTolerance = TimeSpan.FromMinutes(5);

    /// <summary>
    /// How far ahead a version of a meter begins: no event of its time may have been measured by the one before. Events lie
    /// up to five minutes ahead, and replicas remember meters for a second.
    /// </summary>
    public static readonly TimeSpan VersionAhead = TimeSpan.FromMinutes(10);

    /// <summary>Meters there may be: each replica keeps all, and a query may ask for all.</summary>
    public const int MetersMax = 500;

    /// <summary>Meters one request may define: all of an event type, and then some.</summary>
    public const int MetersPerRequestMax = 20;

    /// <summary>Versions a meter may have: one a week for two years.</summary>
    public const int VersionsMax = 100;

    /// <summary>Letters of a meter's key, unit, path or dimension.</summary>
    public const int MeterNameLettersMax = 100;

    /// <summary>Dimensions of a meter: each combination of values is a bucket.</summary>
    public const int DimensionsMax = 10;

    /// <summary>Ranges of a meter's bands.</summary>
    public const int BandsMax = 20;

    /// <summary>Quantities whose sum is an event's size.</summary>
    public const int BandPathsMax = 10;

    /// <summary>Largest and, inverted, smallest factor of a transform: from tebibytes to single bytes and back.</summary>
    public const decimal FactorMax = 10_000_000_000_000m;

    /// <summary>Digits after the point of a factor.</summary>
    public const int FactorScaleMax = 9;

    /// <summary>Bytes of definitions as they are sent.</summary>
    public const int MeterBodyBytesMax = 128 * 1024;

    /// <summary>Letters of the reason of an amendment.</summary>
    public const int ReasonLettersMax = 500;

    /// <summary>Bytes of an amendment as it is sent: an event's data and a little more.</summary>
    public const int AmendBodyBytesMax = DataBytesMax + (8 * 1024);

    /// <summary>Levels one step of accrual reads and locks.</summary>
    public const int LevelsPerStepMax = 500;

    /// <summary>Quarter hours one step of accrual adds to: some tens of milliseconds.</summary>
    public const int PartsPerStepMax = 2_000;

    /// <summary>Steps before other organisations have their turn: a level of a year late is done in one.</summary>
    public const int AccrualStepsMax = 50;

    /// <summary>Seconds a statement may take that reads a day's events again: tens of millions of them.</summary>
    public const int RederiveSecondsMax = 600;

    /// <summary>Shards of rating work; more replicas than this would find nothing to do.</summary>
    public const int Shards = 16;

    /// <summary>Events read at once while those of a piece of usage are picked out: a few milliseconds.</summary>
    public const int EventsReadAtOnce = 1_000;

    /// <summary>Days of usage one query may span: a year and a leap day.</summary>
    public const int UsageDaysMax = 366;

    /// <summary>Rows of one usage answer: a year of hours of one series, or a day of hours of many models.</summary>
    public const int UsagePointsMax = 10_000;

    /// <summary>Windows of one usage answer: a year of hours.</summary>
    public const int UsageWindowsMax = 10_000;

    /// <summary>Minutes of usage one query by the minute may span: events are read for it.</summary>
    public const int UsageMinutesMax = 6 * 60;

    /// <summary>Events recorded since the start of a range that an answer by the minute reads: a second's work.</summary>
    public const int EventsPerMinuteAnswerMax = 200_000;

    /// <summary>
    /// Values one answer tells apart to say how many are different, each counted once a quarter hour and kind of usage: a
    /// second of sorting.
    /// </summary>
    public const int DistinctValuesPerAnswerMax = 500_000;

    /// <summary>Lines of usage as CSV: what a spreadsheet opens.</summary>
    public const int UsageCsvRowsMax = 1_000_000;

    /// <summary>Events one search looks at before it answers with what it has: half a second.</summary>
    public const int EventsSearchedMax = 50_000;

    /// <summary>Latest time that can be asked for: time zones are known no further.</summary>
    public static readonly DateTimeOffset NewestTime = new(2200, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Dimensions one usage query tells apart: each is a look into every bucket's.</summary>
    public const int UsageDimensionsMax = 5;
}
