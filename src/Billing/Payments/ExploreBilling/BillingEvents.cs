using System.Buffers.Binary;
using System.Globalization;
using Npgsql;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.ExploreBilling;

/// <summary>
/// Searches what happened in billing, whatever keeps it, and follows one piece of it to all that belongs to it. In the
/// order of time-ordered ids, so that a page begins where the one before it ended, however deep.
/// </summary>
internal sealed class BillingEvents(
    NpgsqlDataSource database, ProviderIds directory, IPaymentProviders providers, Jobs jobs, Outbox outbox)
{
    private const string JobPrefix = "job_";
    private const string JobNames = "payments.";

    private static readonly BillingSource[] All = Enum.GetValues<BillingSource>();

    private static readonly string[] Kinds =
    [
        ProviderIds.Payment, ProviderIds.Charge, ProviderIds.Checkout, ProviderIds.Subscription, ProviderIds.Invoice,
        ProviderIds.Refund, ProviderIds.Dispute,
    ];

    private const string Searched = """
        where ($1::uuid is null or id < $1)
          and ($2::uuid is null or org_id = $2)
          and ($3::uuid is null or billing_account_id = $3)
          and ($4::text is null or type = $4)
          and ($5::text is null or status = $5)
          and ($6::uuid is null or id >= $6)
          and ($7::uuid is null or id < $7)
          and ($8::text is null or $8 = any(links) or $8 = call_id)
        """;

    /// <summary>Events, the newest first.</summary>
    public async Task<IReadOnlyList<BillingEvent>> Search(
        BillingEventQuery query, Guid? before, int count, CancellationToken cancellationToken)
    {
        // Whose it is is known by an index; looking for it through all organisations would read every row there is.
        if (query is { Org: null, Reference: { } sought } && await OwnerOf(sought, cancellationToken) is { } owner)
        {
            query = query with { Org = owner };
        }

        IEnumerable<BillingSource> sources = query.Source is { } one ? [one] : All;
        var waiting = sources.Contains(BillingSource.Job) && query.BillingAccount is null
            ? await JobsOf(query, before, count, cancellationToken)
            : [];
        var stored = query.Source is BillingSource.Job or BillingSource.News
            ? []
            : await database.Sql(
                BillingSources.Union(sources, Searched, "order by id desc limit $9"),
                before,
                query.Org?.Value,
                query.BillingAccount?.Value,
                query.Type,
                query.Status,
                query.From is { } from ? IdSource.LowerBound(from) : null,
                query.To is { } to ? IdSource.LowerBound(to) : null,
                query.Reference is { } reference ? BillingSources.LinkOf(reference) : null,
                count).All(BillingSources.Event, cancellationToken);
        return [.. stored.Concat(waiting).OrderByDescending(row => row.Place, Order).Take(count)];
    }

    private const string NewsSql = """
        select org_id
        from payments.webhook_events
        where provider = $1
          and mode = $2
          and provider_event_id = $3
        """;

    // By an id of ours, by an object of the provider, or by its news; null where the reference is something else.
    private async Task<OrgId?> OwnerOf(string reference, CancellationToken cancellationToken)
    {
        if (BillingSources.Read(reference) is not null)
        {
            return (await Find(null, reference, cancellationToken))?.OrganisationId;
        }

        foreach (var mode in Enum.GetValues<PaymentMode>())
        {
            if (providers.Of(mode) is not { } provider)
            {
                continue;
            }

            var place = new ProviderPlace(provider.Name, mode);
            foreach (var kind in Kinds)
            {
                if (await directory.Find(kind, place, reference, cancellationToken) is { } found)
                {
                    return found.Org;
                }
            }

            await using var command = database.Sql(NewsSql, place.Provider, place.ModeWord, reference);
            if (await command.ExecuteScalarAsync(cancellationToken) is Guid org)
            {
                return new OrgId(org);
            }
        }

        return null;
    }

    // As PostgreSQL orders them: byte by byte, from the first.
    private static readonly Comparer<Guid> Order = Comparer<Guid>.Create((left, right) =>
        left.ToByteArray(bigEndian: true).AsSpan().SequenceCompareTo(right.ToByteArray(bigEndian: true)));

    private async Task<IReadOnlyList<BillingEvent>> JobsOf(
        BillingEventQuery query, Guid? before, int count, CancellationToken cancellationToken)
    {
        var search = new JobSearch(JobNames, query.Org)
        {
            Name = query.Type,
            State = query.Status,
            Keys = query.Reference is { } reference ? [reference, BillingSources.LinkOf(reference)] : null,
            From = query.From,
            To = query.To,
            Before = before is { } place ? PlaceOf(place) : null,
        };
        var found = await jobs.Search(search, count, cancellationToken);
        return [.. found.Select(Event).Where(row => before is not { } bound || Order.Compare(row.Place, bound) < 0)];
    }

    private const string Linked = """
        where org_id = $1
          and billing_account_id is not distinct from $2
          and links && $3
        """;

    private const string Found = """
        where id = $1
          and ($2::uuid is null or org_id = $2)
        """;

    /// <summary>An event and what belongs to it; null when there is none, or it is another organisation's.</summary>
    public async Task<BillingTrailAnswer?> Follow(OrgId? org, string id, CancellationToken cancellationToken)
    {
        if (await Find(org, id, cancellationToken) is not { } start)
        {
            return null;
        }

        if (start.OrganisationId is not { } owner)
        {
            return new BillingTrailAnswer(start, [start], IsWhole: true);
        }

        var steps = new Dictionary<string, BillingEvent>(StringComparer.Ordinal) { [start.Id] = start };
        var links = new HashSet<string>(start.Links, StringComparer.Ordinal);
        for (var round = 0; round < Limits.TrailRoundsMax && links.Count <= Limits.TrailLinksMax; round++)
        {
            var before = links.Count;
            var found = await database.Sql(
                BillingSources.Union(All, Linked, "order by id limit $4"),
                owner.Value,
                start.BillingAccountId?.Value,
                links.ToArray(),
                Limits.TrailStepsMax + 1).All(BillingSources.Event, cancellationToken);
            foreach (var row in found)
            {
                steps[row.Id] = row;
                links.UnionWith(row.Links);
            }

            if (links.Count == before)
            {
                break;
            }
        }

        await AddWork(owner, steps, links, cancellationToken);
        var isWhole = steps.Count <= Limits.TrailStepsMax && links.Count <= Limits.TrailLinksMax;
        var shown = steps.Values.OrderBy(row => row.Place, Order).Take(Limits.TrailStepsMax).ToList();
        return new BillingTrailAnswer(start, shown, isWhole);
    }

    private async Task<BillingEvent?> Find(OrgId? org, string id, CancellationToken cancellationToken)
    {
        if (BillingSources.Read(id) is { } read)
        {
            return await database.Sql(BillingSources.Union([read.Source], Found, "limit 1"), read.Id, org?.Value)
                .Only(BillingSources.Event, cancellationToken);
        }

        return id.StartsWith(JobPrefix, StringComparison.Ordinal)
            && long.TryParse(id.AsSpan(JobPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && (await jobs.Search(new JobSearch(JobNames, org) { Id = number }, 1, cancellationToken)) is [var job]
            ? Event(job)
            : null;
    }

    // Work that waits, and what the rest of Quoin was told: told in the transaction of what it is about.
    private async Task AddWork(
        OrgId org, Dictionary<string, BillingEvent> steps, HashSet<string> links, CancellationToken cancellationToken)
    {
        var waiting = await jobs.Search(
            new JobSearch(JobNames, org) { Keys = [.. links, .. steps.Keys] }, Limits.TrailStepsMax, cancellationToken);
        var instants = steps.Values.SelectMany(row => new[] { row.RecordedAt, row.ChangedAt })
            .Distinct()
            .Take(Limits.TrailStepsMax)
            .ToArray();
        var accounts = steps.Values.Select(row => row.BillingAccountId?.ToString()).OfType<string>().Distinct().ToArray();
        var told = await outbox.Told(org, JobNames, accounts, instants, Limits.TrailStepsMax, cancellationToken);
        foreach (var job in waiting.Select(Event))
        {
            steps[job.Id] = job;
        }

        foreach (var message in told.Where(message =>
            (message.CorrelationId is { } correlation && links.Contains(correlation))
            || steps.Keys.Any(id => message.Payload.Contains($"\"{id}\"", StringComparison.Ordinal))).ToList())
        {
            var news = Event(org, message);
            steps[news.Id] = news;
        }
    }

    private static BillingEvent Event(OrgId org, ToldNews message) => new(
        $"msg_{message.Id:N}",
        BillingSource.News,
        org,
        Id.TryParse<BillingAccountId>(message.Key, out var account) ? account : null,
        null,
        null,
        message.Topic,
        "told",
        message.PublishedAt,
        message.PublishedAt,
        null,
        message.CorrelationId,
        null,
        null,
        null)
    {
        Place = message.Id,
    };

    private static BillingEvent Event(QueuedJob job) => new(
        string.Create(CultureInfo.InvariantCulture, $"{JobPrefix}{job.JobId}"),
        BillingSource.Job,
        job.Org,
        null,
        null,
        null,
        job.Name,
        job.State,
        job.EnqueuedAt,
        job.EnqueuedAt,
        job.LastError,
        job.CorrelationId,
        null,
        null,
        null)
    {
        Place = PlaceOf(job),
        Links = [.. new[] { job.CorrelationId, job.UniqueKey }.OfType<string>()],
    };

    // A job has a number, not an id: its instant and its number make one that stands where it belongs.
    private static Guid PlaceOf(QueuedJob job)
    {
        var bytes = IdSource.LowerBound(job.EnqueuedAt).ToByteArray(bigEndian: true);
        BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(8), job.JobId);
        return new Guid(bytes, bigEndian: true);
    }

    private static (DateTimeOffset At, long Number) PlaceOf(Guid place)
    {
        var bytes = place.ToByteArray(bigEndian: true);
        var milliseconds = (long)(BinaryPrimitives.ReadUInt64BigEndian(bytes) >> 16);

        // An id of anything else stands behind every job of its millisecond.
        var number = bytes[6] == 0 && bytes[7] == 0 ? BinaryPrimitives.ReadInt64BigEndian(bytes.AsSpan(8)) : long.MaxValue;
        return (DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), number);
    }
}
