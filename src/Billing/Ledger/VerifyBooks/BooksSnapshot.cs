using System.Data;
using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger.Internal;
using Quoin.Platform;

namespace Quoin.Ledger.VerifyBooks;

/// <summary>Transfers in the order of the chain, with the entries that lie between them.</summary>
internal sealed class BooksChunk
{
    public CopiedRows Transfers { get; } = new();

    public CopiedRows Entries { get; } = new();

    /// <summary>The last transfer; null when there is none.</summary>
    public Guid? Last { get; set; }

    public int Count { get; set; }

    /// <summary>Whether nothing follows.</summary>
    public bool IsLast { get; set; }
}

/// <summary>The row of <c>ledger.books</c>.</summary>
internal sealed record StoredBooks(long TransferCount, Guid LastTransfer, long LastRecordedAtMicros, byte[] HeadHash);

/// <summary>What an open hold still reserves, against its amount.</summary>
internal sealed record UnevenHold(Guid Id, Guid[] Accounts, long AmountMicros, long CapturedMicros, string ReservedMicros);

/// <summary>
/// One organisation's rows as of one instant. Every read goes through the primary key: the planner is told so, because
/// sorting a large organisation's history would take longer than reading it.
/// </summary>
internal sealed class BooksSnapshot : IAsyncDisposable
{
    private readonly NpgsqlConnection connection;
    private readonly NpgsqlTransaction transaction;
    private readonly OrgId org;
    private EntryWalk? entries;

    private BooksSnapshot(NpgsqlConnection connection, NpgsqlTransaction transaction, OrgId org) =>
        (this.connection, this.transaction, this.org) = (connection, transaction, org);

    /// <summary>The books' row; null when there is none.</summary>
    public StoredBooks? Books { get; private set; }

    public List<(Guid Id, StoredAccount Stored)> Accounts { get; } = [];

    public List<StoredGrant> Grants { get; } = [];

    /// <summary>What open holds reserve, by account.</summary>
    public Dictionary<Guid, Int128> Held { get; } = [];

    /// <summary>Open holds that do not add up; a few, where there are many.</summary>
    public List<UnevenHold> UnevenHolds { get; } = [];

    private const string ReadOnlySql = """
        set transaction read only
        """;

    private const string PlannerSql = """
        select set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
            set_config('enable_sort', 'off', true), set_config('jit', 'off', true),
            set_config('max_parallel_workers_per_gather', '0', true)
        """;

    private const string BooksSql = """
        select transfer_count, last_transfer_id, last_recorded_at, head_hash
        from ledger.books
        where org_id = $1
        """;

    private const string AccountsSql = """
        select account_id, billing_account_id, kind, currency, balance_micros, held_micros, spent_micros, spent_at_count
        from ledger.accounts
        where org_id = $1
        """;

    private const string GrantsSql = """
        select grant_id, billing_account_id, currency, source, priority, granted_micros, effective_at, expires_at, scopes,
            reference, created_at, state
        from ledger.grants
        where org_id = $1
        """;

    private const string HeldSql = """
        select part.account_id, sum(part.micros)::text
        from ledger.holds
        cross join lateral unnest(holds.account_ids, holds.part_micros) as part (account_id, micros)
        where holds.org_id = $1
            and holds.state = 'open'
        group by part.account_id
        """;

    private const string UnevenHoldsSql = """
        select holds.hold_id, holds.account_ids, holds.amount_micros, holds.captured_micros, reserved.micros::text
        from ledger.holds
        cross join lateral (
            select coalesce(sum(part.micros), 0) as micros
            from unnest(holds.part_micros) as part (micros)
        ) as reserved
        where holds.org_id = $1
            and (holds.state = 'open' or holds.part_micros <> '{}')
            and reserved.micros <> case when holds.state = 'open' then holds.amount_micros - holds.captured_micros else 0 end
        limit 100
        """;

    /// <summary>Opens a snapshot and reads the accounts in it.</summary>
    public static async Task<BooksSnapshot> Open(NpgsqlDataSource database, OrgId org, CancellationToken cancellationToken)
    {
        var opened = await database.OpenConnectionAsync(cancellationToken);
        try
        {
            var begun = await opened.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken);
            var snapshot = new BooksSnapshot(opened, begun, org);
            await snapshot.ReadAccounts(cancellationToken);
            return snapshot;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    /// <summary>Reads the transfers after one, and their entries.</summary>
    /// <param name="chunk">Gets them.</param>
    /// <param name="after">The transfer before the first; null from the beginning.</param>
    /// <param name="most">So many transfers at most.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task Read(BooksChunk chunk, Guid? after, int most, CancellationToken cancellationToken)
    {
        // COPY takes no parameters; ids and numbers are the only values, and cannot end a literal.
        var from = after is { } id ? $"and transfer_id > '{id}'" : string.Empty;
        var transfersSql = $"""
            copy (
                select {CopiedTransfer.Columns}
                from ledger.transfers
                where org_id = '{org.Value}' {from}
                order by org_id, transfer_id
                limit {most}
            ) to stdout (format binary)
            """;
        await chunk.Transfers.Fill(connection, transfersSql, cancellationToken);
        FindLast(chunk, most);
        entries ??= await EntryWalk.Begin(transaction, org, after ?? Guid.Empty, cancellationToken);
        await entries.Read(chunk, cancellationToken);
    }

    /// <summary>Reads what the end of the chain is compared with.</summary>
    public async Task ReadEnd(CancellationToken cancellationToken)
    {
        await using var batch = Batch();
        batch.Sql(BooksSql, org.Value);
        batch.Sql(HeldSql, org.Value);
        batch.Sql(UnevenHoldsSql, org.Value);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await Take(reader, [TakeBooks, TakeHeld, TakeUnevenHold], cancellationToken);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await transaction.DisposeAsync();
        await connection.DisposeAsync();
    }

    private static void FindLast(BooksChunk chunk, int most)
    {
        var first = chunk.Transfers.Position;
        (chunk.Last, chunk.Count) = (null, 0);
        while (chunk.Transfers.Next())
        {
            chunk.Last = new CopiedTransfer(chunk.Transfers).IdValue;
            chunk.Count++;
        }

        chunk.Transfers.Return(first);
        chunk.IsLast = chunk.Count < most;
    }

    private async Task ReadAccounts(CancellationToken cancellationToken)
    {
        await using var batch = Batch();
        batch.Sql(ReadOnlySql);
        batch.Sql(PlannerSql);
        batch.Sql(AccountsSql, org.Value);
        batch.Sql(GrantsSql, org.Value);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await Take(reader, [TakeAccount, TakeGrant], cancellationToken);
    }

    // However long an organisation's holds take: the caller's token ends it earlier.
    private NpgsqlBatch Batch()
    {
        var batch = transaction.Batch();
        batch.Timeout = 0;
        return batch;
    }

    private static async Task Take(
        NpgsqlDataReader reader, Action<NpgsqlDataReader>[] results, CancellationToken cancellationToken)
    {
        foreach (var take in results)
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                take(reader);
            }

            await reader.NextResultAsync(cancellationToken);
        }
    }

    private void TakeBooks(NpgsqlDataReader reader) => Books = new StoredBooks(
        reader.GetInt64(0),
        reader.GetGuid(1),
        Instants.ToMicros(reader.GetFieldValue<DateTimeOffset>(2)),
        reader.GetFieldValue<byte[]>(3));

    private void TakeAccount(NpgsqlDataReader reader) => Accounts.Add((reader.GetGuid(0), new StoredAccount(
        reader.GetGuid(1),
        reader.GetString(2),
        reader.GetString(3),
        reader.GetInt64(4),
        reader.GetInt64(5),
        reader.GetInt64(6),
        reader.GetInt64(7))));

    private void TakeGrant(NpgsqlDataReader reader) => Grants.Add(new StoredGrant(
        reader.GetGuid(0),
        reader.GetGuid(1),
        reader.GetString(2),
        reader.GetString(3),
        reader.GetInt16(4),
        reader.GetInt64(5),
        reader.IsDBNull(6) ? null : reader.GetFieldValue<DateTimeOffset>(6),
        reader.IsDBNull(7) ? null : reader.GetFieldValue<DateTimeOffset>(7),
        reader.GetFieldValue<string?[]>(8),
        reader.GetString(9),
        reader.GetFieldValue<DateTimeOffset>(10),
        reader.GetString(11)));

    private void TakeHeld(NpgsqlDataReader reader) => Held[reader.GetGuid(0)] =
        Int128.Parse(reader.GetString(1), System.Globalization.CultureInfo.InvariantCulture);

    private void TakeUnevenHold(NpgsqlDataReader reader) => UnevenHolds.Add(new UnevenHold(
        reader.GetGuid(0), reader.GetFieldValue<Guid[]>(1), reader.GetInt64(2), reader.GetInt64(3), reader.GetString(4)));
}
