using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Limiting.Internal;

/// <summary>Budgets as rows: locked in the order of their keys, written set-based.</summary>
internal static class BudgetRows
{
    /// <summary>What <see cref="Read"/> reads.</summary>
    public const string Columns = """
        b.org_id, b.budget_id, b.scope_kind, b.scope_id, b.currency, b.amount_micros, b.window_text, b.posture,
            b.thresholds_percent, b.starts_at, b.ended_at, b.window_start, b.reserved_micros, b.spent_micros, b.told_percent,
            b.changed_at
        """;

    private const string LockByScopeSql = $"""
        select {Columns}
        from (
            select distinct unnest($1::uuid[]) as org_id, unnest($2::text[]) as scope_kind, unnest($3::text[]) as scope_id
        ) wanted
        join limits.budgets b
            on b.org_id = wanted.org_id
            and b.scope_kind = wanted.scope_kind
            and b.scope_id = wanted.scope_id
            and b.ended_at is null
        order by b.org_id, b.budget_id
        for update of b
        """;

    /// <summary>Locks the budgets of some requests' scopes.</summary>
    public static void LockByScope(NpgsqlBatch batch, IReadOnlyList<ReserveWork> works)
    {
        var count = works.Sum(work => work.Scopes.Length);
        var (orgs, kinds, ids) = (new Guid[count], new string[count], new string[count]);
        var index = 0;
        foreach (var work in works)
        {
            foreach (var scope in work.Scopes)
            {
                (orgs[index], kinds[index], ids[index]) = (work.Org.Value, scope.Kind, scope.Id);
                index++;
            }
        }

        batch.Sql(LockByScopeSql, orgs, kinds, ids);
    }

    private const string LockOfReservationsSql = $"""
        select {Columns}
        from limits.budgets b
        join (
            select distinct r.org_id, unnest(r.budget_ids) as budget_id
            from (select unnest($1::uuid[]) as org_id, unnest($2::text[]) as key) named
            join limits.spend_reservations r
                on r.org_id = named.org_id
                and r.key = named.key
        ) counted
            on counted.org_id = b.org_id
            and counted.budget_id = b.budget_id
        order by b.org_id, b.budget_id
        for update of b
        """;

    /// <summary>Locks the budgets that some reservations count in.</summary>
    public static void LockOfReservations(NpgsqlBatch batch, Guid[] orgs, string[] keys) =>
        batch.Sql(LockOfReservationsSql, orgs, keys);

    /// <summary>A row of <see cref="Columns"/>.</summary>
    public static OpenBudget Read(NpgsqlDataReader reader) => new(
        new Budget(
            new BudgetId(reader.GetGuid(1)),
            new OrgId(reader.GetGuid(0)),
            new SpendScope(reader.GetString(2), reader.GetString(3)),
            new Money(reader.GetInt64(5), Currency.Of(reader.GetString(4))),
            BudgetWindow.Parse(reader.GetString(6))
                ?? throw new InvalidOperationException($"'{reader.GetString(6)}' is no window."),
            StoredWord.Read<SpendPosture>(reader.GetString(7)),
            reader.GetFieldValue<int[]>(8),
            reader.GetFieldValue<DateTimeOffset>(9))
        {
            EndedAt = reader.IsDBNull(10) ? null : reader.GetFieldValue<DateTimeOffset>(10),
        },
        reader.GetFieldValue<DateTimeOffset>(11),
        reader.GetDecimal(12),
        reader.GetDecimal(13),
        reader.GetInt32(14),
        reader.GetFieldValue<DateTimeOffset>(15));

    // The count can only differ when a lock was not held: then nothing of the flush may stand.
    private const string WriteSql = """
        with written as (
            update limits.budgets
            set window_start = changed.window_start,
                reserved_micros = changed.reserved_micros,
                spent_micros = changed.spent_micros,
                told_percent = changed.told_percent
            from (
                select unnest($1::uuid[]) as org_id, unnest($2::uuid[]) as budget_id, unnest($3::timestamptz[]) as window_start,
                    unnest($4::numeric[]) as reserved_micros, unnest($5::numeric[]) as spent_micros,
                    unnest($6::integer[]) as told_percent
            ) changed
            where budgets.org_id = changed.org_id
                and budgets.budget_id = changed.budget_id
            returning 1
        )
        select limits.require_all_written(count(*), $7)
        from written
        """;

    private const string PastSql = """
        insert into limits.budget_windows (org_id, budget_id, window_start, spent_micros)
        select org_id, budget_id, window_start, sum(spent_micros)
        from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::numeric[])
            as past (org_id, budget_id, window_start, spent_micros)
        group by org_id, budget_id, window_start
        order by org_id, budget_id, window_start
        on conflict (org_id, budget_id, window_start) do update
        set spent_micros = budget_windows.spent_micros + excluded.spent_micros
        """;

    /// <summary>Writes the budgets that changed.</summary>
    public static void Write(NpgsqlBatch batch, IEnumerable<OpenBudget> budgets)
    {
        OpenBudget[] changed = [.. budgets.Where(one => one.IsChanged)];
        if (changed.Length > 0)
        {
            batch.Sql(
                WriteSql,
                Array.ConvertAll(changed, one => one.Budget.Org.Value),
                Array.ConvertAll(changed, one => one.Budget.Id.Value),
                Array.ConvertAll(changed, one => one.WindowStart),
                Array.ConvertAll(changed, one => one.ReservedMicros),
                Array.ConvertAll(changed, one => one.SpentMicros),
                Array.ConvertAll(changed, one => one.ToldPercent),
                (long)changed.Length);
        }

        WritePast(batch, budgets);
    }

    // Nobody has locked them: they are written only if each is as it was remembered, its terms included, and if the scopes
    // that were looked at have no other budgets than those that were known.
    private const string WriteRememberedSql = """
        with written as (
            update limits.budgets
            set window_start = changed.window_start,
                reserved_micros = changed.reserved_micros,
                spent_micros = changed.spent_micros,
                told_percent = changed.told_percent
            from (
                select unnest($1::uuid[]) as org_id, unnest($2::uuid[]) as budget_id, unnest($3::timestamptz[]) as window_start,
                    unnest($4::numeric[]) as reserved_micros, unnest($5::numeric[]) as spent_micros,
                    unnest($6::integer[]) as told_percent, unnest($7::timestamptz[]) as changed_at,
                    unnest($8::timestamptz[]) as old_window_start, unnest($9::numeric[]) as old_reserved_micros,
                    unnest($10::numeric[]) as old_spent_micros, unnest($11::integer[]) as old_told_percent
            ) changed
            where budgets.org_id = changed.org_id
                and budgets.budget_id = changed.budget_id
                and budgets.changed_at = changed.changed_at
                and budgets.window_start = changed.old_window_start
                and budgets.reserved_micros = changed.old_reserved_micros
                and budgets.spent_micros = changed.old_spent_micros
                and budgets.told_percent = changed.old_told_percent
            returning 1
        )
        select limits.require_all_written((select count(*) from written), $12), limits.require_all_written(count(*), $16)
        from (select unnest($13::uuid[]) as org_id, unnest($14::text[]) as scope_kind, unnest($15::text[]) as scope_id) scopes
        cross join lateral (
            select 1
            from limits.budgets
            where budgets.org_id = scopes.org_id
                and budgets.scope_kind = scopes.scope_kind
                and budgets.scope_id >= scopes.scope_id
                and budgets.scope_id <= scopes.scope_id
                and budgets.ended_at is null
            order by budgets.scope_id
        ) live
        """;

    /// <summary>Writes budgets that were remembered and have changed, in the order in which all lock them.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="budgets">The budgets.</param>
    /// <param name="scopes">The scopes that were looked at, each once.</param>
    /// <param name="live">How many budgets these are known to have.</param>
    public static void WriteRemembered(
        NpgsqlBatch batch,
        IReadOnlyCollection<OpenBudget> budgets,
        IReadOnlyCollection<(OrgId Org, SpendScope Scope)> scopes,
        int live)
    {
        OpenBudget[] changed = [.. budgets.Where(one => one.IsChanged)];
        if (changed.Length > 0 || scopes.Count > 0)
        {
            Array.Sort(changed, static (one, other) =>
                one.Budget.Org.Value.CompareTo(other.Budget.Org.Value) is not 0 and var order
                    ? order
                    : one.Budget.Id.Value.CompareTo(other.Budget.Id.Value));
            batch.Sql(
                WriteRememberedSql,
                Array.ConvertAll(changed, one => one.Budget.Org.Value),
                Array.ConvertAll(changed, one => one.Budget.Id.Value),
                Array.ConvertAll(changed, one => one.WindowStart),
                Array.ConvertAll(changed, one => one.ReservedMicros),
                Array.ConvertAll(changed, one => one.SpentMicros),
                Array.ConvertAll(changed, one => one.ToldPercent),
                Array.ConvertAll(changed, one => one.ChangedAt),
                Array.ConvertAll(changed, one => one.Stored.WindowStart),
                Array.ConvertAll(changed, one => one.Stored.ReservedMicros),
                Array.ConvertAll(changed, one => one.Stored.SpentMicros),
                Array.ConvertAll(changed, one => one.Stored.ToldPercent),
                (long)changed.Length,
                scopes.Select(one => one.Org.Value).ToArray(),
                scopes.Select(one => one.Scope.Kind).ToArray(),
                scopes.Select(one => one.Scope.Id).ToArray(),
                (long)live);
        }

        WritePast(batch, budgets);
    }

    private static void WritePast(NpgsqlBatch batch, IEnumerable<OpenBudget> budgets)
    {
        (OpenBudget Open, DateTimeOffset WindowStart, decimal Micros)[] past =
            [.. budgets.SelectMany(one => one.Past.Select(part => (one, part.WindowStart, part.Micros)))];
        if (past.Length > 0)
        {
            batch.Sql(
                PastSql,
                Array.ConvertAll(past, one => one.Open.Budget.Org.Value),
                Array.ConvertAll(past, one => one.Open.Budget.Id.Value),
                Array.ConvertAll(past, one => one.WindowStart),
                Array.ConvertAll(past, one => one.Micros));
        }
    }
}
