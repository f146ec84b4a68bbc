using System.Text.Json;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Pricing.Internal;

/// <summary>
/// Changes what accounts have: (1) lock the account, so that of two who find it free one waits; (2) read what it has;
/// (3) decide; (4) write, with the audit entry and the news, in one transaction.
/// </summary>
internal sealed class AssignPlans(
    NpgsqlDataSource database,
    OrganisationClock clock,
    Organisations organisations,
    IdSource ids,
    IAudit audit,
    Outbox outbox,
    Jobs jobs,
    PlanReader reader)
{
    public async Task<AssignOutcome> Assign(
        NewAssignment request,
        string actor,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken)
    {
        var account = await organisations.FindBillingAccount(request.Account.Org, request.Account.Account, cancellationToken);
        if (account is null)
        {
            return new AssignOutcome.NotFound("There is no such billing account.");
        }

        if (WhyRefused(request) is { } reason)
        {
            return new AssignOutcome.Refused(reason);
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var (catalogue, known) = await Lock(transaction, request.Account, cancellationToken);
        var plan = request.Plan is { } id ? catalogue.Find(id) : null;
        var isPlanned = request.Plan is not null;
        if (await WhyNotAssignable(transaction, account.Currency, isPlanned, plan, request.Book, cancellationToken) is { } problem)
        {
            return new AssignOutcome.NotAssignable(problem);
        }

        var now = Microseconds(await clock.Now(request.Account.Org, cancellationToken));
        var decided = AssignmentDecision.Assign(known, request, plan, ids.Next<AssignmentId>(), now);
        return await Finish(transaction, "assignment.made", actor, idempotent, decided, cancellationToken);
    }

    public Task<AssignOutcome> Change(
        PlanChange request,
        string actor,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken) => Decide(
            request,
            (transaction, _, decided) =>
                Finish(transaction, "assignment.changed", actor, idempotent, decided, cancellationToken),
            cancellationToken);

    /// <summary>What a change would do, without doing it; its transaction is never committed.</summary>
    public async Task<(ChangePreview? Preview, AssignOutcome? Ending)> Preview(
        PlanChange request, CancellationToken cancellationToken)
    {
        ChangePreview? preview = null;
        var ending = await Decide(
            request,
            (_, current, decided) =>
            {
                preview = decided.Writes is null ? null : PreviewOf(current, decided.Writes.Made!);
                return Task.FromResult(decided.Ending ?? new AssignOutcome.Done(decided.Writes!.Shown));
            },
            cancellationToken);
        return preview is null ? (null, ending) : (preview, null);
    }

    // Under the account's lock; what is decided is the caller's to write or to show.
    private Task<AssignOutcome> Decide(
        PlanChange request,
        Func<NpgsqlTransaction, Assignment, (AssignmentWrites? Writes, AssignOutcome? Ending), Task<AssignOutcome>> end,
        CancellationToken cancellationToken) => Of(
            request.Org,
            request.Assignment,
            async (transaction, catalogue, known, current) =>
            {
                var account = await organisations.FindBillingAccount(request.Org, current.Account.Account, cancellationToken);
                var plan = catalogue.Find(request.Plan);
                if (await WhyNotAssignable(transaction, account!.Currency, true, plan, null, cancellationToken) is { } problem)
                {
                    return new AssignOutcome.NotAssignable(problem);
                }

                var now = Microseconds(await clock.Now(request.Org, cancellationToken));
                return await end(
                    transaction,
                    current,
                    AssignmentDecision.Change(known, current, plan!, request, ids.Next<AssignmentId>(), now));
            },
            cancellationToken);

    private static ChangePreview PreviewOf(Assignment current, Assignment made)
    {
        var after = made.Plan!.Fee;
        var before = current.Plan?.Fee ?? Money.Zero(after.Currency);
        var at = made.InForce.Start;
        var month = BillingPeriods.MonthFrom(current.Anchor, at);
        var cost = month.Start == at
            ? new PlanChangeCost(Money.Zero(after.Currency), Money.Zero(after.Currency))
            : PlanChangeCost.Of(before, after, month, at);
        return new ChangePreview(at, before, after, cost.Credit, cost.Charge, cost.Net);
    }

    public Task<AssignOutcome> Cancel(
        AssignmentEnd request,
        string actor,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken) => Of(
            request.Org,
            request.Assignment,
            async (transaction, _, known, current) =>
            {
                var now = Microseconds(await clock.Now(request.Org, cancellationToken));
                var decided = AssignmentDecision.Cancel(known, current, request, now);
                return await Finish(transaction, "assignment.ended", actor, idempotent, decided, cancellationToken);
            },
            cancellationToken);

    public Task<AssignOutcome> Resume(
        OrgId org,
        AssignmentId assignment,
        string actor,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken) => Of(
            org,
            assignment,
            async (transaction, _, known, current) =>
            {
                var now = Microseconds(await clock.Now(org, cancellationToken));
                var decided = AssignmentDecision.Resume(known, current, now);
                return await Finish(transaction, "assignment.resumed", actor, idempotent, decided, cancellationToken);
            },
            cancellationToken);

    private const string AccountOfSql = """
        select billing_account_id
        from pricing.plan_assignments
        where org_id = $1
            and assignment_id = $2
        """;

    private async Task<AssignOutcome> Of(
        OrgId org,
        AssignmentId assignment,
        Func<NpgsqlTransaction, PlanCatalogue, IReadOnlyList<Assignment>, Assignment, Task<AssignOutcome>> change,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var asking = transaction.Sql(AccountOfSql, org.Value, assignment.Value);
        if (await asking.ExecuteScalarAsync(cancellationToken) is not Guid account)
        {
            return new AssignOutcome.NotFound("There is no such assignment.");
        }

        var key = new BillingAccountKey(org, new BillingAccountId(account));
        var (catalogue, known) = await Lock(transaction, key, cancellationToken);
        return await change(transaction, catalogue, known, known.First(one => one.Id == assignment));
    }

    private const string LockSql = """
        insert into pricing.assigned_accounts (org_id, billing_account_id, change_count)
        values ($1, $2, 1)
        on conflict (org_id, billing_account_id) do update
        set change_count = assigned_accounts.change_count + 1
        """;

    private static async Task<(PlanCatalogue Catalogue, IReadOnlyList<Assignment> Known)> Lock(
        NpgsqlTransaction transaction,
        BillingAccountKey account,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(LockSql, account.Org.Value, account.Account.Value);
        await command.ExecuteNonQueryAsync(cancellationToken);
        var catalogue = await PlanReader.Read(transaction.Connection!, cancellationToken);
        var known = await PlanReader.AssignmentsOf(transaction.Connection!, [account], catalogue, cancellationToken);
        return (catalogue, [.. known[account]]);
    }

    private static string? WhyRefused(NewAssignment request)
    {
        if (request is { Plan: null, Kind: not AssignmentKind.Contract })
        {
            return "A plan is named; a contract alone may do without.";
        }

        if (request.Kind != AssignmentKind.Contract && (request.DiscountBps != 0 || request.Commitment is not null))
        {
            return "A discount or a commitment is a contract's.";
        }

        if (request.DiscountBps is < 0 or > PriceSegment.BpsOfAll)
        {
            return $"A discount is 0 to {PriceSegment.BpsOfAll} hundredths of a percent.";
        }

        if (request.Commitment is { AmountMicros: <= 0 or > Limits.FeeMicrosMax }
            or { OverageFactor: <= 0 or > Limits.OverageFactorMax })
        {
            return $"A commitment is a positive amount, and a factor up to {Limits.OverageFactorMax} beyond it.";
        }

        return request.Note.Length > Limits.NoteLettersMax || request.Note.Any(char.IsControl)
            ? $"A note has up to {Limits.NoteLettersMax} letters."
            : null;
    }

    private const string BookCurrencySql = "select currency from pricing.price_books where price_book_id = $1";

    private static async Task<string?> WhyNotAssignable(
        NpgsqlTransaction transaction,
        Currency currency,
        bool isPlanned,
        PlanVersion? plan,
        PriceBookId? book,
        CancellationToken cancellationToken)
    {
        if (isPlanned && plan is not { Status: PlanStatus.Published })
        {
            return "There is no such published plan.";
        }

        if (plan is not null && plan.Fee.Currency != currency)
        {
            return $"The plan is in {plan.Fee.Currency}, the account in {currency}.";
        }

        if (book is null)
        {
            return null;
        }

        await using var command = transaction.Sql(BookCurrencySql, book.Value.Value);
        return await command.ExecuteScalarAsync(cancellationToken) is string code && Currency.Of(code) == currency
            ? null
            : "There is no such price book in the account's currency.";
    }

    private async Task<AssignOutcome> Finish(
        NpgsqlTransaction transaction,
        string action,
        string actor,
        IdempotentRequest idempotent,
        (AssignmentWrites? Writes, AssignOutcome? Ending) decided,
        CancellationToken cancellationToken)
    {
        if (decided.Writes is not { } writes)
        {
            return decided.Ending!;
        }

        await Write(transaction, writes, actor, cancellationToken);
        var shown = writes.Shown;
        await audit.Record(
            transaction,
            new AuditEntry(shown.Account.Org, actor, action, shown.Id.ToString(), After: AuditText(shown)),
            cancellationToken);
        await outbox.Publish(
            transaction,
            shown.Account.Org,
            shown.Account.Account.ToString(),
            new AssignmentChanged(shown.Account.Account, shown.Id),
            null,
            cancellationToken);
        await idempotent.Complete(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        reader.Forget(shown.Account);
        jobs.Hint();
        return new AssignOutcome.Done(shown);
    }

    private const string MoveSql = """
        update pricing.plan_assignments
        set effective_to = $3, prices_to = $4
        where org_id = $1
            and assignment_id = $2
        """;

    private const string MakeSql = """
        insert into pricing.plan_assignments
            (org_id, billing_account_id, assignment_id, kind, plan_version_id, price_book_id, effective_from, effective_to,
            prices_from, prices_to, anchor, commit_micros, overage_factor, discount_bps, trial_ends_at, note, created_at,
            created_by)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
        """;

    private static async Task Write(
        NpgsqlTransaction transaction,
        AssignmentWrites writes,
        string actor,
        CancellationToken cancellationToken)
    {
        await using var batch = transaction.Batch();
        foreach (var moved in writes.Moved)
        {
            batch.Sql(MoveSql, moved.Account.Org.Value, moved.Id.Value, EndOf(moved.InForce), EndOf(moved.PricesInForce));
        }

        if (writes.Made is { } made)
        {
            batch.Sql(
                MakeSql,
                made.Account.Org.Value,
                made.Account.Account.Value,
                made.Id.Value,
                PlanRows.TextOf(made.Kind),
                made.Plan?.Id.Value,
                made.Book?.Value,
                made.InForce.Start.ToUniversalTime(),
                EndOf(made.InForce),
                made.PricesInForce.Start.ToUniversalTime(),
                EndOf(made.PricesInForce),
                made.Anchor.ToUniversalTime(),
                made.Commitment?.AmountMicros,
                made.Commitment?.OverageFactor,
                made.DiscountBps,
                made.TrialEndsAt?.ToUniversalTime(),
                made.Note,
                made.CreatedAt.ToUniversalTime(),
                actor);
        }

        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    private static DateTimeOffset? EndOf(Period period) =>
        period.End == DateTimeOffset.MaxValue ? null : period.End.ToUniversalTime();

    // What is written equals what will be read back: PostgreSQL keeps microseconds.
    private static DateTimeOffset Microseconds(DateTimeOffset instant) =>
        instant.AddTicks(-(instant.Ticks % TimeSpan.TicksPerMicrosecond));

    private static string AuditText(Assignment shown) => JsonSerializer.Serialize(AssignmentRow.Of(shown), JsonConventions.Options);
}
