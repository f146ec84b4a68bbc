using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// Renames, closes and reopens billing accounts. None is ever deleted: money names them. One is closed only when nothing
/// runs on it; the default one never is.
/// </summary>
internal sealed class ManageBillingAccounts(
    NpgsqlDataSource database, OrganisationReader organisations, IEnumerable<IBillingAccountUse> uses, IAudit audit)
{
    private readonly IReadOnlyList<IBillingAccountUse> uses = [.. uses];

    /// <summary>Gives one another name.</summary>
    public Task<BillingAccountOutcome> Rename(
        Caller caller, BillingAccountId id, BillingAccountChange change, CancellationToken cancellationToken) =>
        InTurn(
            caller,
            id,
            "billing_account.renamed",
            change.Reason,
            ("name", InputText.Problem(change.Name, Limits.NameLettersMax)),
            (_, before) => Task.FromResult<Decision>(before with { Name = change.Name }),
            cancellationToken);

    /// <summary>Closes one.</summary>
    public async Task<BillingAccountOutcome> Close(
        Caller caller, BillingAccountId id, string? reason, CancellationToken cancellationToken)
    {
        // Asked before the transaction: the books have locks of their own. What is used in between is a fact, and stays.
        var running = await RunningOn(caller.RequiredOrg, id, cancellationToken);
        return await InTurn(caller, id, "billing_account.closed", reason, default, Decide, cancellationToken);

        async Task<Decision> Decide(NpgsqlTransaction transaction, BillingAccountProfile before)
        {
            if (before.IsDefault)
            {
                return new BillingAccountOutcome.IsDefault();
            }

            if (await BillingAccountRows.OpenChildren(transaction, before, cancellationToken) is > 0 and var children)
            {
                running = [.. running, children == 1 ? "pays for another open one" : $"pays for {children} other open ones"];
            }

            return running.Count > 0 && before.Status == BillingAccountStatus.Active
                ? new BillingAccountOutcome.InUse(running)
                : before with { Status = BillingAccountStatus.Closed };
        }
    }

    /// <summary>Opens a closed one again.</summary>
    public Task<BillingAccountOutcome> Reopen(
        Caller caller, BillingAccountId id, string? reason, CancellationToken cancellationToken)
    {
        return InTurn(caller, id, "billing_account.reopened", reason, default, Decide, cancellationToken);

        async Task<Decision> Decide(NpgsqlTransaction transaction, BillingAccountProfile before)
        {
            if (await BillingAccountRows.Missing(transaction, before, cancellationToken) is { } what)
            {
                return new BillingAccountOutcome.NoSuch(what);
            }

            return await BillingAccountRows.OpenOfProject(transaction, before, cancellationToken) is { } other
                ? new BillingAccountOutcome.ProjectHasOne(other)
                : before with { Status = BillingAccountStatus.Active };
        }
    }

    private async Task<IReadOnlyList<string>> RunningOn(
        OrgId org, BillingAccountId id, CancellationToken cancellationToken)
    {
        var running = new List<string>();
        foreach (var use in uses)
        {
            if (await use.Of(org, id, cancellationToken) is { } what)
            {
                running.Add(what);
            }
        }

        return running;
    }

    private async Task<BillingAccountOutcome> InTurn(
        Caller caller,
        BillingAccountId id,
        string action,
        string? reason,
        (string Member, string? Problem) check,
        Func<NpgsqlTransaction, BillingAccountProfile, Task<Decision>> decide,
        CancellationToken cancellationToken)
    {
        var org = caller.RequiredOrg;
        if (InvalidInput.Of(check, ("reason", InputText.OptionalProblem(reason, Limits.ReasonLettersMax))) is { } invalid)
        {
            return new BillingAccountOutcome.Invalid(invalid);
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await MemberRows.TakeTurn(transaction, org, cancellationToken) is null
            || await BillingAccountRows.Find(transaction, org, id, cancellationToken) is not { } before)
        {
            return new BillingAccountOutcome.NotFound();
        }

        var decision = await decide(transaction, before);
        if (decision.Refusal is { } refusal)
        {
            return refusal;
        }

        var after = decision.After!;
        if (after == before)
        {
            return new BillingAccountOutcome.Done(before);
        }

        await BillingAccountRows.Change(transaction, after, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                org, caller.Actor, action, id.ToString(), reason, AuditState.Of(before), AuditState.Of(after)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        organisations.Forget(new BillingAccountKey(org, id));
        return new BillingAccountOutcome.Done(after);
    }

    /// <summary>What a billing account becomes, or why it does not.</summary>
    private sealed record Decision(BillingAccountProfile? After, BillingAccountOutcome? Refusal)
    {
        public static implicit operator Decision(BillingAccountProfile after) => new(after, null);

        public static implicit operator Decision(BillingAccountOutcome refusal) => new(null, refusal);
    }
}
