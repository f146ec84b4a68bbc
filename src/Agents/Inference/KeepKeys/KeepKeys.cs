using Npgsql;
using Quoin.Accounts;
using Quoin.Inference.Internal;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>
/// Virtual keys: a key of the organisation that may call models only, with what the gateway holds it to and a budget. The
/// secret is told last: a key whose rules could not be written is revoked, and nobody has ever known it.
/// </summary>
internal sealed class KeepKeys(
    NpgsqlDataSource database,
    Keys keys,
    KeyPolicies policies,
    Budgets budgets,
    Organisations organisations,
    ChangesInTurn turns,
    IAudit audit,
    TimeProvider time)
{
    /// <summary>What a virtual key may do.</summary>
    private static readonly string[] Scopes = [Permission.InferenceCall.Name];

    /// <summary>Why a caller may not make budgets hold less strictly for a key; null where they do not, or may.</summary>
    /// <param name="rules">What the key is to be held to.</param>
    /// <param name="before">What it is held to; null for a new one.</param>
    /// <param name="caller">Who asks.</param>
    public static string? PostureProblem(KeyRules? rules, KeyRules? before, Caller caller) =>
        rules is null || rules.Posture >= (before?.Posture ?? SpendPosture.Hard) || caller.May(Permission.BudgetsManage)
            ? null
            : $"Budgets of everybody would hold less for this key: 'posture' needs the permission '{Permission.BudgetsManage}'.";

    /// <summary>Makes one.</summary>
    public async Task<(CreateKeyOutcome Outcome, VirtualKey? Key, string? BudgetProblem)> Create(
        OrgId org, NewVirtualKey wanted, BudgetWindow? window, Caller caller, CancellationToken cancellationToken)
    {
        if (await CurrencyProblem(org, wanted, cancellationToken) is { } otherCurrency)
        {
            return (new CreateKeyOutcome.Invalid(otherCurrency), null, null);
        }

        var request = new NewKey(
            wanted.Label, wanted.ExpiresAt, wanted.Reason, Scopes, Preset: null, wanted.ProjectId, wanted.ServiceAccountId);
        var outcome = await keys.CreateAs(org, request, caller, cancellationToken);
        if (outcome is not CreateKeyOutcome.Created(var created))
        {
            return (outcome, null, null);
        }

        // From here on it is finished whoever leaves: a key without its rules may do too much. One that could not be is
        // revoked, for nobody was told of it.
        var id = created.Key.Id;
        try
        {
            await SetRules(org, id, wanted.Rules ?? new KeyRules(), null, caller.Actor, CancellationToken.None);
            if (wanted.Budget is not { } budget || await SetBudget(org, id, budget, window!, caller) is not { } budgetProblem)
            {
                return (outcome, await Find(org, id, CancellationToken.None), null);
            }

            await keys.Revoke(org, id, "its budget could not be made", caller.Actor, CancellationToken.None);
            return (outcome, null, budgetProblem);
        }
        catch
        {
            await keys.Revoke(org, id, "it could not be finished", caller.Actor, CancellationToken.None);
            throw;
        }
    }

    /// <summary>One of them, with its budgets; null where the organisation has none.</summary>
    public async Task<VirtualKey?> Find(OrgId org, KeyId id, CancellationToken cancellationToken)
    {
        if (await keys.Find(org, id, cancellationToken) is not { } key || !IsVirtual(key))
        {
            return null;
        }

        policies.Forget(org, id.ToString());
        var policy = await policies.Of(org, id.ToString(), cancellationToken);
        var scope = new SpendScope("key", policy.Root!.Value.ToString());
        var standing = await budgets.List(org, scope, null, Limits.PolicyNamesMax, cancellationToken);
        return new VirtualKey(
            key, KeyRules.Of(policy), [.. standing.Select(KeyBudget.Of)], key.WorksAt(time.GetUtcNow()));
    }

    /// <summary>Some of the organisation's keys, newest first, those that call no models too.</summary>
    public Task<IReadOnlyList<KeyProfile>> Before(
        OrgId org, KeyId? before, int rowsMax, CancellationToken cancellationToken) =>
        keys.Before(org, before, rowsMax, cancellationToken);

    /// <summary>Keys that call models, with what they are held to.</summary>
    public async Task<IReadOnlyList<VirtualKey>> Shown(
        OrgId org, IEnumerable<KeyProfile> profiles, CancellationToken cancellationToken)
    {
        var shown = new List<VirtualKey>();
        foreach (var key in profiles.Where(IsVirtual))
        {
            var policy = await policies.Of(org, key.Id.ToString(), cancellationToken);
            shown.Add(new VirtualKey(key, KeyRules.Of(policy), Budgets: null, key.WorksAt(time.GetUtcNow())));
        }

        return shown;
    }

    /// <summary>The same, with how far their budgets are used.</summary>
    public async Task<IReadOnlyList<VirtualKey>> Standing(
        OrgId org, IEnumerable<KeyProfile> profiles, CancellationToken cancellationToken)
    {
        var shown = new List<VirtualKey>();
        foreach (var key in await Shown(org, profiles, cancellationToken))
        {
            var policy = await policies.Of(org, key.Key.Id.ToString(), cancellationToken);
            var scope = new SpendScope("key", policy.Root!.Value.ToString());
            var standing = await budgets.List(org, scope, null, Limits.PolicyNamesMax, cancellationToken);
            shown.Add(key with { Budgets = [.. standing.Select(KeyBudget.Of)] });
        }

        return shown;
    }

    /// <summary>Holds one to other rules, on every replica within a second; null where there is none.</summary>
    public Task<VirtualKey?> Change(
        OrgId org, KeyId id, KeyRules rules, Caller caller, CancellationToken cancellationToken) =>
        turns.Run(org, () => ChangeInTurn(org, id, rules, caller, cancellationToken), cancellationToken);

    /// <summary>The same, by a change that has its turn.</summary>
    public async Task<VirtualKey?> ChangeInTurn(
        OrgId org, KeyId id, KeyRules rules, Caller caller, CancellationToken cancellationToken)
    {
        if (await Find(org, id, cancellationToken) is not { } before)
        {
            return null;
        }

        if (PostureProblem(rules, before.Rules, caller) is { } beyond)
        {
            throw new RefusedRequestException(PlatformProblems.PermissionDenied, beyond);
        }

        var policy = await policies.Of(org, id.ToString(), cancellationToken);
        await SetRules(org, policy.Root ?? id, rules, before.Rules, caller.Actor, cancellationToken);
        return await Find(org, id, cancellationToken);
    }

    /// <summary>Replaces one; the new one is held to the same and spends from the same budgets.</summary>
    public Task<RotateKeyOutcome> Rotate(
        OrgId org, KeyId id, KeyRotation rotation, Caller caller, CancellationToken cancellationToken) =>
        keys.RotateAs(org, id, rotation, caller, cancellationToken);

    /// <summary>Revokes one: refused on every replica within a second.</summary>
    public Task<RevokeKeyOutcome> Revoke(
        OrgId org, KeyId id, string? reason, Caller caller, CancellationToken cancellationToken) =>
        keys.Revoke(org, id, reason, caller.Actor, cancellationToken);

    // A budget bounds what is spent in its own currency: in another it would hold nothing.
    private async Task<InvalidInput?> CurrencyProblem(
        OrgId org, NewVirtualKey wanted, CancellationToken cancellationToken) =>
        wanted.Budget is { } budget
        && await organisations.BilledFor(org, wanted.ProjectId, cancellationToken) is { } account
        && account.Currency != budget.Amount.Currency
            ? new InvalidInput(new Dictionary<string, string>
            {
                ["budget.amount"] = $"must be in {account.Currency.Code}, in which the key is billed",
            })
            : null;

    private async Task<string?> SetBudget(OrgId org, KeyId key, NewKeyBudget budget, BudgetWindow window, Caller caller)
    {
        var wanted = new NewBudget(new SpendScope("key", key.ToString()), budget.Amount, window, budget.Posture);
        var kept = await budgets.Create(org, wanted, caller.Actor, CancellationToken.None);
        return kept is BudgetOutcome.Kept ? null : $"The budget could not be made: {kept.GetType().Name}.";
    }

    private async Task SetRules(
        OrgId org, KeyId key, KeyRules rules, KeyRules? before, string actor, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await KeyPolicyRows.Write(transaction, org, key, rules.ToPolicy(), Instant.Now(time), cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                org,
                actor,
                "inference_key.rules_set",
                key.ToString(),
                Before: before is null ? null : AuditState.Of(before),
                After: AuditState.Of(rules)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        policies.Forget(org, key.ToString());
    }

    private static bool IsVirtual(KeyProfile key) => key.Scopes?.Contains(Permission.InferenceCall.Name) == true;
}
