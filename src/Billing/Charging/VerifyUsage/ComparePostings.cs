using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;

namespace Quoin.Charging.Internal;

/// <summary>What lines come to that name one transfer.</summary>
internal readonly record struct LineSum(TransferId Transfer, Money Amount, RatedLineId First, BillingAccountId BillingAccount);

/// <summary>
/// Compares lines with the transfers that posted them, a page at a time: first the transfers that lines of a range name,
/// then those the books recorded in it, which should all have lines.
/// </summary>
internal sealed class ComparePostings(UsagePostings postings)
{
    private const string NamedSql = """
        select l.transfer_id, l.currency, sum(l.amount_micros)::bigint, (array_agg(l.line_id order by l.line_id))[1],
            (array_agg(l.billing_account_id))[1]
        from charging.rated_lines l
        where l.org_id = $1
            and l.transfer_id in (
                select distinct one.transfer_id
                from charging.rated_lines one
                where one.org_id = $1
                    and one.transfer_id > $2
                    and one.bucket_start >= $3
                    and one.bucket_start < $4
                order by one.transfer_id
                limit $5)
        group by l.transfer_id, l.currency
        order by l.transfer_id
        """;

    /// <summary>Compares the next transfers that lines of a range name.</summary>
    /// <returns>Where to go on; null when no more follow.</returns>
    public async Task<(TransferId? Next, int Count)> Named(
        NpgsqlTransaction transaction,
        OrgId org,
        Period range,
        TransferId? after,
        List<ReconciliationFault> faults,
        CancellationToken cancellationToken)
    {
        var sums = await Sums(
            transaction.Sql(
                NamedSql, org.Value, after?.Value ?? Guid.Empty, range.Start, range.End, Limits.TransfersComparedAtOnce),
            cancellationToken);
        var posted = await postings.Find(transaction, org, [.. sums.Select(sum => sum.Transfer).Distinct()], cancellationToken);
        faults.AddRange(PostingComparison.OfNamed(sums, posted.ToDictionary(one => one.Id)));
        var count = sums.Select(sum => sum.Transfer).Distinct().Count();
        return (count < Limits.TransfersComparedAtOnce ? null : sums[^1].Transfer, count);
    }

    // What a period's plan and commitment came to has lines of its own.
    private const string OfTransfersSql = """
        select transfer_id, currency, sum(amount_micros)::bigint, (array_agg(line_id order by line_id))[1],
            (array_agg(billing_account_id))[1]
        from (
            select transfer_id, currency, amount_micros, line_id, billing_account_id
            from charging.rated_lines
            where org_id = $1
                and transfer_id = any($2)
            union all
            select transfer_id, currency, amount_micros, line_id, billing_account_id
            from charging.period_lines
            where org_id = $1
                and transfer_id = any($2)
        ) line
        group by transfer_id, currency
        """;

    /// <summary>Compares the next transfers of usage that the books recorded in a range.</summary>
    /// <returns>Where to go on; null when no more follow.</returns>
    public async Task<(TransferId? Next, int Count)> Recorded(
        NpgsqlTransaction transaction,
        OrgId org,
        Period recorded,
        TransferId? after,
        List<ReconciliationFault> faults,
        CancellationToken cancellationToken)
    {
        var posted = await postings.Recorded(
            transaction, org, recorded, after, Limits.TransfersComparedAtOnce, cancellationToken);
        var sums = await Sums(
            transaction.Sql(OfTransfersSql, org.Value, posted.Select(one => one.Id.Value).ToArray()), cancellationToken);
        faults.AddRange(PostingComparison.OfNamed(sums, posted.ToDictionary(one => one.Id)));
        faults.AddRange(PostingComparison.WithoutLines(posted, sums.Select(sum => sum.Transfer).ToHashSet()));
        return (posted.Count < Limits.TransfersComparedAtOnce ? null : posted[^1].Id, posted.Count);
    }

    // Lines of one step of one account may cancel out, and then nothing is posted: so such steps are looked at whole.
    private const string UnpostedSql = """
        select billing_account_id, currency, sum(amount_micros)::bigint, (array_agg(line_id order by line_id))[1]
        from charging.rated_lines
        where org_id = $1
            and transfer_id is null
            and amount_micros <> 0
            and (billing_account_id, rated_at) in (
                select one.billing_account_id, one.rated_at
                from charging.rated_lines one
                where one.org_id = $1
                    and one.transfer_id is null
                    and one.amount_micros <> 0
                    and one.bucket_start >= $2
                    and one.bucket_start < $3)
        group by billing_account_id, currency, rated_at
        having sum(amount_micros) <> 0
        limit $4
        """;

    /// <summary>Finds lines that no transfer posted.</summary>
    public static async Task Unposted(
        NpgsqlTransaction transaction,
        OrgId org,
        Period range,
        List<ReconciliationFault> faults,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(UnpostedSql, org.Value, range.Start, range.End, Limits.FindingsPerStepMax);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            var amount = new Money(reader.GetInt64(2), Currency.Of(reader.GetString(1)));
            var line = new RatedLineId(reader.GetGuid(3));
            faults.Add(new ReconciliationFault(
                ReconciliationKind.MissingPosting,
                ReconciliationStage.Posting,
                $"line {line}",
                $"a transfer of {amount}",
                "none")
            {
                Line = line,
                BillingAccount = new BillingAccountId(reader.GetGuid(0)),
                Difference = -amount,
            });
        }
    }

    private static async Task<List<LineSum>> Sums(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using (command)
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            var sums = new List<LineSum>();
            while (await reader.ReadAsync(cancellationToken))
            {
                sums.Add(new LineSum(
                    new TransferId(reader.GetGuid(0)),
                    new Money(reader.GetInt64(2), Currency.Of(reader.GetString(1))),
                    new RatedLineId(reader.GetGuid(3)),
                    new BillingAccountId(reader.GetGuid(4))));
            }

            return sums;
        }
    }
}

/// <summary>What lines come to against what transfers brought. Pure.</summary>
internal static class PostingComparison
{
    public static IEnumerable<ReconciliationFault> OfNamed(
        IReadOnlyList<LineSum> sums, IReadOnlyDictionary<TransferId, PostedUsage> posted)
    {
        foreach (var sum in sums)
        {
            var isPosted = posted.TryGetValue(sum.Transfer, out var transfer);
            var earned = transfer?.Earned ?? Money.Zero(sum.Amount.Currency);
            if (!isPosted && !sum.Amount.IsZero)
            {
                yield return Fault(ReconciliationKind.MissingPosting, sum, "no such transfer", -sum.Amount);
            }
            else if (isPosted && earned.Currency != sum.Amount.Currency)
            {
                yield return Fault(ReconciliationKind.AmountMismatch, sum, $"{earned}", null);
            }
            else if (isPosted && earned != sum.Amount && earned.Micros + transfer!.Adjusted != sum.Amount.Micros
                && transfer.ReversedBy is null)
            {
                var surplus = earned with { Micros = earned.Micros + transfer.Adjusted - sum.Amount.Micros };
                yield return Fault(ReconciliationKind.AmountMismatch, sum, $"{earned}", surplus);
            }
        }
    }

    public static IEnumerable<ReconciliationFault> WithoutLines(
        IReadOnlyList<PostedUsage> posted, HashSet<TransferId> named)
    {
        var first = posted
            .Where(one => named.Contains(one.Id))
            .ToLookup(one => (one.BillingAccount, one.OccurredAt, one.Reference, one.Earned), one => one.Id);
        foreach (var transfer in posted.Where(one => !named.Contains(one.Id) && one.ReversedBy is null))
        {
            var earned = transfer.Earned is { } amount ? amount with { Micros = amount.Micros + transfer.Adjusted } : default;
            if (earned.Micros == 0)
            {
                continue;
            }

            var twin = first[(transfer.BillingAccount, transfer.OccurredAt, transfer.Reference, transfer.Earned)].ToList();
            yield return new ReconciliationFault(
                twin.Count > 0 ? ReconciliationKind.Duplicate : ReconciliationKind.Orphan,
                ReconciliationStage.Posting,
                $"transfer {transfer.Id}",
                twin.Count > 0 ? $"its usage is posted by {twin[0]}" : "rated lines that name it",
                $"{earned} without a line")
            {
                Transfer = transfer.Id,
                BillingAccount = transfer.BillingAccount,
                Difference = earned,
            };
        }
    }

    private static ReconciliationFault Fault(ReconciliationKind kind, LineSum sum, string found, Money? difference) => new(
        kind, ReconciliationStage.Posting, $"transfer {sum.Transfer}", $"{sum.Amount} as its lines come to", found)
    {
        Transfer = sum.Transfer,
        Line = sum.First,
        BillingAccount = sum.BillingAccount,
        Difference = difference,
    };
}
