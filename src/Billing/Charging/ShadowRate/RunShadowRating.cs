using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Metering;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Charging.Internal;

/// <summary>Goes on with a shadow rating.</summary>
/// <param name="Rating">Which.</param>
internal sealed record RateInShadow(ShadowRatingId Rating) : IJobPayload
{
    /// <inheritdoc />
    public static string JobName => "charging.rate_in_shadow";
}

/// <summary>Candidate prices as Pricing reads them.</summary>
internal static class Candidates
{
    public static CandidateOutcome Read(NewShadowRating asked, PriceSnapshot published, IdSource ids)
    {
        var read = new List<NewPrice>();
        foreach (var (index, price) in asked.Prices.Index())
        {
            var terms = price switch
            {
                { Terms: { } given, UnitPrice: null, PerQuantity: null } => given.Read(),
                { Terms: null, UnitPrice: { } unitPrice, PerQuantity: { } per } when per > 0 =>
                    new TermsOutcome.Read(PriceTerms.PerUnit(unitPrice, per)),
                _ => new TermsOutcome.Refused("give unit_price and a positive per_quantity, or terms"),
            };
            if (terms is not TermsOutcome.Read { Terms: var meant })
            {
                return new CandidateOutcome.Refused(index, ((TermsOutcome.Refused)terms).Reason);
            }

            read.Add(new NewPrice(price.Meter, Dimensions.Of(price.Match ?? new Dictionary<string, string>()), meant, null)
            {
                GroupBy = price.GroupBy ?? [],
                Scale = price.Scale ?? PriceVersion.ScaleMax,
            });
        }

        return PriceCandidates.Over(published, asked.Book, read, ids);
    }
}

/// <summary>
/// Rates real lines at candidate prices, an organisation at a time: in the order they were made, from the first line of
/// each period on, so that the same prices come to the very same amounts. An organisation is read in one read-only
/// transaction; what came out is written by another.
/// </summary>
internal sealed class RunShadowRating(
    NpgsqlDataSource database,
    ShadowRows rows,
    LineQueries lines,
    PriceBooks prices,
    Plans plans,
    Metering.Metering metering,
    UsageTrail trail,
    Organisations organisations,
    IdSource ids)
{
    private static readonly TimeSpan ClockSlack = TimeSpan.FromHours(1);

    /// <summary>Works until it is done.</summary>
    /// <param name="id">Which.</param>
    /// <param name="guard">Makes a transaction fail where it is another's by now.</param>
    /// <param name="cancellationToken">Stops it; it can be gone on with.</param>
    public async Task Run(
        ShadowRatingId id, Func<NpgsqlTransaction, CancellationToken, Task> guard, CancellationToken cancellationToken)
    {
        if (await rows.Find(id, cancellationToken) is not { IsFinished: false } rating)
        {
            return;
        }

        var isTruncated = false;
        while (await Next(rating.Asked, await rows.Place(id, cancellationToken), cancellationToken) is { } org)
        {
            if (rating.Asked.Organisations is null && rating.Organisations >= Limits.ShadowOrganisationsMax)
            {
                isTruncated = true;
                break;
            }

            var customers = await Rate(rating, org, cancellationToken);
            await Write(id, guard, transaction => rows.Advance(transaction, id, org, customers, cancellationToken), cancellationToken);
            rating = rating with { Organisations = rating.Organisations + 1 };
        }

        await Write(id, guard, transaction => rows.Finish(transaction, id, isTruncated, cancellationToken), cancellationToken);
    }

    private async Task Write(
        ShadowRatingId id,
        Func<NpgsqlTransaction, CancellationToken, Task> guard,
        Func<NpgsqlTransaction, Task> write,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await write(transaction);
        await guard(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task<OrgId?> Next(NewShadowRating asked, OrgId? done, CancellationToken cancellationToken)
    {
        if (asked.Organisations is { } named)
        {
            return named
                .Where(org => done is not { } last || org.Value.CompareTo(last.Value) > 0)
                .OrderBy(org => org.Value)
                .Select(org => (OrgId?)org)
                .FirstOrDefault();
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginReadOnly(cancellationToken);
        return await trail.NextOrganisation(transaction, done ?? default, cancellationToken);
    }

    private async Task<IReadOnlyList<ShadowCustomer>> Rate(
        ShadowRating rating, OrgId org, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginReadOnly(cancellationToken);
        var keys = await lines.KeysUsedIn(transaction, org, rating.Asked.Range, cancellationToken);
        if (keys.Count == 0)
        {
            return [];
        }

        var published = await prices.Current(transaction, cancellationToken);
        var candidates = Candidates.Read(rating.Asked, published, ids) is CandidateOutcome.Ready(var found)
            ? found
            : throw new InvalidOperationException($"{rating.Id} has prices that were refused.");
        var accounts = keys.Select(key => new BillingAccountKey(org, key.BillingAccount)).Distinct().ToList();
        var replay = new ShadowReplay(
            published,
            candidates,
            (await metering.Meters(cancellationToken)).ToDictionary(meter => meter.Id),
            (await plans.Of([.. accounts], cancellationToken)).ToDictionary(pair => pair.Key.Account, pair => pair.Value.Prices),
            rating);
        var isLive = (await organisations.Find(org, cancellationToken))?.Mode == OrganisationMode.Live;
        var from = isLive ? keys.Min(key => key.PeriodStart) - ClockSlack : DateTimeOffset.UnixEpoch;
        await foreach (var line in lines.MadeFrom(transaction, org, from, cancellationToken))
        {
            if (keys.Contains(line.Key) && line.Amount.Currency == rating.Currency)
            {
                replay.Next(line);
            }
        }

        return replay.Customers(org);
    }
}
