using System.Text.Json;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>
/// Writes what a flush decided, in one round trip. The reader has told the planner to find each row by its key. Arrays are
/// unnested side by side in a select list: as a function in a from clause each would be stored once more before it is read.
/// </summary>
internal static class BooksWriter
{
    // The guard can only fail when the lock was not held: then nothing of the flush may stand.
    private const string BooksSql = """
        with written as (
            update ledger.books
            set transfer_count = changed.transfer_count,
                last_transfer_id = changed.last_transfer_id,
                last_recorded_at = changed.last_recorded_at,
                head_hash = changed.head_hash,
                changed_by = $7
            from (
                select unnest($1::uuid[]) as org_id, unnest($2::bigint[]) as transfer_count, unnest($3::uuid[]) as last_transfer_id,
                    unnest($4::timestamptz[]) as last_recorded_at, unnest($5::bytea[]) as head_hash,
                    unnest($6::uuid[]) as changed_before_by
            ) changed
            where books.org_id = changed.org_id
                and books.changed_by = changed.changed_before_by
            returning 1
        )
        select ledger.require_all_written('books', count(*), $8)
        from written
        """;

    // The same for books that are only looked at, before any are changed: the probes lock in the order of the array.
    private const string RememberedSql = """
        select ledger.require_all_written('books', count(*), $3)
        from (select unnest($1::uuid[]) as org_id, unnest($2::uuid[]) as changed_by) remembered
        cross join lateral (
            select 1
            from ledger.books
            where books.org_id = remembered.org_id
                and books.changed_by = remembered.changed_by
            for update
        ) found
        """;

    // Of commands that come to nothing no row is inserted whose unique key would show that they came before.
    private const string NewTransferKeysSql = """
        select ledger.require_all_written('keys', count(*), 0)
        from (select unnest($1::uuid[]) as org_id, unnest($2::text[]) as key) wanted
        cross join lateral (
            select 1
            from ledger.transfers
            where transfers.org_id = wanted.org_id
                and transfers.key >= wanted.key
                and transfers.key <= wanted.key
            order by transfers.key
            limit 1
        ) taken
        """;

    private const string NewHoldKeysSql = """
        select ledger.require_all_written('keys', count(*), 0)
        from (select unnest($1::uuid[]) as org_id, unnest($2::text[]) as key) wanted
        cross join lateral (
            select 1
            from ledger.holds
            where holds.org_id = wanted.org_id
                and holds.key >= wanted.key
                and holds.key <= wanted.key
            order by holds.key
            limit 1
        ) taken
        """;

    private const string AccountsSql = """
        with written as (
            update ledger.accounts
            set balance_micros = changed.balance_micros,
                held_micros = changed.held_micros,
                spent_micros = changed.spent_micros,
                spent_at_count = changed.spent_at_count,
                credit_limit_micros = changed.credit_limit_micros
            from (
                select unnest($1::uuid[]) as org_id, unnest($2::uuid[]) as account_id, unnest($3::bigint[]) as balance_micros,
                    unnest($4::bigint[]) as held_micros, unnest($5::bigint[]) as spent_micros,
                    unnest($6::bigint[]) as spent_at_count, unnest($7::bigint[]) as credit_limit_micros
            ) changed
            where accounts.org_id = changed.org_id
                and accounts.account_id = changed.account_id
            returning 1
        )
        select ledger.require_all_written('accounts', count(*), $8)
        from written
        """;

    private const string NewAccountsSql = """
        insert into ledger.accounts
            (org_id, account_id, billing_account_id, kind, currency, balance_micros, held_micros, spent_micros,
            spent_at_count, credit_limit_micros, created_at)
        select org_id, account_id, billing_account_id, kind, currency, balance_micros, held_micros, spent_micros,
            spent_at_count, credit_limit_micros, $11
        from unnest(
            $1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[],
            $10::bigint[])
            as opened (org_id, account_id, billing_account_id, kind, currency, balance_micros, held_micros, spent_micros,
                spent_at_count, credit_limit_micros)
        """;

    // Arrays of arrays must be rectangular in PostgreSQL; scopes of grants are not, so they travel as text.
    private const string GrantsSql = """
        insert into ledger.grants
            (org_id, grant_id, billing_account_id, currency, source, priority, granted_micros, effective_at, expires_at,
            scopes, reference, created_at, state, waits, voided_at, ended_at, due_at)
        select org_id, grant_id, billing_account_id, currency, source, priority, granted_micros, effective_at, expires_at,
            array(select jsonb_array_elements_text(scopes::jsonb)), reference, created_at, state, waits, voided_at, ended_at, due_at
        from unnest(
            $1::uuid[], $2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::smallint[], $7::bigint[], $8::timestamptz[],
            $9::timestamptz[], $10::text[], $11::text[], $12::timestamptz[], $13::text[], $14::boolean[], $15::timestamptz[],
            $16::timestamptz[], $17::timestamptz[])
            as changed (org_id, grant_id, billing_account_id, currency, source, priority, granted_micros, effective_at,
                expires_at, scopes, reference, created_at, state, waits, voided_at, ended_at, due_at)
        on conflict (org_id, grant_id) do update
        set state = excluded.state,
            waits = excluded.waits,
            voided_at = excluded.voided_at,
            ended_at = excluded.ended_at,
            due_at = excluded.due_at
        """;

    private const string HoldsSql = """
        insert into ledger.holds
            (org_id, hold_id, billing_account_id, currency, key, body_hash, terms, overrun, reference, amount_micros,
            captured_micros, account_ids, part_micros, state, expires_at, created_at, ended_at)
        select org_id, hold_id, billing_account_id, currency, key, body_hash, terms, overrun, reference, amount_micros,
            captured_micros, account_ids::uuid[], part_micros::bigint[], state, expires_at, created_at, ended_at
        from (
            select unnest($1::uuid[]) as org_id, unnest($2::uuid[]) as hold_id, unnest($3::uuid[]) as billing_account_id,
                unnest($4::text[]) as currency, unnest($5::text[]) as key, unnest($6::uuid[]) as body_hash,
                unnest($7::text[]) as terms, unnest($8::text[]) as overrun, unnest($9::text[]) as reference,
                unnest($10::bigint[]) as amount_micros, unnest($11::bigint[]) as captured_micros,
                unnest($12::text[]) as account_ids, unnest($13::text[]) as part_micros, unnest($14::text[]) as state,
                unnest($15::timestamptz[]) as expires_at, unnest($16::timestamptz[]) as created_at,
                unnest($17::timestamptz[]) as ended_at
        ) made
        """;

    // Several indexes begin with the organisation, and of few rows each looks like the right one: so each hold is probed for as
    // the reader does, and updated where it was found. Its address is good for as long as the books are locked.
    private const string ChangedHoldsSql = """
        with written as (
            update ledger.holds
            set amount_micros = changed.amount_micros,
                captured_micros = changed.captured_micros,
                account_ids = changed.account_ids::uuid[],
                part_micros = changed.part_micros::bigint[],
                state = changed.state,
                expires_at = changed.expires_at,
                ended_at = changed.ended_at
            from (
                select unnest($1::uuid[]) as org_id, unnest($2::uuid[]) as hold_id, unnest($3::bigint[]) as amount_micros,
                    unnest($4::bigint[]) as captured_micros, unnest($5::text[]) as account_ids, unnest($6::text[]) as part_micros,
                    unnest($7::text[]) as state, unnest($8::timestamptz[]) as expires_at, unnest($9::timestamptz[]) as ended_at
            ) changed
            cross join lateral (
                select probed.ctid as address
                from ledger.holds probed
                where probed.org_id = changed.org_id
                    and probed.hold_id >= changed.hold_id
                    and probed.hold_id <= changed.hold_id
                order by probed.hold_id
                limit 1
            ) found
            where holds.ctid = found.address
            returning 1
        )
        select ledger.require_all_written('holds', count(*), $10)
        from written
        """;

    private const string TransfersSql = """
        insert into ledger.transfers
            (org_id, transfer_id, billing_account_id, key, body_hash, kind, reference, metadata, reverses_transfer_id,
            occurred_at, recorded_at, chain_count, chain_hash)
        select unnest($1::uuid[]), unnest($2::uuid[]), unnest($3::uuid[]), unnest($4::text[]), unnest($5::uuid[]),
            unnest($6::text[]), unnest($7::text[]), unnest($8::text[]), unnest($9::uuid[]), unnest($10::timestamptz[]),
            unnest($11::timestamptz[]), unnest($12::bigint[]), unnest($13::bytea[])
        """;

    private const string EntriesSql = """
        insert into ledger.entries
            (org_id, transfer_id, ordinal, account_id, currency, amount_micros, balance_after_micros)
        select unnest($1::uuid[]), unnest($2::uuid[]), unnest($3::smallint[]), unnest($4::uuid[]), unnest($5::text[]),
            unnest($6::bigint[]), unnest($7::bigint[])
        """;

    /// <summary>Writes all of a flush.</summary>
    /// <param name="transaction">Where.</param>
    /// <param name="draft">What.</param>
    /// <param name="others">Adds a caller's own statements; null adds none.</param>
    /// <param name="commits">Whether to end the transaction with it.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public static async Task Write(
        NpgsqlTransaction transaction,
        FlushDraft draft,
        Action<NpgsqlBatch>? others,
        bool commits,
        CancellationToken cancellationToken)
    {
        await using var batch = transaction.Batch();
        if (!draft.IsEmpty)
        {
            Write(batch, draft);
        }

        others?.Invoke(batch);
        if (commits)
        {
            // The driver sees the transaction end by what the server says, not by who asked for it.
            batch.Sql("commit");
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <summary>
    /// Writes all of a flush that was decided from memory, in a transaction of its own, which is the round trip itself.
    /// </summary>
    /// <param name="connection">Where.</param>
    /// <param name="draft">What.</param>
    /// <param name="needs">What was looked at.</param>
    /// <param name="state">What was remembered of it.</param>
    /// <param name="before">Adds a caller's own statements before those that lock the books; null adds none.</param>
    /// <param name="after">Adds a caller's own statements after all others.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>False when the books are others by now or a key is taken: then nothing was written.</returns>
    public static async Task<bool> TryWrite(
        NpgsqlConnection connection,
        FlushDraft draft,
        FlushNeeds needs,
        FlushState state,
        Action<NpgsqlBatch>? before,
        Action<NpgsqlBatch> after,
        CancellationToken cancellationToken)
    {
        await using var batch = connection.Batch();
        batch.ProbeIndexes();
        before?.Invoke(batch);
        if (draft.Books.Count < needs.Orgs.Length)
        {
            batch.Sql(
                RememberedSql,
                needs.Orgs,
                Array.ConvertAll(needs.Orgs, org => state.Books[new OrgId(org)].ChangedBy),
                (long)needs.Orgs.Length);
        }

        // Nobody has locked them for us: every flush locks in one order.
        draft.Books.Sort((one, other) => one.Org.Value.CompareTo(other.Org.Value));
        Write(batch, draft);
        RequireNew(batch, NewTransferKeysSql, needs.TransferKeys, state.TransferKeys);
        RequireNew(batch, NewHoldKeysSql, needs.HoldKeys, state.HoldKeys);
        after(batch);
        try
        {
            await batch.ExecuteNonQueryAsync(cancellationToken);
            return true;
        }
        catch (PostgresException miss) when (
            miss.SqlState is PostgresErrorCodes.IntegrityConstraintViolation or PostgresErrorCodes.UniqueViolation)
        {
            return false;
        }
    }

    private static void RequireNew(
        NpgsqlBatch batch, string sql, List<(Guid Org, string Key)> wanted, Dictionary<(Guid Org, string Key), Earlier> written)
    {
        var others = wanted.FindAll(key => !written.ContainsKey(key));
        if (others.Count > 0)
        {
            batch.Sql(sql, Column(others, key => key.Org), Column(others, key => key.Key));
        }
    }

    private static void Write(NpgsqlBatch batch, FlushDraft draft)
    {
        WriteBooks(batch, draft);
        var opened = draft.Accounts.FindAll(account => account.IsNew);
        if (opened.Count > 0)
        {
            WriteNewAccounts(batch, opened, draft.Now);
        }

        if (opened.Count < draft.Accounts.Count)
        {
            WriteAccounts(batch, opened.Count == 0 ? draft.Accounts : draft.Accounts.FindAll(account => !account.IsNew));
        }

        ChartAccount[] grants = [.. draft.Accounts.Where(account => account.Terms is not null && MustWriteTerms(account))];
        if (grants.Length > 0)
        {
            WriteGrants(batch, grants);
        }

        var made = draft.Holds.FindAll(hold => !hold.IsStored);
        if (made.Count > 0)
        {
            WriteHolds(batch, made);
        }

        if (made.Count < draft.Holds.Count)
        {
            WriteChangedHolds(batch, made.Count == 0 ? draft.Holds : draft.Holds.FindAll(hold => hold.IsStored));
        }

        if (draft.Transfers.Count > 0)
        {
            WriteTransfers(batch, draft.Transfers);
        }

        if (draft.Entries.Count > 0)
        {
            WriteEntries(batch, draft.Entries);
        }
    }

    private static bool MustWriteTerms(ChartAccount grant) => grant.IsNew || grant.StoredState != grant.State;

    private static void WriteBooks(NpgsqlBatch batch, FlushDraft draft) => batch.Sql(
        BooksSql,
        Column(draft.Books, books => books.Org.Value),
        Column(draft.Books, books => books.TransferCount),
        Column(draft.Books, books => books.LastTransfer),
        Column(draft.Books, books => books.LastRecordedAt),
        Column(draft.Books, books => books.Head),
        Column(draft.Books, books => books.ChangedBy),
        draft.Id,
        (long)draft.Books.Count);

    private static void WriteAccounts(NpgsqlBatch batch, List<ChartAccount> accounts) => batch.Sql(
        AccountsSql,
        Column(accounts, account => account.Chart.Org.Value),
        Column(accounts, account => account.Id.Value),
        Column(accounts, account => account.BalanceMicros),
        Column(accounts, account => account.HeldMicros),
        Column(accounts, account => account.SpentMicros),
        Column(accounts, account => account.SpentAtCount),
        Column(accounts, account => account.CreditLimitMicros),
        (long)accounts.Count);

    private static void WriteNewAccounts(NpgsqlBatch batch, List<ChartAccount> accounts, DateTimeOffset now) => batch.Sql(
        NewAccountsSql,
        Column(accounts, account => account.Chart.Org.Value),
        Column(accounts, account => account.Id.Value),
        Column(accounts, account => account.Chart.BillingAccount.Value),
        Column(accounts, account => account.Kind.Name()),
        Column(accounts, account => account.Chart.Currency.Code),
        Column(accounts, account => account.BalanceMicros),
        Column(accounts, account => account.HeldMicros),
        Column(accounts, account => account.SpentMicros),
        Column(accounts, account => account.SpentAtCount),
        Column(accounts, account => account.CreditLimitMicros),
        now);

    private static void WriteGrants(NpgsqlBatch batch, ChartAccount[] grants) => batch.Sql(
        GrantsSql,
        Column(grants, grant => grant.Chart.Org.Value),
        Column(grants, grant => grant.Id.Value),
        Column(grants, grant => grant.Chart.BillingAccount.Value),
        Column(grants, grant => grant.Chart.Currency.Code),
        Column(grants, grant => grant.Terms!.Source.Name()),
        Column(grants, grant => (short)grant.Terms!.Priority),
        Column(grants, grant => grant.Terms!.Granted.Micros),
        Column(grants, grant => grant.Terms!.EffectiveAt),
        Column(grants, grant => grant.Terms!.ExpiresAt),
        Column(grants, grant => JsonSerializer.Serialize(grant.Terms!.Scopes)),
        Column(grants, grant => grant.Terms!.Reference),
        Column(grants, grant => grant.Terms!.CreatedAt),
        Column(grants, grant => grant.State.Name()),
        Column(grants, grant => grant.Waits),
        Column(grants, grant => grant.VoidedAt),
        Column(grants, grant => grant.EndedAt),
        Column(grants, grant => grant.DueAt));

    private static void WriteHolds(NpgsqlBatch batch, List<HeldMoney> holds) => batch.Sql(
        HoldsSql,
        Column(holds, hold => hold.Org.Value),
        Column(holds, hold => hold.Id.Value),
        Column(holds, hold => hold.Chart.BillingAccount.Value),
        Column(holds, hold => hold.Chart.Currency.Code),
        Column(holds, hold => hold.Key),
        Column(holds, hold => hold.BodyHash),
        Column(holds, hold => hold.Terms.Name()),
        Column(holds, hold => hold.Overrun.Name()),
        Column(holds, hold => hold.Reference),
        Column(holds, hold => hold.AmountMicros),
        Column(holds, hold => hold.CapturedMicros),
        Column(holds, AccountsOf),
        Column(holds, PartsOf),
        Column(holds, hold => hold.State.Name()),
        Column(holds, hold => hold.ExpiresAt),
        Column(holds, hold => hold.CreatedAt),
        Column(holds, hold => hold.EndedAt));

    private static void WriteChangedHolds(NpgsqlBatch batch, List<HeldMoney> holds) => batch.Sql(
        ChangedHoldsSql,
        Column(holds, hold => hold.Org.Value),
        Column(holds, hold => hold.Id.Value),
        Column(holds, hold => hold.AmountMicros),
        Column(holds, hold => hold.CapturedMicros),
        Column(holds, AccountsOf),
        Column(holds, PartsOf),
        Column(holds, hold => hold.State.Name()),
        Column(holds, hold => hold.ExpiresAt),
        Column(holds, hold => hold.EndedAt),
        (long)holds.Count);

    private static string AccountsOf(HeldMoney hold) =>
        hold.Parts is [var only]
            ? $"{{{only.Account.Id.Value}}}"
            : $"{{{string.Join(',', hold.Parts.Select(part => part.Account.Id.Value))}}}";

    private static string PartsOf(HeldMoney hold) =>
        hold.Parts is [var only] ? $"{{{only.Micros}}}" : $"{{{string.Join(',', hold.Parts.Select(part => part.Micros))}}}";

    private static void WriteTransfers(NpgsqlBatch batch, List<DraftTransfer> transfers) => batch.Sql(
        TransfersSql,
        Column(transfers, transfer => transfer.Org),
        Column(transfers, transfer => transfer.Id),
        Column(transfers, transfer => transfer.BillingAccount),
        Column(transfers, transfer => transfer.Key),
        Column(transfers, transfer => transfer.BodyHash),
        Column(transfers, transfer => transfer.Kind),
        Column(transfers, transfer => transfer.Reference),
        Column(transfers, transfer => transfer.Metadata!),
        Column(transfers, transfer => transfer.Reverses),
        Column(transfers, transfer => transfer.OccurredAt),
        Column(transfers, transfer => transfer.RecordedAt),
        Column(transfers, transfer => transfer.ChainCount),
        Column(transfers, transfer => transfer.ChainHash));

    private static void WriteEntries(NpgsqlBatch batch, List<DraftEntry> entries) => batch.Sql(
        EntriesSql,
        Column(entries, entry => entry.Org),
        Column(entries, entry => entry.Transfer),
        Column(entries, entry => entry.Ordinal),
        Column(entries, entry => entry.Account),
        Column(entries, entry => entry.Currency.Code),
        Column(entries, entry => entry.Micros),
        Column(entries, entry => entry.BalanceAfterMicros));

    private static TValue[] Column<TRow, TValue>(IReadOnlyList<TRow> rows, Func<TRow, TValue> value)
    {
        var column = new TValue[rows.Count];
        for (var index = 0; index < column.Length; index++)
        {
            column[index] = value(rows[index]);
        }

        return column;
    }
}
