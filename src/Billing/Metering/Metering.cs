using Npgsql;
using Quoin.Kernel;
using Quoin.Metering.Internal;
using Quoin.Platform;

namespace Quoin.Metering;

/// <summary>The door to usage: what was counted, and the events it was counted from.</summary>
public sealed class Metering
{
    /// <summary>The wake-up channel hinted at after each flush: folded usage waits for rating.</summary>
    public const string UnratedChannel = "rating";

    private readonly UnratedFolds unrated;
    private readonly UsageQueries usage;
    private readonly EventQueries events;
    private readonly CountedEvents counted;
    private readonly MeterCatalogue meters;
    private readonly Ingest ingest;

    internal Metering(
        UnratedFolds unrated,
        UsageQueries usage,
        EventQueries events,
        CountedEvents counted,
        MeterCatalogue meters,
        Ingest ingest) =>
        (this.unrated, this.usage, this.events, this.counted, this.meters, this.ingest) =
            (unrated, usage, events, counted, meters, ingest);

    /// <summary>The meters, by key.</summary>
    public async ValueTask<IReadOnlyCollection<Meter>> Meters(CancellationToken cancellationToken) =>
        (await meters.Current(cancellationToken)).All;

    /// <summary>
    /// Takes folded usage that waits for rating, oldest first, out of the queue inside the caller's transaction: it
    /// comes back if the caller rolls back. Folds that another transaction is taking are passed over. With the last usage of
    /// a fold come the holds its events name, once.
    /// </summary>
    /// <param name="transaction">The caller's transaction; it books what it takes.</param>
    /// <param name="shards">Of which shards, of <see cref="Limits.Shards"/>.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<TakenUsage> TakeUnrated(
        NpgsqlTransaction transaction,
        IReadOnlyList<int> shards,
        int limit,
        CancellationToken cancellationToken) => unrated.Take(transaction, shards, limit, cancellationToken);

    /// <summary>
    /// Takes events of any organisations in, inside the caller's transaction, as ingestion does: told apart, stored, folded
    /// and queued for rating. What is taken in stays locked until the caller commits, so it does so soon, and calls
    /// <see cref="HintRecorded"/> after.
    /// </summary>
    /// <param name="transaction">The caller's transaction.</param>
    /// <param name="events">The events; called once in a transaction, so that two never wait for each other in a circle.</param>
    /// <param name="cancellationToken">Stops it before anything is written.</param>
    /// <returns>What became of each, in order; one bad event never sinks the others.</returns>
    public Task<IReadOnlyList<RecordedUsage>> RecordWithin(
        NpgsqlTransaction transaction, IReadOnlyList<UsageEvent> events, CancellationToken cancellationToken) =>
        ingest.Within(transaction, events, cancellationToken);

    /// <summary>After the commit of what was recorded within a transaction: lets rating begin at once.</summary>
    public void HintRecorded() => ingest.Hint(hasLevels: true);

    /// <summary>How much folded usage waits for rating, and since when.</summary>
    public Task<StageDepth> UnratedDepth(CancellationToken cancellationToken) =>
        unrated.Depth(cancellationToken);

    /// <summary>
    /// How many pieces of an organisation's folded usage wait for rating, or of its ended levels for accrual, and since
    /// when. Zero after an event's answer means that the event is rated or set aside; of a level that lasts, so far.
    /// </summary>
    public Task<StageDepth> UnratedDepth(OrgId org, CancellationToken cancellationToken) =>
        unrated.Depth(org, cancellationToken);

    /// <summary>
    /// What meters come to over ranges of quarter hours, exactly, as a transaction sees it: sums of additive meters; of
    /// the others the largest, smallest, last or count of different values over the whole range. Null where nothing was
    /// used.
    /// </summary>
    /// <param name="transaction">The caller's transaction.</param>
    /// <param name="queries">The questions; answers come in their order.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<IReadOnlyList<decimal?>> Totals(
        NpgsqlTransaction transaction, IReadOnlyList<TotalQuery> queries, CancellationToken cancellationToken) =>
        await TotalRows.Read(transaction, queries, await meters.Current(cancellationToken), cancellationToken);

    /// <summary>
    /// A question about usage as it may be asked: where it would tell more than
    /// <see cref="Limits.DistinctValuesPerAnswerMax"/> values apart, without the meters that count different ones.
    /// </summary>
    public Task<UsageQuery> Bounded(OrgId org, UsageQuery query, CancellationToken cancellationToken) =>
        usage.Bounded(org, query, cancellationToken);

    /// <summary>Usage over time, the earliest first.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="query">Which, and in which steps.</param>
    /// <param name="limit">At most so many points.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<UsagePoint>> Usage(
        OrgId org, UsageQuery query, int limit, CancellationToken cancellationToken) =>
        usage.Run(org, query, limit, cancellationToken);

    /// <summary>Usage as it is read, for more than memory should hold; in order of time for each kind of meter.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="query">Which, and in which steps.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public IAsyncEnumerable<UsagePoint> UsageAsRead(OrgId org, UsageQuery query, CancellationToken cancellationToken) =>
        usage.Stream(org, query, Limits.UsageCsvRowsMax + 1, cancellationToken);

    /// <summary>Events of an organisation, newest first.</summary>
    /// <param name="org">Whose.</param>
    /// <param name="before">Only events stored before this one; null starts at the newest.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<StoredEvent>> Events(
        OrgId org,
        EventPosition? before,
        int limit,
        CancellationToken cancellationToken) => events.Newest(org, before, limit, cancellationToken);

    /// <summary>One event; null when the organisation has none there.</summary>
    public Task<StoredEvent?> Event(OrgId org, EventPosition position, CancellationToken cancellationToken) =>
        events.At(org, position, cancellationToken);

    /// <summary>
    /// The events that some folds counted for one meter, dimensions and quarter hour, in the order they were counted,
    /// with what each adds.
    /// </summary>
    /// <param name="org">Whose.</param>
    /// <param name="which">Which piece of usage.</param>
    /// <param name="after">Only those counted after this place; null starts at the first.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<CountedEvent>> EventsOf(
        OrgId org,
        FoldedEvents which,
        EventPosition? after,
        int limit,
        CancellationToken cancellationToken) => counted.Of(org, which, after, limit, cancellationToken);
}

/// <summary>Names the events behind a piece of usage.</summary>
/// <param name="BillingAccount">Billed to.</param>
/// <param name="Meter">The meter that counted them.</param>
/// <param name="Dimensions">The usage's dimensions.</param>
/// <param name="BucketStart">The quarter hour they happened in.</param>
/// <param name="Folds">The folds that counted them.</param>
public sealed record FoldedEvents(
    BillingAccountId BillingAccount,
    MeterId Meter,
    Dimensions Dimensions,
    DateTimeOffset BucketStart,
    IReadOnlyList<Guid> Folds);
