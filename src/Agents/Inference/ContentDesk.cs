using Npgsql;
using Quoin.Accounts;
using Quoin.Inference.Internal;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>The door to what becomes of the content of calls, for pages.</summary>
public sealed class ContentDesk
{
    private readonly SetContentPolicy policies;
    private readonly ReadContent contents;
    private readonly ReadSavings savings;
    private readonly NpgsqlDataSource database;

    internal ContentDesk(SetContentPolicy policies, ReadContent contents, ReadSavings savings, NpgsqlDataSource database) =>
        (this.policies, this.contents, this.savings, this.database) = (policies, contents, savings, database);

    /// <summary>The names that may be redacted, the built-in ones and the operator's own.</summary>
    public IReadOnlyCollection<string> Redactors => policies.Redactors;

    /// <summary>What becomes of the content of an organisation's calls.</summary>
    public Task<ContentPolicy> Policy(OrgId org, CancellationToken cancellationToken) =>
        policies.Find(org, Guid.Empty, cancellationToken);

    /// <summary>Says what becomes of it, on every replica within a second.</summary>
    /// <returns>What is wrong with it; null where it holds.</returns>
    public async Task<string?> SetPolicy(
        OrgId org, ContentPolicy policy, Caller caller, CancellationToken cancellationToken)
    {
        if (policy.FindProblem(Redactors) is { } wrong)
        {
            return wrong;
        }

        await policies.Set(org, null, policy, caller.Actor, cancellationToken);
        return null;
    }

    /// <summary>The keys with a guard of their own, those changed last first.</summary>
    public Task<IReadOnlyList<KeyId>> Guarded(OrgId org, CancellationToken cancellationToken) =>
        ContentPolicyRows.Guarded(database, org, cancellationToken);

    /// <summary>What a key's requests are looked through for besides; null where the organisation has no such key.</summary>
    public async Task<ContentGuard?> Guard(OrgId org, KeyId key, CancellationToken cancellationToken) =>
        await policies.Root(org, key, cancellationToken) is { } root
            ? (await policies.Find(org, root.Value, cancellationToken)).Guard ?? new ContentGuard()
            : null;

    /// <summary>Says what a key's requests are looked through for besides.</summary>
    /// <returns>What is wrong with it; null where it holds.</returns>
    public async Task<string?> SetGuard(
        OrgId org, KeyId key, ContentGuard guard, Caller caller, CancellationToken cancellationToken)
    {
        if (guard.FindProblem(Redactors) is { } wrong)
        {
            return wrong;
        }

        if (await policies.Root(org, key, cancellationToken) is not { } root)
        {
            return "There is no such key here.";
        }

        await policies.Set(org, root, new ContentPolicy(Guard: guard), caller.Actor, cancellationToken);
        return null;
    }

    /// <summary>What was asked and answered; the audit log says who looked. Null where none is kept.</summary>
    public Task<CallContent?> Read(OrgId org, CallId call, Caller caller, CancellationToken cancellationToken) =>
        contents.Find(org, call, caller.Actor, cancellationToken);

    /// <summary>
    /// What giving answers again saved in a range of time, by the organisation's clock: by model, the most saving first.
    /// </summary>
    public Task<IReadOnlyList<Saving>> Savings(OrgId org, Period range, CancellationToken cancellationToken) =>
        savings.Read(org, range, cancellationToken);

    /// <summary>What a call saved that was given an earlier one's answer; null where somebody answered it.</summary>
    public Task<GivenAgain?> Again(OrgId org, CallId call, CancellationToken cancellationToken) =>
        savings.Find(org, call, cancellationToken);
}
