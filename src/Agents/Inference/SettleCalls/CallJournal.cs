using Npgsql;
using Quoin.Accounts;
using Quoin.Inference.Internal;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>
/// Writes calls down in the transaction in which budgets count what each came to: the journal has its row, and the queue has
/// what is to be told. First the reservations, then the journal: in this order, too, a lapsed call is handed over.
/// </summary>
internal sealed class CallJournal(TimeProvider time) : ISpendJournal
{
    /// <inheritdoc />
    public void Write(NpgsqlBatch batch, IReadOnlyList<SpendEntry> entries, bool areFirst)
    {
        var now = Instant.Now(time);
        SettleWork[] news = [.. entries.Cast<SettleWork>().Where(IsNews)];
        if (news.Length > 0)
        {
            RequestRows.Write(batch, [.. news.Select(work => (RowOf(work), work.Untold))], now, areFirst);
            KeyPolicyRows.Count(batch, [.. news.SelectMany(Tokens)], now);
        }
    }

    // What was settled before is in the journal, by this host or by who took it for dead: charged once.
    private static bool IsNews(SettleWork work) => work.Change is not SpendChange.AlreadyEnded { How: SpendState.Settled };

    private static RequestRow RowOf(SettleWork work) => work.Hold is { } hold ? work.Row with { Hold = hold } : work.Row;

    private static IEnumerable<(OrgId Org, KeyId Key, long Tokens)> Tokens(SettleWork work) => work.CountsFor.Select(
        key => (work.Org, key, work.Row.Usage.AllInputTokens + work.Row.Usage.AllOutputTokens));
}
