using Npgsql;
using Quoin.Accounts;
using Quoin.Inference.Internal;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>
/// Writes a group of calls down in one transaction: budgets count what each came to, the journal has its row, and the queue
/// has what is to be told. First the reservations, then the journal: in this order, too, a lapsed call is handed over.
/// </summary>
internal sealed class SettleFlush(NpgsqlDataSource database, Spending spending, TimeProvider time, WakeUps wakeUps)
{
    public async Task Run(IReadOnlyList<SettleWork> works, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        SettleWork[] settled = [.. works.Where(work => work.Settlement is not null)];
        if (settled.Length > 0)
        {
            var changes = await spending.SettleWithin(
                transaction, Array.ConvertAll(settled, work => work.Settlement!), cancellationToken);
            foreach (var (work, change) in settled.Zip(changes))
            {
                work.Change = change;
            }
        }

        await using (var batch = transaction.Batch())
        {
            var now = Instant.Now(time);
            SettleWork[] news = [.. works.Where(IsNews)];
            RequestRows.Write(batch, [.. news.Select(work => (work.Row, work.Untold))], now);
            KeyPolicyRows.Count(batch, [.. news.SelectMany(Tokens)], now);

            // The driver sees the transaction end by what the server says, not by who asked for it.
            batch.Sql("commit");
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        if (works.Any(work => work.Untold is not null))
        {
            wakeUps.Hint(TellUsage.Pump);
        }
    }

    // What was settled before is in the journal, by this host or by who took it for dead: charged once.
    private static bool IsNews(SettleWork work) => work.Change is not SpendChange.AlreadyEnded { How: SpendState.Settled };

    private static IEnumerable<(OrgId Org, KeyId Key, long Tokens)> Tokens(SettleWork work) => work.CountsFor is { } key
        ? [(work.Org, key, work.Row.Usage.AllInputTokens + work.Row.Usage.AllOutputTokens)]
        : [];
}
