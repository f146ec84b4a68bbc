using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Metering;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Charging.Internal;

/// <summary>
/// Due work of billing periods, by the organisation's clock: a period is opened (fee, grants), follows its account's plans
/// while it runs, and is closed a while after its end (minimums, commitments). One transaction an account, under its
/// schedule's lock: (1) read its plans and periods; (2) work out what each period asks for; (3) post what that adds to
/// what its lines hold; (4) write lines, periods and when it is due next. Running it again finds nothing to add.
/// </summary>
internal sealed class RenewPeriods(
    NpgsqlDataSource database,
    Plans plans,
    PriceBooks prices,
    Metering.Metering metering,
    Ledger.Ledger ledger,
    Organisations organisations,
    OrganisationClock clock,
    TimeProvider time,
    IdSource ids) : IDueWork
{
    public string Name => "charging.periods";

    private const string SchedulesSql = """
        select billing_account_id, due_at, plan_change_count
        from charging.billing_schedules
        where org_id = $1
        """;

    public async Task<DateTimeOffset?> NextDue(OrgId org, CancellationToken cancellationToken) =>
        (await Due(org, cancellationToken)).Select(one => one.At).Min();

    public async Task RunUpTo(OrgId org, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        // What was overdue is run at the present, or a period could be taken for one that has not begun.
        var now = await clock.Now(org, cancellationToken);
        var until = now > instant ? now : instant;
        foreach (var due in (await Due(org, cancellationToken)).Where(one => one.At <= until))
        {
            await Run(new BillingAccountKey(org, due.Account), due.ChangeCount, until, cancellationToken);
        }
    }

    private const string OrganisationsDueSql = """
        select distinct org_id
        from charging.billing_schedules
        where due_at <= $1
            and org_id > $2
        order by org_id
        limit $3
        """;

    public Task<IReadOnlyList<OrgId>> OrganisationsDue(
        DateTimeOffset instant, OrgId? after, int limit, CancellationToken cancellationToken) =>
        database.OrganisationsDue(OrganisationsDueSql, instant, after, limit, cancellationToken);

    /// <summary>Hears that an account's plans changed: it is looked at soon.</summary>
    public static async Task OnAssignmentChanged(
        OutboxMessage<AssignmentChanged> message, JobRun delivery, CancellationToken cancellationToken)
    {
        var database = delivery.Services.GetService(typeof(NpgsqlDataSource)) as NpgsqlDataSource;
        await using var connection = await database!.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await PeriodRows.MarkDue(
            transaction, new BillingAccountKey(message.Org!.Value, message.Event.BillingAccount), cancellationToken);
        await delivery.Complete(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task<List<DueAccount>> Due(OrgId org, CancellationToken cancellationToken)
    {
        var known = new Dictionary<BillingAccountId, (DateTimeOffset? At, long ChangeCount)>();
        await using (var command = database.Sql(SchedulesSql, org.Value))
        {
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            while (await reader.ReadAsync(cancellationToken))
            {
                known.Add(
                    new BillingAccountId(reader.GetGuid(0)),
                    (reader.IsDBNull(1) ? null : reader.GetFieldValue<DateTimeOffset>(1), reader.GetInt64(2)));
            }
        }

        var due = new List<DueAccount>();
        foreach (var assigned in await plans.AssignedAccounts(org, cancellationToken))
        {
            // A change nobody has acted on is due at once, even before news of it arrives.
            var (at, seen) = known.TryGetValue(assigned.BillingAccount, out var schedule) ? schedule : (null, 0);
            var isNew = seen != assigned.ChangeCount;
            due.Add(new DueAccount(assigned.BillingAccount, isNew ? DateTimeOffset.UnixEpoch : at, assigned.ChangeCount));
            known.Remove(assigned.BillingAccount);
        }

        due.AddRange(known.Select(one => new DueAccount(one.Key, one.Value.At, one.Value.ChangeCount)));
        return due;
    }

    private async Task Run(
        BillingAccountKey account, long changeCount, DateTimeOffset until, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await RunOnce(account, changeCount, until, cancellationToken);
                return;
            }
            catch (PositionMovedException) when (attempt < Limits.AttemptsMax)
            {
                // Usage was rated meanwhile: its positions are read again.
            }
        }
    }

    private async Task RunOnce(
        BillingAccountKey account, long changeCount, DateTimeOffset until, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await transaction.ProbeIndexes(cancellationToken);
        var runAt = await PeriodRows.Lock(transaction, account, cancellationToken);
        var instant = runAt > until ? runAt.Value : until;
        var profile = await organisations.FindBillingAccount(account.Org, account.Account, cancellationToken)
            ?? throw new InvalidOperationException($"{account.Account} has billing periods and is not there.");
        var renewal = new Renewal(
            profile,
            await plans.Of(transaction, account, cancellationToken),
            await PeriodRows.Read(transaction, account, cancellationToken),
            instant);
        renewal.Open();
        renewal.Charge();
        var snapshot = await prices.Current(transaction, cancellationToken);
        foreach (var state in renewal.ToClose())
        {
            var positions = await PositionRows.OfPeriod(transaction, account, state.Period.Start, snapshot, cancellationToken);
            renewal.Close(state, positions);
        }

        var meters = (await metering.Meters(cancellationToken)).ToDictionary(meter => meter.Key, meter => meter.Id);
        var transfers = await Post(transaction, renewal.Commands, cancellationToken);
        var now = time.GetUtcNow();
        await PositionRows.Write(transaction, renewal.Moved, cancellationToken);
        await LineRows.Write(transaction, renewal.MinimumLines(transfers, meters, ids, now), cancellationToken);
        await PeriodLineRows.Add(transaction, renewal.PeriodLines(transfers, ids, now), cancellationToken);
        await PeriodRows.Write(
            transaction, account, renewal.Changed, renewal.NextDue(), instant, changeCount, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    // Keys are numbered under the schedule's lock, so none is taken; a grant's says what it is for and is given once.
    private async Task<IReadOnlyDictionary<string, TransferId>> Post(
        NpgsqlTransaction transaction, IReadOnlyList<LedgerCommand> commands, CancellationToken cancellationToken)
    {
        var transfers = new Dictionary<string, TransferId>(StringComparer.Ordinal);
        var outcomes = await ledger.RunWithin(transaction, commands, cancellationToken);
        foreach (var (command, outcome) in commands.Zip(outcomes))
        {
            switch (command, outcome)
            {
                case (PostTransfer post, PostOutcome.Posted { IsReplay: false } posted):
                    transfers.Add(post.Transfer.Key, posted.Id);
                    break;
                case (CreateGrant, GrantOutcome.Granted or GrantOutcome.KeyConflict):
                    break;
                default:
                    throw new InvalidOperationException($"A renewal's {command.GetType().Name} ended as {outcome}.");
            }
        }

        return transfers;
    }

    private sealed record DueAccount(BillingAccountId Account, DateTimeOffset? At, long ChangeCount);
}
