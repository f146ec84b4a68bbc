using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>
/// Locks the books a flush needs and reads what it looks at, in one round trip; a second one where charts are not
/// remembered. Every look-up is a lateral probe, one a wanted row, written so that only one index can serve it, however
/// small the tables were when it was planned (see <see cref="SqlCommands.ProbeIndexes(NpgsqlBatch)"/>): the wrong one
/// reads an organisation's whole history (measured: fifty times slower).
/// </summary>
internal sealed class BooksReader(BooksCache cache, IdSource ids)
{
    // The probes run in the order of the array, which is that of the ids: every flush locks in one order.
    private const string LockSql = """
        select b.org_id, b.transfer_count, b.last_transfer_id, b.last_recorded_at, b.head_hash, b.changed_by, b.is_ours
        from unnest($1::uuid[]) as wanted (org_id)
        cross join lateral (
            select *, coalesce(books.xmin = pg_current_xact_id_if_assigned()::xid, false) as is_ours
            from ledger.books
            where books.org_id = wanted.org_id
            for update
        ) b
        """;

    // After the locks, in statements of their own: they see what the transaction that held them committed.
    private const string TransferKeysSql = """
        select wanted.org_id, wanted.key, t.transfer_id, t.body_hash
        from (select unnest($1::uuid[]) as org_id, unnest($2::text[]) as key) wanted
        cross join lateral (
            select transfer_id, body_hash
            from ledger.transfers
            where transfers.org_id = wanted.org_id
                and transfers.key >= wanted.key
                and transfers.key <= wanted.key
            order by transfers.key
            limit 1
        ) t
        """;

    private const string HoldKeysSql = """
        select wanted.org_id, wanted.key, h.hold_id, h.body_hash
        from (select unnest($1::uuid[]) as org_id, unnest($2::text[]) as key) wanted
        cross join lateral (
            select hold_id, body_hash
            from ledger.holds
            where holds.org_id = wanted.org_id
                and holds.key >= wanted.key
                and holds.key <= wanted.key
            order by holds.key
            limit 1
        ) h
        """;

    private const string HoldsSql = """
        select h.org_id, h.hold_id, h.billing_account_id, h.currency, h.key, h.body_hash, h.terms, h.overrun, h.reference,
            h.amount_micros, h.captured_micros, h.account_ids, h.part_micros, h.state, h.expires_at, h.created_at, h.ended_at
        from unnest($1::uuid[], $2::uuid[]) as wanted (org_id, hold_id)
        cross join lateral (
            select *
            from ledger.holds
            where holds.org_id = wanted.org_id
                and holds.hold_id >= wanted.hold_id
                and holds.hold_id <= wanted.hold_id
            order by holds.hold_id
            limit 1
        ) h
        """;

    private const string GrantChartsSql = """
        select wanted.org_id, wanted.grant_id, g.billing_account_id, g.currency
        from unnest($1::uuid[], $2::uuid[]) as wanted (org_id, grant_id)
        cross join lateral (
            select billing_account_id, currency
            from ledger.grants
            where grants.org_id = wanted.org_id
                and grants.grant_id >= wanted.grant_id
                and grants.grant_id <= wanted.grant_id
            order by grants.grant_id
            limit 1
        ) g
        """;

    private const string ReversalsSql = """
        select wanted.org_id, wanted.transfer_id, t.transfer_id
        from unnest($1::uuid[], $2::uuid[]) as wanted (org_id, transfer_id)
        cross join lateral (
            select transfer_id
            from ledger.transfers
            where transfers.org_id = wanted.org_id
                and transfers.reverses_transfer_id >= wanted.transfer_id
                and transfers.reverses_transfer_id <= wanted.transfer_id
            order by transfers.reverses_transfer_id
            limit 1
        ) t
        """;

    /// <summary>Locks the books and reads; books that are not there yet stay out of the answer.</summary>
    public async Task<FlushState> LockAndRead(
        NpgsqlTransaction transaction, FlushNeeds needs, LedgerCompany? company, CancellationToken cancellationToken)
    {
        var state = new FlushState();
        var rows = new List<HoldRow>();
        await using var batch = transaction.Batch();
        batch.ProbeIndexes();
        company?.Lock(batch);
        var parts = new List<Action<NpgsqlDataReader>>();
        void Ask(string sql, Action<NpgsqlDataReader> read, params object[] values)
        {
            if (((Array)values[0]).Length > 0)
            {
                batch.Sql(sql, values);
                parts.Add(read);
            }
        }

        // Before any lock: whoever has a lock never waits for somebody who opens books.
        var unknown = Array.FindAll(needs.Orgs, org => !cache.Has(new OrgId(org)));
        if (unknown.Length > 0)
        {
            batch.Sql(OpenSql, unknown, GenesisOf(unknown), Guid.Empty, DateTimeOffset.UnixEpoch);
        }

        Ask(LockSql, reader => Take(state, reader), needs.Orgs);
        Ask(TransferKeysSql, reader => AddKey(state.TransferKeys, reader), First(needs.TransferKeys), Second(needs.TransferKeys));
        Ask(HoldKeysSql, reader => AddKey(state.HoldKeys, reader), First(needs.HoldKeys), Second(needs.HoldKeys));
        Ask(HoldsSql, reader => rows.Add(HoldRow.Read(reader)), First(needs.Holds), Second(needs.Holds));
        Ask(GrantChartsSql, reader => AddGrantChart(state, reader), First(needs.Grants), Second(needs.Grants));
        Ask(
            ReversalsSql,
            reader => state.Reversals[(reader.GetGuid(0), reader.GetGuid(1))] = reader.GetGuid(2),
            First(needs.Originals),
            Second(needs.Originals));
        await using (var reader = await batch.ExecuteReaderAsync(cancellationToken))
        {
            await (company?.Read(reader, cancellationToken) ?? Task.CompletedTask);
            foreach (var part in parts)
            {
                await reader.NextResultAsync(cancellationToken);
                while (await reader.ReadAsync(cancellationToken))
                {
                    part(reader);
                }
            }
        }

        if (state.Books.Count == needs.Orgs.Length)
        {
            await ReadCharts(transaction, needs, state, rows, cancellationToken);
        }

        return state;
    }

    private async Task ReadCharts(
        NpgsqlTransaction transaction, FlushNeeds needs, FlushState state, List<HoldRow> rows, CancellationToken cancellationToken)
    {
        foreach (var row in rows)
        {
            needs.Chart(new OrgId(row.Org), row.BillingAccount, row.Currency);
        }

        foreach (var ((org, _), chart) in state.GrantCharts)
        {
            needs.Chart(new OrgId(org), chart.BillingAccount, chart.Currency);
        }

        await new ChartReader(ids).Read(transaction, needs, state, cancellationToken);
        foreach (var row in rows)
        {
            var chart = state.Books[new OrgId(row.Org)].Find(row.BillingAccount, row.Currency);
            state.Holds[(row.Org, row.Id.Value)] = row.ToHeld(chart);
        }
    }

    private void Take(FlushState state, NpgsqlDataReader reader)
    {
        var org = new OrgId(reader.GetGuid(0));
        var changedBy = reader.GetGuid(5);
        state.Books[org] = cache.Take(org, changedBy) ?? new OrgBooks(org)
        {
            TransferCount = reader.GetInt64(1),
            LastTransfer = reader.GetGuid(2),
            LastRecordedAt = reader.GetFieldValue<DateTimeOffset>(3),
            Head = reader.GetFieldValue<byte[]>(4),
            ChangedBy = changedBy,
            IsOpenedHere = reader.GetBoolean(6),
        };
    }

    private static void AddKey(Dictionary<(Guid, string), Earlier> keys, NpgsqlDataReader reader) =>
        keys[(reader.GetGuid(0), reader.GetString(1))] = new Earlier(reader.GetGuid(2), reader.GetGuid(3));

    private static void AddGrantChart(FlushState state, NpgsqlDataReader reader) =>
        state.GrantCharts[(reader.GetGuid(0), reader.GetGuid(1))] =
            new ChartKey(new BillingAccountId(reader.GetGuid(2)), Currency.Of(reader.GetString(3)));

    private static Guid[] First<T>(IReadOnlyCollection<(Guid First, T Second)> pairs) => [.. pairs.Select(pair => pair.First)];

    private static T[] Second<T>(IReadOnlyCollection<(Guid First, T Second)> pairs) => [.. pairs.Select(pair => pair.Second)];

    private const string OpenSql = """
        insert into ledger.books (org_id, transfer_count, last_transfer_id, last_recorded_at, head_hash, changed_by)
        select org_id, 0, $3, $4, head_hash, $3
        from unnest($1::uuid[], $2::bytea[]) as opened (org_id, head_hash)
        on conflict (org_id) do nothing
        """;

    /// <summary>Opens the books of organisations that have none.</summary>
    public static async Task Open(NpgsqlTransaction transaction, Guid[] orgs, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(OpenSql, orgs, GenesisOf(orgs), Guid.Empty, DateTimeOffset.UnixEpoch);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static byte[][] GenesisOf(Guid[] orgs) => Array.ConvertAll(orgs, org => ChainHash.Genesis(new OrgId(org)));
}
