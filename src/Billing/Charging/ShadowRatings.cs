using System.Text.Json;
using Npgsql;
using Quoin.Accounts;
using Quoin.Charging.Internal;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Charging;

/// <summary>The door to shadow ratings: candidate prices over real history, without a trace in it.</summary>
public sealed class ShadowRatings
{
    private readonly NpgsqlDataSource database;
    private readonly ShadowRows rows;
    private readonly RunShadowRating running;
    private readonly PriceBooks prices;
    private readonly Metering.Metering metering;
    private readonly Organisations organisations;
    private readonly Jobs jobs;
    private readonly IAudit audit;
    private readonly IdSource ids;

    internal ShadowRatings(
        NpgsqlDataSource database,
        ShadowRows rows,
        RunShadowRating running,
        PriceBooks prices,
        Metering.Metering metering,
        Organisations organisations,
        Jobs jobs,
        IAudit audit,
        IdSource ids)
    {
        (this.database, this.rows, this.running, this.prices) = (database, rows, running, prices);
        (this.metering, this.organisations, this.jobs, this.audit, this.ids) = (metering, organisations, jobs, audit, ids);
    }

    /// <summary>Starts one in the background.</summary>
    /// <param name="asked">What to try out.</param>
    /// <param name="actor">Who asks.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public async Task<ShadowOutcome> Start(NewShadowRating asked, string actor, CancellationToken cancellationToken)
    {
        if (BoundExceeded(asked) is { } bound)
        {
            return new ShadowOutcome.BoundExceeded(bound);
        }

        var snapshot = await prices.Current(cancellationToken);
        if (Candidates.Read(asked, snapshot, ids) is not CandidateOutcome.Ready)
        {
            return Candidates.Read(asked, snapshot, ids) switch
            {
                CandidateOutcome.Refused(var index, var reason) => new ShadowOutcome.InvalidPrice(index, reason),
                _ => new ShadowOutcome.NoSuchBook(),
            };
        }

        var meters = (await metering.Meters(cancellationToken)).ToDictionary(meter => meter.Key, StringComparer.Ordinal);
        if (asked.Prices.FirstOrDefault(price => !meters.TryGetValue(price.Meter, out var meter) || !meter.IsAdditive) is { } odd)
        {
            return new ShadowOutcome.UnsupportedUnit(odd.Meter);
        }

        var currency = snapshot.Books.First(book => book.Id == asked.Book).Currency;
        var known = await organisations.FindMany([.. asked.Organisations ?? []], cancellationToken);
        foreach (var org in asked.Organisations ?? [])
        {
            if (!known.TryGetValue(org, out var profile) || profile.DefaultBillingAccount.Currency != currency)
            {
                return new ShadowOutcome.CurrencyMismatch(org);
            }
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var id = await rows.Add(transaction, asked, currency, actor, cancellationToken);
        await jobs.Enqueue(
            transaction, new RateInShadow(id), new JobTerms { UniqueKey = id.ToString() }, cancellationToken);
        var after = JsonSerializer.Serialize(new { from = asked.Range.Start, to = asked.Range.End, prices = asked.Prices.Count });
        await audit.Record(
            transaction, new AuditEntry(null, actor, "shadow_rating.started", id.ToString(), After: after), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        jobs.Hint();
        return new ShadowOutcome.Started((await rows.Find(id, cancellationToken))!);
    }

    /// <summary>One; null when there is none.</summary>
    public Task<ShadowRating?> Find(ShadowRatingId id, CancellationToken cancellationToken) => rows.Find(id, cancellationToken);

    /// <summary>Those there are, newest first.</summary>
    public Task<IReadOnlyList<ShadowRating>> Newest(
        ShadowRatingId? before, int limit, CancellationToken cancellationToken) => rows.Newest(before, limit, cancellationToken);

    /// <summary>What one comes to, as far as it is done.</summary>
    public Task<ShadowResult> Result(ShadowRating rating, CancellationToken cancellationToken) =>
        rows.Result(rating, cancellationToken);

    /// <summary>Its customers, by organisation.</summary>
    public Task<IReadOnlyList<ShadowCustomer>> Customers(
        ShadowRating rating, OrgId? after, int limit, CancellationToken cancellationToken) =>
        rows.Customers(rating, after, limit, cancellationToken);

    internal Task Work(JobRun run, RateInShadow job, CancellationToken cancellationToken) =>
        running.Run(job.Rating, run.Guard, cancellationToken);

    private static string? BoundExceeded(NewShadowRating asked)
    {
        var range = asked.Range;
        if (!QuarterHour.IsStart(range.Start) || !QuarterHour.IsStart(range.End) || range.End <= range.Start
            || range.End - range.Start > TimeSpan.FromDays(Limits.ShadowDaysMax))
        {
            return $"from lies before to, both are starts of quarter hours, at most {Limits.ShadowDaysMax} days apart.";
        }

        return asked switch
        {
            { Organisations.Count: 0 or > Limits.ShadowOrganisationsMax } =>
                $"It takes 1 to {Limits.ShadowOrganisationsMax} organisations.",
            { Prices.Count: 0 or > Limits.ShadowPricesMax } => $"It takes 1 to {Limits.ShadowPricesMax} prices.",
            _ => null,
        };
    }
}
