using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Inference.Internal;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>
/// Takes over calls whose hosts died. What the last sign of life said was delivered is charged as an estimate; where there
/// was none, nobody knows whether the provider was asked, and a person looks into it. The money stays held meanwhile.
/// </summary>
internal sealed class RecoverCalls(
    CallPrices prices,
    OrganisationClock clock,
    MoneyMetrics metrics,
    TimeProvider time,
    WakeUps wakeUps,
    ILogger<RecoverCalls> logger) : ISpendLapse
{
    public async Task<IReadOnlyList<LapseVerdict>> HandOver(
        NpgsqlTransaction transaction, IReadOnlyList<LapsedSpend> lapsed, CancellationToken cancellationToken)
    {
        var known = await Known(transaction, lapsed, cancellationToken);
        var verdicts = new List<LapseVerdict>(lapsed.Count);
        var rows = new List<(RequestRow Row, Untold? Untold)>();
        foreach (var spend in lapsed)
        {
            if (!IdText.TryParse(CallId.Prefix, spend.Key, out var id) || spend.Details is null)
            {
                // Not a call: whoever reserved it wants nothing to be known of it.
                verdicts.Add(new LapseVerdict.GiveBack());
            }
            else if (known.TryGetValue((spend.Org, id), out var isInReview))
            {
                // The journal knows how it ended: with nothing owed, or with something somebody looks at already.
                verdicts.Add(isInReview ? new LapseVerdict.Review() : new LapseVerdict.GiveBack());
            }
            else
            {
                var (verdict, row, untold) = await Decide(new CallId(id), spend, cancellationToken);
                Log.CallLost(logger, new CallId(id), verdict.GetType().Name);
                metrics.Recovered(verdict);
                verdicts.Add(verdict);
                rows.Add((row, untold));
            }
        }

        if (rows.Count > 0)
        {
            await using var batch = transaction.Batch();
            RequestRows.Write(batch, rows, Instant.Now(time));
            await batch.ExecuteNonQueryAsync(cancellationToken);
            wakeUps.Hint(TellUsage.Pump);
        }

        return verdicts;
    }

    private const string KnownSql = """
        select requests.org_id, requests.request_id, requests.review is not null
        from unnest($1::uuid[], $2::uuid[]) as lapsed (org_id, request_id)
        join inference.requests
            on requests.org_id = lapsed.org_id
            and requests.request_id = lapsed.request_id
        """;

    private static async Task<Dictionary<(OrgId Org, Guid Id), bool>> Known(
        NpgsqlTransaction transaction, IReadOnlyList<LapsedSpend> lapsed, CancellationToken cancellationToken)
    {
        var ids = lapsed.Select(spend => IdText.TryParse(CallId.Prefix, spend.Key, out var id) ? id : Guid.Empty).ToArray();
        await using var command = transaction.Sql(KnownSql, lapsed.Select(spend => spend.Org.Value).ToArray(), ids);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var known = new Dictionary<(OrgId, Guid), bool>();
        while (await reader.ReadAsync(cancellationToken))
        {
            known[(new OrgId(reader.GetGuid(0)), reader.GetGuid(1))] = reader.GetBoolean(2);
        }

        return known;
    }

    private async Task<(LapseVerdict Verdict, RequestRow Row, Untold? Untold)> Decide(
        CallId id, LapsedSpend spend, CancellationToken cancellationToken)
    {
        var details = CallDetails.Read(spend.Details!);
        var call = details.Call(id, spend.Org, spend.BillingAccount);
        var at = await clock.Now(spend.Org, cancellationToken);
        var row = new RequestRow(call, details.Project, details.Tags, RequestRow.Lost, at)
        {
            Answered = details.Answering,
            Usage = (details.Delivered ?? ModelUsage.None) with { IsEstimated = true },
            Currency = spend.Amount.Currency,
            ReservedMicros = spend.Amount.Micros,
            Hold = spend.Hold,
            Attempts = details.Delivered is null ? 0 : 1,
            Total = spend.LapsedAt > spend.ReservedAt ? spend.LapsedAt - spend.ReservedAt : TimeSpan.Zero,
        };
        if (details is { Delivered: { IsNone: false } delivered, Answering: { } answering }
            && await prices.Price(call, details.Project, answering, delivered, at, cancellationToken) is { Unpriced.Count: 0 } priced)
        {
            row = row.Priced(priced);
            return (new LapseVerdict.Settle(CallPrices.Whole(priced.Quote.CustomerMicros)), row, new Untold(priced.Data.ToJson()));
        }

        return (new LapseVerdict.Review(), row with { Review = ReviewReason.Lost }, null);
    }
}
