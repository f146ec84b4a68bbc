using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;

namespace Quoin.Limiting.Internal;

/// <summary>Reservations of money as rows.</summary>
internal static class SpendRows
{
    private const string Columns = """
        r.org_id, r.key, r.billing_account_id, r.currency, r.amount_micros, r.hold_id, r.reference, r.details, r.budget_ids,
            r.window_starts, r.state, r.lapses_at, r.hold_expires_at, r.spent_micros, r.reserved_at, r.ended_at
        """;

    // Arrays of arrays must be rectangular in PostgreSQL; budgets of reservations are not, so they travel as text.
    private const string InsertSql = """
        insert into limits.spend_reservations
            (org_id, key, billing_account_id, currency, amount_micros, hold_id, reference, details, budget_ids, window_starts,
            state, lapses_at, hold_expires_at, reserved_at)
        select org_id, key, billing_account_id, currency, amount_micros, hold_id, reference, details, budget_ids::uuid[],
            window_starts::timestamptz[], 'held', lapses_at, hold_expires_at, $13
        from (
            select unnest($1::uuid[]) as org_id, unnest($2::text[]) as key, unnest($3::uuid[]) as billing_account_id,
                unnest($4::text[]) as currency, unnest($5::bigint[]) as amount_micros, unnest($6::uuid[]) as hold_id,
                unnest($7::text[]) as reference, unnest($8::text[]) as details, unnest($9::text[]) as budget_ids,
                unnest($10::text[]) as window_starts, unnest($11::timestamptz[]) as lapses_at,
                unnest($12::timestamptz[]) as hold_expires_at
        ) reserved
        """;

    /// <summary>Writes reservations that were made.</summary>
    public static void Insert(NpgsqlBatch batch, (ReserveWork Work, Money Amount, HoldId Hold)[] made, DateTimeOffset now) =>
        batch.Sql(
            InsertSql,
            Array.ConvertAll(made, one => one.Work.Org.Value),
            Array.ConvertAll(made, one => one.Work.Request.Key),
            Array.ConvertAll(made, one => one.Work.Request.BillingAccount.Value),
            Array.ConvertAll(made, one => one.Amount.Currency.Code),
            Array.ConvertAll(made, one => one.Amount.Micros),
            Array.ConvertAll(made, one => one.Hold.Value),
            Array.ConvertAll(made, one => one.Work.Request.Reference),
            Array.ConvertAll(made, one => one.Work.Request.Details),
            Array.ConvertAll(made, one => $"{{{string.Join(',', one.Work.Budgets.Select(open => open.Budget.Id.Value))}}}"),
            Array.ConvertAll(made, one => $"{{{string.Join(',', one.Work.Budgets.Select(open => Quoted(open.WindowStart)))}}}"),
            Array.ConvertAll(made, one => now + one.Work.Request.HeldFor),
            Array.ConvertAll(made, one => one.Work.HoldExpiresAt),
            now);

    private static string Quoted(DateTimeOffset instant) => $"\"{Rfc3339.Format(instant)}\"";

    private const string LockSql = $"""
        select {Columns}
        from (select distinct unnest($1::uuid[]) as org_id, unnest($2::text[]) as key) named
        join limits.spend_reservations r
            on r.org_id = named.org_id
            and r.key = named.key
        order by r.org_id, r.key
        for update of r
        """;

    private const string HoldsSql = """
        select r.org_id, r.key, r.hold_id
        from (select distinct unnest($1::uuid[]) as org_id, unnest($2::text[]) as key) named
        join limits.spend_reservations r
            on r.org_id = named.org_id
            and r.key = named.key
        """;

    /// <summary>The holds of some reservations; of those that are there.</summary>
    public static async Task<IReadOnlyDictionary<ReservationKey, HoldId>> Holds(
        NpgsqlTransaction transaction, ReservationKey[] keys, CancellationToken cancellationToken)
    {
        var holds = new Dictionary<ReservationKey, HoldId>(keys.Length);
        await using var command = transaction.Sql(
            HoldsSql, Array.ConvertAll(keys, key => key.Org.Value), Array.ConvertAll(keys, key => key.Key));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            holds[new ReservationKey(new OrgId(reader.GetGuid(0)), reader.GetString(1))] = new HoldId(reader.GetGuid(2));
        }

        return holds;
    }

    private const string LockLapsedSql = $"""
        select {Columns}
        from limits.spend_reservations r
        join (
            select org_id, key
            from limits.spend_reservations
            where state in ('held', 'in_review')
                and lapses_at <= $1
            order by lapses_at
            limit $2
        ) lapsed
            on lapsed.org_id = r.org_id
            and lapsed.key = r.key
        where r.state in ('held', 'in_review')
            and r.lapses_at <= $1
        order by r.org_id, r.key
        for update of r skip locked
        """;

    /// <summary>Locks some reservations, in the order of their keys, then the budgets they count in, and reads both.</summary>
    public static async Task<SpendChanges> Lock(
        NpgsqlTransaction transaction, IReadOnlyList<ReservationKey> keys, CancellationToken cancellationToken)
    {
        Guid[] orgs = [.. keys.Select(key => key.Org.Value)];
        string[] texts = [.. keys.Select(key => key.Key)];
        await using var batch = transaction.Batch();
        batch.ProbeIndexes();
        batch.Sql(LockSql, orgs, texts);
        BudgetRows.LockOfReservations(batch, orgs, texts);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        var changes = new SpendChanges(await ReadAll(reader, cancellationToken));
        await reader.NextResultAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            changes.Budgets.Open(BudgetRows.Read(reader));
        }

        return changes;
    }

    /// <summary>Locks reservations whose time is over, and the budgets they count in.</summary>
    public static async Task<SpendChanges> LockLapsed(
        NpgsqlTransaction transaction, DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        IReadOnlyList<SpendReservation> lapsed;
        await using (var command = transaction.Sql(LockLapsedSql, now, limit))
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            lapsed = await ReadAll(reader, cancellationToken);
        }

        return lapsed.Count == 0
            ? new SpendChanges([])
            : await Lock(transaction, [.. lapsed.Select(one => one.Key)], cancellationToken);
    }

    private static async Task<IReadOnlyList<SpendReservation>> ReadAll(
        NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var rows = new List<SpendReservation>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(Read(reader));
        }

        return rows;
    }

    private static SpendReservation Read(NpgsqlDataReader reader) => new()
    {
        Key = new ReservationKey(new OrgId(reader.GetGuid(0)), reader.GetString(1)),
        BillingAccount = new BillingAccountId(reader.GetGuid(2)),
        Amount = new Money(reader.GetInt64(4), Currency.Of(reader.GetString(3))),
        Hold = new HoldId(reader.GetGuid(5)),
        Reference = reader.GetString(6),
        Details = reader.IsDBNull(7) ? null : reader.GetString(7),
        BudgetIds = reader.GetFieldValue<Guid[]>(8),
        WindowStarts = reader.GetFieldValue<DateTimeOffset[]>(9),
        State = StoredWord.Read<SpendState>(reader.GetString(10)),
        LapsesAt = reader.GetFieldValue<DateTimeOffset>(11),
        HoldExpiresAt = reader.GetFieldValue<DateTimeOffset>(12),
        SpentMicros = reader.IsDBNull(13) ? null : reader.GetDecimal(13),
        ReservedAt = reader.GetFieldValue<DateTimeOffset>(14),
        EndedAt = reader.IsDBNull(15) ? null : reader.GetFieldValue<DateTimeOffset>(15),
    };

    private const string UpdateSql = """
        update limits.spend_reservations
        set state = changed.state,
            amount_micros = changed.amount_micros,
            details = changed.details,
            lapses_at = changed.lapses_at,
            hold_expires_at = changed.hold_expires_at,
            spent_micros = changed.spent_micros,
            ended_at = changed.ended_at
        from (
            select unnest($1::uuid[]) as org_id, unnest($2::text[]) as key, unnest($3::text[]) as state,
                unnest($4::text[]) as details, unnest($5::timestamptz[]) as lapses_at,
                unnest($6::timestamptz[]) as hold_expires_at, unnest($7::numeric[]) as spent_micros,
                unnest($8::timestamptz[]) as ended_at, unnest($9::bigint[]) as amount_micros
        ) changed
        where spend_reservations.org_id = changed.org_id
            and spend_reservations.key = changed.key
        """;

    /// <summary>Writes the reservations that changed.</summary>
    public static void Update(NpgsqlBatch batch, IEnumerable<SpendReservation> reservations)
    {
        SpendReservation[] changed = [.. reservations.Where(one => one.IsChanged)];
        if (changed.Length > 0)
        {
            batch.Sql(
                UpdateSql,
                Array.ConvertAll(changed, one => one.Key.Org.Value),
                Array.ConvertAll(changed, one => one.Key.Key),
                Array.ConvertAll(changed, one => StoredWord.Of(one.State)),
                Array.ConvertAll(changed, one => one.Details),
                Array.ConvertAll(changed, one => one.LapsesAt),
                Array.ConvertAll(changed, one => one.HoldExpiresAt),
                Array.ConvertAll(changed, one => one.SpentMicros),
                Array.ConvertAll(changed, one => one.EndedAt),
                Array.ConvertAll(changed, one => one.Amount.Micros));
        }
    }

    // The state is a parameter, so that no index over all open ones looks like a way to find these.
    private const string SettleRememberedSql = """
        with written as (
            update limits.spend_reservations
            set state = 'settled',
                spent_micros = changed.spent_micros,
                ended_at = $4
            from (
                select unnest($1::uuid[]) as org_id, unnest($2::text[]) as key, unnest($3::numeric[]) as spent_micros
            ) changed
            where spend_reservations.org_id = changed.org_id
                and spend_reservations.key = changed.key
                and spend_reservations.state = $5
            returning 1
        )
        select limits.require_all_written(count(*), $6)
        from written
        """;

    /// <summary>Settles reservations that are remembered, if each is still held, in the order in which all lock them.</summary>
    public static void SettleRemembered(NpgsqlBatch batch, SpendSettlement[] settled, DateTimeOffset now)
    {
        Array.Sort(settled, static (one, other) => one.Org.Value.CompareTo(other.Org.Value) is not 0 and var order
            ? order
            : string.CompareOrdinal(one.Key, other.Key));
        batch.Sql(
            SettleRememberedSql,
            Array.ConvertAll(settled, one => one.Org.Value),
            Array.ConvertAll(settled, one => one.Key),
            Array.ConvertAll(settled, one => SpendInput.Quoted(one.QuotedMicros)),
            now,
            StoredWord.Of(SpendState.Held),
            (long)settled.Length);
    }

    private const string PurgeSql = """
        delete from limits.spend_reservations r
        using (
            select org_id, key
            from limits.spend_reservations
            where ended_at is not null
                and ended_at <= $1
            order by ended_at
            limit $2
        ) as old
        where r.org_id = old.org_id
            and r.key = old.key
        """;

    /// <summary>Forgets reservations that ended a while ago.</summary>
    public static async Task Purge(NpgsqlDataSource database, DateTimeOffset now, CancellationToken cancellationToken)
    {
        int removed;
        do
        {
            await using var command = database.Sql(PurgeSql, now - Limits.SpendKeptFor, Limits.PurgedAtOnce);
            removed = await command.ExecuteNonQueryAsync(cancellationToken);
        }
        while (removed == Limits.PurgedAtOnce);
    }
}
