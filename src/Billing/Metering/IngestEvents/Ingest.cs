using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Text;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>
/// Takes events in: (1) a fair share of memory, before a byte is read; (2) parsing, outside any lock; (3) whose they
/// are and whether their time can be; (4) the group commit that stores them. The answer comes after the commit.
/// </summary>
internal sealed class Ingest : IAsyncDisposable
{
    private const int PooledParsersMax = 64;

    private readonly FairShare share = new(Limits.BodyBytesHeldMax);
    private readonly ConcurrentBag<(MeterSet Meters, EventParser Parser)> parsers = [];
    private readonly GroupCommit<IngestWork> commit;
    private readonly IngestFlush flush;
    private readonly WakeUps wakeUps;
    private readonly MeterCatalogue meters;
    private readonly Organisations organisations;
    private readonly OrganisationClock clock;

    public Ingest(
        NpgsqlDataSource database,
        TimeProvider time,
        IdSource ids,
        MeterCatalogue meters,
        Organisations organisations,
        OrganisationClock clock,
        WakeUps wakeUps,
        IMeterFactory instruments)
    {
        (this.meters, this.organisations, this.clock, this.wakeUps) = (meters, organisations, clock, wakeUps);
        flush = new IngestFlush(database, time, ids);
        commit = new GroupCommit<IngestWork>(
            new GroupCommitOptions(Limits.Writers, Limits.EventsPerFlushMax, Limits.EventsQueuedMax, Limits.FurtherWriterEvents),
            async (works, cancellationToken) =>
            {
                Hint(await flush.Run(works, cancellationToken));
            });
        var meter = instruments.Create("Quoin.Metering");
        meter.CreateObservableGauge("metering.ingest.queue", () => commit.QueuedWeight, "{event}", "Events waiting for a flush.");
        meter.CreateObservableGauge("metering.ingest.held", () => share.HeldBytes, "By", "Bytes of requests being taken in.");
    }

    /// <summary>Room for a request's body; null when the organisation is over its share.</summary>
    public FairShare.Reservation? TryReserve(Caller caller, long bytes) => share.TryReserve(caller.Org ?? default, bytes);

    /// <summary>Parses with the meters of now.</summary>
    public async ValueTask<T> Parse<T>(Func<EventParser, T> parse, CancellationToken cancellationToken)
    {
        var current = await meters.Current(cancellationToken);
        if (!parsers.TryTake(out var pooled) || pooled.Meters != current)
        {
            pooled = (current, new EventParser(current));
        }

        try
        {
            return parse(pooled.Parser);
        }
        finally
        {
            if (parsers.Count < PooledParsersMax)
            {
                parsers.Add(pooled);
            }
        }
    }

    /// <summary>Stores the good ones of some events and leaves each one's verdict in it.</summary>
    /// <param name="caller">Who sends them.</param>
    /// <param name="events">The events.</param>
    /// <param name="correlationId">The request's name, which they are found by from then on.</param>
    /// <param name="cancellationToken">Stops it before anything is queued.</param>
    /// <returns>False when the queue is full: some may be stored, none is lost if the request is sent again.</returns>
    public async Task<bool> Store(
        Caller caller,
        IReadOnlyList<ParsedEvent> events,
        string correlationId,
        CancellationToken cancellationToken)
    {
        await Assign(caller, events, cancellationToken);
        var works = events
            .Where(parsed => !parsed.IsRejected)
            .GroupBy(parsed => parsed.Org)
            .Select(group => new IngestWork(group.Key, [.. group], correlationId))
            .ToArray();

        // A caller who goes away must not leave pooled bytes under a running flush, so the wait is not cancelled.
        var stored = await Task.WhenAll(works.Select(work => commit.Run(work, CancellationToken.None).AsTask()));
        return stored.All(isStored => isStored);
    }

    /// <summary>Takes events in inside a caller's transaction.</summary>
    public async Task<IReadOnlyList<RecordedUsage>> Within(
        NpgsqlTransaction transaction, IReadOnlyList<UsageEvent> events, CancellationToken cancellationToken)
    {
        var clocks = new Dictionary<OrgId, DateTimeOffset>();
        foreach (var sent in events)
        {
            clocks[sent.Org] = await clock.Now(sent.Org, cancellationToken);
        }

        var parsed = await Parse(parser => events.Select(sent => Parsed(parser, sent, clocks[sent.Org])).ToArray(), cancellationToken);
        IngestWork[] works =
        [
            .. parsed.Zip(events)
                .Where(pair => !pair.First.IsRejected)
                .GroupBy(pair => (pair.First.Org, pair.Second.CorrelationId))
                .Select(group => new IngestWork(group.Key.Org, [.. group.Select(pair => pair.First)], group.Key.CorrelationId)),
        ];
        if (works.Length > 0)
        {
            await flush.RunWithin(transaction, works, cancellationToken);
        }

        return Array.ConvertAll(parsed, one => new RecordedUsage(one.Verdict, one.Position, one.Reason));
    }

    private static ParsedEvent Parsed(EventParser parser, UsageEvent sent, DateTimeOffset now)
    {
        var attributes = new List<KeyValuePair<string, string>>
        {
            new("specversion", "1.0"),
            new("id", sent.Id),
            new("source", sent.Source),
            new("type", sent.Type),
            new("time", Rfc3339.Format(sent.OccurredAt)),
        };
        if (sent.Subject is { } subject)
        {
            attributes.Add(new("subject", subject));
        }

        if (sent.Hold is { } hold)
        {
            attributes.Add(new("quoinhold", hold));
        }

        var parsed = parser.ParseBinary(attributes, Encoding.UTF8.GetBytes(sent.DataJson));
        (parsed.Org, parsed.BillingAccount) = (sent.Org, sent.BillingAccount);
        parsed.OccurredAt = parsed.SentTime ?? sent.OccurredAt;
        if (!parsed.IsRejected && EventTimes.WhyRefused(parsed.OccurredAt, now) is var (kind, reason))
        {
            Reject(parsed, kind, reason);
        }

        return parsed;
    }

    /// <summary>After a commit: lets rating begin at once, and accrual where there is something to accrue.</summary>
    public void Hint(bool hasLevels)
    {
        wakeUps.Hint(Metering.UnratedChannel);
        if (hasLevels)
        {
            wakeUps.Hint(DueWork.Channel);
        }
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => commit.DisposeAsync();

    private async Task Assign(Caller caller, IReadOnlyList<ParsedEvent> events, CancellationToken cancellationToken)
    {
        foreach (var parsed in events)
        {
            AssignOrg(caller, parsed);
        }

        var good = events.Where(parsed => !parsed.IsRejected).ToArray();
        var orgs = await organisations.FindMany([.. good.Select(parsed => parsed.Org).Distinct()], cancellationToken);
        var named = good
            .Where(parsed => parsed.BillingAccount != default)
            .Select(parsed => new BillingAccountKey(parsed.Org, parsed.BillingAccount))
            .Distinct()
            .ToArray();
        var accounts = named.Length == 0 ? null : await organisations.FindBillingAccounts(named, cancellationToken);
        var clocks = new Dictionary<OrgId, DateTimeOffset>();
        foreach (var org in orgs.Keys)
        {
            clocks[org] = await clock.Now(org, cancellationToken);
        }

        foreach (var parsed in good)
        {
            Complete(caller, parsed, orgs.GetValueOrDefault(parsed.Org), accounts, clocks);
        }

        if (Array.Exists(good, parsed => parsed is { IsRejected: false, Measurements: null }))
        {
            await MeasureLate(good, cancellationToken);
        }
    }

    private ValueTask<bool> MeasureLate(ParsedEvent[] events, CancellationToken cancellationToken) => Parse(
        parser =>
        {
            foreach (var parsed in events)
            {
                if (parsed is { IsRejected: false, Measurements: null })
                {
                    parser.Measure(parsed);
                }
            }

            return true;
        },
        cancellationToken);

    private static void AssignOrg(Caller caller, ParsedEvent parsed)
    {
        if (parsed.Org == default)
        {
            parsed.Org = caller.Org ?? default;
        }

        var isForeign = caller.Realm == Realm.Organisation && parsed.Org != caller.Org;
        if (!parsed.IsRejected && (isForeign || parsed.Org == default))
        {
            Reject(parsed, ProblemKind.NoSuchOrganisation, "the event names no organisation the caller may act in");
        }

        // Else somebody could take the name of what this program has yet to tell, which then never counts.
        if (!parsed.IsRejected && OwnSources.Include(parsed.Source.Span))
        {
            Reject(parsed, ProblemKind.ReservedSource, "sources that begin with quoin/ are Quoin's own");
        }

        // Else a customer could free what is reserved for calls that still run, and spend it twice.
        if (!parsed.IsRejected && parsed.Hold is not null && caller.Realm == Realm.Organisation)
        {
            Reject(parsed, ProblemKind.InvalidEvent, "quoinhold may be named by the operator only");
        }
    }

    private static void Complete(
        Caller caller,
        ParsedEvent parsed,
        OrganisationProfile? org,
        IReadOnlyDictionary<BillingAccountKey, BillingAccountProfile>? accounts,
        Dictionary<OrgId, DateTimeOffset> clocks)
    {
        if (org is null)
        {
            Reject(parsed, ProblemKind.NoSuchOrganisation, "the event names no organisation the caller may act in");
            return;
        }

        if (parsed.BillingAccount == default)
        {
            parsed.BillingAccount = caller.BillingAccount ?? org.DefaultBillingAccount.Id;
        }
        else if (accounts?.ContainsKey(new BillingAccountKey(parsed.Org, parsed.BillingAccount)) != true)
        {
            Reject(parsed, ProblemKind.NoSuchOrganisation, "quoinaccount names no billing account of the organisation");
            return;
        }
        else if (caller.BillingAccount is { } own && own != parsed.BillingAccount)
        {
            Reject(
                parsed, ProblemKind.OtherBillingAccount, $"quoinaccount names another account than {own}, the key's project's");
            return;
        }

        var now = clocks[parsed.Org];
        parsed.OccurredAt = parsed.SentTime ?? now;
        if (EventTimes.WhyRefused(parsed.OccurredAt, now) is var (kind, reason))
        {
            Reject(parsed, kind, reason);
        }
        else if (parsed.WindowEnd > now + Limits.FutureTolerance)
        {
            Reject(
                parsed,
                ProblemKind.EventInFuture,
                $"data.window_end lies more than {Limits.FutureTolerance.TotalMinutes} minutes after now");
        }
    }

    private static void Reject(ParsedEvent parsed, ProblemKind kind, string reason)
    {
        parsed.Verdict = Verdict.Rejected;
        parsed.Problem = kind;
        parsed.Reason = reason;
    }
}
