using System.Text.Json;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Limiting.Internal;

/// <summary>Makes, changes, ends and reads budgets. Writes are audited in the same transaction.</summary>
internal sealed class KeepBudgets(
    NpgsqlDataSource database,
    TimeProvider time,
    OrganisationClock clock,
    LimitsCache limits,
    IdSource ids,
    IAudit audit,
    Allowances allowances)
{
    private const string CountSql = """
        select count(*)
        from limits.budgets
        where org_id = $1
            and scope_kind = $2
            and scope_id = $3
            and ended_at is null
        """;

    private const string InsertSql = """
        insert into limits.budgets
            (org_id, budget_id, scope_kind, scope_id, currency, amount_micros, window_text, posture, thresholds_percent,
            starts_at, window_start, reserved_micros, spent_micros, told_percent, created_at, changed_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0, 0, $12, $12)
        """;

    public async Task<BudgetOutcome> Create(
        OrgId org, NewBudget request, string actor, IdempotentRequest idempotent, CancellationToken cancellationToken)
    {
        Require(request);
        var (now, period) = await Now(org, cancellationToken);
        var thresholds = request.ThresholdsPercent ?? Limits.ThresholdsPercent;
        var budget = new Budget(
            ids.Next<BudgetId>(), org, request.Scope, request.Amount, request.Window, request.Posture, thresholds, now);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var count = transaction.Sql(CountSql, org.Value, budget.Scope.Kind, budget.Scope.Id))
        {
            if ((long)(await count.ExecuteScalarAsync(cancellationToken))! >= Limits.BudgetsPerScopeMax)
            {
                return new BudgetOutcome.TooMany();
            }
        }

        await using (var insert = transaction.Sql(
            InsertSql,
            org.Value,
            budget.Id.Value,
            budget.Scope.Kind,
            budget.Scope.Id,
            budget.Amount.Currency.Code,
            budget.Amount.Micros,
            budget.Window.ToString(),
            StoredWord.Of(budget.Posture),
            thresholds.ToArray(),
            now,
            budget.Window.At(now, now, period).Start,
            time.GetUtcNow()))
        {
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }

        await Finish(transaction, "budget.created", null, budget, actor, idempotent, cancellationToken);
        return new BudgetOutcome.Kept(budget);
    }

    // Whoever remembers the budget tells by this instant that its terms have changed, so each is later than the one before.
    private const string ChangeSql = """
        update limits.budgets
        set amount_micros = $3,
            posture = $4,
            thresholds_percent = $5,
            changed_at = greatest($6, changed_at + interval '1 microsecond')
        where org_id = $1
            and budget_id = $2
        """;

    public async Task<BudgetOutcome> Change(
        OrgId org,
        BudgetId id,
        BudgetChange change,
        string actor,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await Lock(transaction, org, id, cancellationToken) is not { } before)
        {
            return new BudgetOutcome.NotFound();
        }

        if (before.EndedAt is not null)
        {
            return new BudgetOutcome.AlreadyEnded(before);
        }

        if (change.Amount is { } amount && amount.Currency != before.Amount.Currency)
        {
            return new BudgetOutcome.OtherCurrency();
        }

        var after = before with
        {
            Amount = change.Amount ?? before.Amount,
            Posture = change.Posture ?? before.Posture,
            ThresholdsPercent = change.ThresholdsPercent ?? before.ThresholdsPercent,
        };
        await using (var update = transaction.Sql(
            ChangeSql,
            org.Value,
            id.Value,
            after.Amount.Micros,
            StoredWord.Of(after.Posture),
            after.ThresholdsPercent.ToArray(),
            time.GetUtcNow()))
        {
            await update.ExecuteNonQueryAsync(cancellationToken);
        }

        await Finish(transaction, "budget.changed", before, after, actor, idempotent, cancellationToken);
        return new BudgetOutcome.Kept(after);
    }

    private const string EndSql = """
        update limits.budgets
        set ended_at = $3,
            changed_at = greatest($4, changed_at + interval '1 microsecond')
        where org_id = $1
            and budget_id = $2
        """;

    public async Task<BudgetOutcome> End(
        OrgId org, BudgetId id, string actor, IdempotentRequest idempotent, CancellationToken cancellationToken)
    {
        var now = await clock.Now(org, cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await Lock(transaction, org, id, cancellationToken) is not { } before)
        {
            return new BudgetOutcome.NotFound();
        }

        if (before.EndedAt is not null)
        {
            return new BudgetOutcome.AlreadyEnded(before);
        }

        var after = before with { EndedAt = SpendInput.Whole(now) };
        await using (var update = transaction.Sql(EndSql, org.Value, id.Value, after.EndedAt, time.GetUtcNow()))
        {
            await update.ExecuteNonQueryAsync(cancellationToken);
        }

        await Finish(transaction, "budget.ended", before, after, actor, idempotent, cancellationToken);
        return new BudgetOutcome.Kept(after);
    }

    private const string ListSql = $"""
        select {BudgetRows.Columns}
        from limits.budgets b
        where b.org_id = $1
            and b.ended_at is null
            and ($2::text is null or (b.scope_kind = $2 and b.scope_id = $3))
            and ($4::uuid is null or b.budget_id > $4)
        order by b.budget_id
        limit $5
        """;

    public async Task<IReadOnlyList<BudgetStanding>> List(
        OrgId org, SpendScope? scope, BudgetId? after, int limit, CancellationToken cancellationToken)
    {
        var (now, period) = await Now(org, cancellationToken);
        await using var command = database.Sql(ListSql, org.Value, scope?.Kind, scope?.Id, after?.Value, limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var standings = new List<BudgetStanding>();
        while (await reader.ReadAsync(cancellationToken))
        {
            standings.Add(BudgetRows.Read(reader).StandingAt(now, period));
        }

        return standings;
    }

    private const string FindSql = $"""
        select {BudgetRows.Columns}
        from limits.budgets b
        where b.org_id = $1
            and b.budget_id = $2
        """;

    public async Task<BudgetStanding?> Find(OrgId org, BudgetId id, CancellationToken cancellationToken)
    {
        var (now, period) = await Now(org, cancellationToken);
        await using var command = database.Sql(FindSql, org.Value, id.Value);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? BudgetRows.Read(reader).StandingAt(now, period) : null;
    }

    private static async Task<Budget?> Lock(
        NpgsqlTransaction transaction, OrgId org, BudgetId id, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql($"{FindSql}\nfor update of b", org.Value, id.Value);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? BudgetRows.Read(reader).Budget : null;
    }

    private async Task Finish(
        NpgsqlTransaction transaction,
        string act,
        Budget? before,
        Budget after,
        string actor,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken)
    {
        var entry = new AuditEntry(
            after.Org,
            actor,
            act,
            after.Id.ToString(),
            Reason: null,
            Before: before is null ? null : Json(before),
            After: Json(after));
        await audit.Record(transaction, entry, cancellationToken);
        await idempotent.Complete(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);

        // What was reserved ahead under the old terms is given back here now, and elsewhere within a second.
        await allowances.GiveBack(after.Org);
    }

    private static string Json(Budget budget) => JsonSerializer.Serialize(
        new
        {
            budget.Scope,
            budget.Amount,
            Window = budget.Window.ToString(),
            budget.Posture,
            budget.ThresholdsPercent,
            budget.EndedAt,
        },
        JsonConventions.Options);

    private async Task<(DateTimeOffset Now, Period BillingPeriod)> Now(OrgId org, CancellationToken cancellationToken)
    {
        var now = SpendInput.Whole(await clock.Now(org, cancellationToken));
        var known = limits.Fresh(org) ?? await limits.Find(org, cancellationToken);
        return (now, known?.Plan.BillingPeriod ?? Period.MonthOf(now));
    }

    private static void Require(NewBudget request)
    {
        SpendInput.RequireScope(request.Scope);
        ArgumentOutOfRangeException.ThrowIfNegative(request.Amount.Micros, nameof(request));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(request.Amount.Micros, Limits.BudgetMicrosMax, nameof(request));
    }
}
