using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Charging.Internal;

/// <summary>A billing period of an account as it stands.</summary>
internal sealed class PeriodState(Period period)
{
    /// <summary>From when to when; its end moves where an account's plans change.</summary>
    public Period Period { get; set; } = period;

    /// <summary>What fee lines hold.</summary>
    public long FeeMicros { get; set; }

    /// <summary>What commitment lines hold.</summary>
    public long CommitMicros { get; set; }

    /// <summary>Lines and transfers made; each next one is named by its number.</summary>
    public long LineCount { get; set; }

    public DateTimeOffset? ClosedAt { get; set; }

    /// <summary>False where usage came after the closing.</summary>
    public bool IsSettled { get; set; } = true;
}

/// <summary>Billing periods and schedules as rows.</summary>
internal static class PeriodRows
{
    private const string ScheduleSql = """
        insert into charging.billing_schedules as s (org_id, billing_account_id, due_at)
        select org_id, billing_account_id, min(due_at)
        from unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) as wanted (org_id, billing_account_id, due_at)
        group by org_id, billing_account_id
        order by org_id, billing_account_id
        on conflict (org_id, billing_account_id) do update
        set due_at = excluded.due_at
        where s.due_at is null or s.due_at > excluded.due_at
        """;

    private const string OpenSql = """
        insert into charging.billing_periods (org_id, billing_account_id, period_start, period_end)
        select *
        from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::timestamptz[])
        on conflict (org_id, billing_account_id, period_start) do nothing
        """;

    // Locked until the new positions are committed, so that no closing overlooks them.
    private const string ClosedSql = """
        select wanted.place, p.is_closed
        from unnest($1::uuid[], $2::uuid[], $3::timestamptz[])
            with ordinality as wanted (org_id, billing_account_id, period_start, place)
        cross join lateral (
            select closed_at is not null as is_closed
            from charging.billing_periods
            where billing_periods.org_id = wanted.org_id
                and billing_periods.billing_account_id = wanted.billing_account_id
                and billing_periods.period_start = wanted.period_start
            for share
        ) p
        """;

    /// <summary>
    /// Opens the periods of some accounts that are not there yet and keeps all of them from being closed until the
    /// transaction ends; returns those that are closed.
    /// </summary>
    public static async Task<HashSet<(BillingAccountKey Account, DateTimeOffset Start)>> Open(
        NpgsqlTransaction transaction,
        IReadOnlyList<(BillingAccountKey Account, Period Period)> periods,
        CancellationToken cancellationToken)
    {
        var closed = new HashSet<(BillingAccountKey, DateTimeOffset)>();
        if (periods.Count == 0)
        {
            return closed;
        }

        var (orgs, accounts) = (Column(periods, one => one.Account.Org.Value), Column(periods, one => one.Account.Account.Value));
        var starts = Column(periods, one => one.Period.Start);
        await using var batch = transaction.Batch();
        batch.Sql(ScheduleSql, orgs, accounts, Column(periods, one => one.Period.End + Limits.CloseAfter));
        batch.Sql(OpenSql, orgs, accounts, starts, Column(periods, one => one.Period.End));
        batch.Sql(ClosedSql, orgs, accounts, starts);
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (reader.GetBoolean(1))
            {
                var (account, period) = periods[(int)reader.GetInt64(0) - 1];
                closed.Add((account, period.Start));
            }
        }

        return closed;
    }

    private const string UnsettleSql = """
        update charging.billing_periods
        set is_settled = false
        from unnest($1::uuid[], $2::uuid[], $3::timestamptz[]) as late (org_id, billing_account_id, period_start)
        where billing_periods.org_id = late.org_id
            and billing_periods.billing_account_id = late.billing_account_id
            and billing_periods.period_start = late.period_start
        """;

    /// <summary>Says that usage came to closed periods: what depends on their whole is worked out anew.</summary>
    public static async Task Unsettle(
        NpgsqlTransaction transaction,
        IReadOnlyList<(BillingAccountKey Account, DateTimeOffset Start)> late,
        CancellationToken cancellationToken)
    {
        if (late.Count == 0)
        {
            return;
        }

        var (orgs, accounts) = (Column(late, one => one.Account.Org.Value), Column(late, one => one.Account.Account.Value));
        var starts = Column(late, one => one.Start);
        await using var batch = transaction.Batch();
        batch.Sql(ScheduleSql, orgs, accounts, starts);
        batch.Sql(UnsettleSql, orgs, accounts, starts);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string MarkDueSql = """
        insert into charging.billing_schedules (org_id, billing_account_id, due_at)
        values ($1, $2, $3)
        on conflict (org_id, billing_account_id) do update
        set due_at = excluded.due_at
        """;

    /// <summary>Has an account looked at as soon as possible.</summary>
    public static async Task MarkDue(
        NpgsqlTransaction transaction, BillingAccountKey account, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            MarkDueSql, account.Org.Value, account.Account.Value, DateTimeOffset.UnixEpoch);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string EnsureScheduleSql = """
        insert into charging.billing_schedules (org_id, billing_account_id)
        values ($1, $2)
        on conflict (org_id, billing_account_id) do nothing
        """;

    private const string LockScheduleSql = """
        select run_at
        from charging.billing_schedules
        where org_id = $1
            and billing_account_id = $2
        for update
        """;

    /// <summary>Locks an account's schedule: one replica at a time opens and closes; returns up to when it was run.</summary>
    public static async Task<DateTimeOffset?> Lock(
        NpgsqlTransaction transaction, BillingAccountKey account, CancellationToken cancellationToken)
    {
        await using (var ensure = transaction.Sql(EnsureScheduleSql, account.Org.Value, account.Account.Value))
        {
            await ensure.ExecuteNonQueryAsync(cancellationToken);
        }

        await using var command = transaction.Sql(LockScheduleSql, account.Org.Value, account.Account.Value);
        return await command.ExecuteScalarAsync(cancellationToken) is DateTime at ? new DateTimeOffset(at) : null;
    }

    // Those that are open or to be worked out anew, and the last one, after which the next begins.
    private const string ReadSql = """
        select period_start, period_end, fee_micros, commit_micros, line_count, closed_at, is_settled
        from charging.billing_periods
        where org_id = $1
            and billing_account_id = $2
            and (closed_at is null
                or not is_settled
                or period_start = (
                    select max(period_start)
                    from charging.billing_periods
                    where org_id = $1
                        and billing_account_id = $2))
        order by period_start
        for update
        """;

    public static async Task<List<PeriodState>> Read(
        NpgsqlTransaction transaction, BillingAccountKey account, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(ReadSql, account.Org.Value, account.Account.Value);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var states = new List<PeriodState>();
        while (await reader.ReadAsync(cancellationToken))
        {
            states.Add(new PeriodState(
                new Period(reader.GetFieldValue<DateTimeOffset>(0), reader.GetFieldValue<DateTimeOffset>(1)))
            {
                FeeMicros = reader.GetInt64(2),
                CommitMicros = reader.GetInt64(3),
                LineCount = reader.GetInt64(4),
                ClosedAt = reader.IsDBNull(5) ? null : reader.GetFieldValue<DateTimeOffset>(5),
                IsSettled = reader.GetBoolean(6),
            });
        }

        return states;
    }

    private const string WriteSql = """
        insert into charging.billing_periods
            (org_id, billing_account_id, period_start, period_end, fee_micros, commit_micros, line_count, closed_at, is_settled)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (org_id, billing_account_id, period_start) do update
        set period_end = excluded.period_end,
            fee_micros = excluded.fee_micros,
            commit_micros = excluded.commit_micros,
            line_count = excluded.line_count,
            closed_at = excluded.closed_at,
            is_settled = excluded.is_settled
        """;

    private const string WriteScheduleSql = """
        update charging.billing_schedules
        set due_at = $3,
            run_at = $4,
            plan_change_count = $5
        where org_id = $1
            and billing_account_id = $2
        """;

    /// <summary>Writes periods, and when the account is due next.</summary>
    public static async Task Write(
        NpgsqlTransaction transaction,
        BillingAccountKey account,
        IEnumerable<PeriodState> states,
        DateTimeOffset? dueAt,
        DateTimeOffset runAt,
        long planChangeCount,
        CancellationToken cancellationToken)
    {
        await using var batch = transaction.Batch();
        foreach (var state in states)
        {
            batch.Sql(
                WriteSql,
                account.Org.Value,
                account.Account.Value,
                state.Period.Start,
                state.Period.End,
                state.FeeMicros,
                state.CommitMicros,
                state.LineCount,
                state.ClosedAt,
                state.IsSettled);
        }

        batch.Sql(WriteScheduleSql, account.Org.Value, account.Account.Value, dueAt, runAt, planChangeCount);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static TValue[] Column<TRow, TValue>(IReadOnlyList<TRow> rows, Func<TRow, TValue> value) =>
        [.. rows.Select(value)];
}
