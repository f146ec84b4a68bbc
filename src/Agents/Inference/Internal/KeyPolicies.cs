using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;

namespace Quoin.Inference.Internal;

/// <summary>Policies by caller, believed for <see cref="Limits.PolicyFreshFor"/>.</summary>
internal sealed class KeyPolicies
{
    private readonly NpgsqlDataSource database;
    private readonly Keys keys;
    private readonly Routes routes;
    private readonly TimeProvider time;
    private readonly Remembered<(OrgId Org, KeyId Key), KeyPolicy> known;
    private readonly Remembered<(OrgId Org, string Name), SpenderPolicy?> customers;

    public KeyPolicies(NpgsqlDataSource database, Keys keys, Routes routes, TimeProvider time)
    {
        (this.database, this.keys, this.routes, this.time) = (database, keys, routes, time);
        known = new(one => Read(one.Org, one.Key), Limits.PolicyFreshFor, Limits.PoliciesRememberedMax, time);
        customers = new(one => Customer(one.Org, one.Name), Limits.PolicyFreshFor, Limits.PoliciesRememberedMax, time);
    }

    /// <summary>What a call is held to: its caller's policy, and what is held against the customer it names.</summary>
    public async ValueTask<KeyPolicy> Of(ModelCall call, CancellationToken cancellationToken)
    {
        var policy = await Of(call.Org, call.Actor, cancellationToken);
        if (call.User is not { } name
            || !(await routes.Table()).HasCustomers
            || await customers.Of((call.Org, name), cancellationToken) is not { } customer)
        {
            return policy;
        }

        return policy with
        {
            Spenders = [.. policy.Spenders, customer],
            Counters = customer.TokensPerMinute is null ? policy.Counters : [.. policy.Counters, customer.Counter],
        };
    }

    /// <summary>What a caller's calls are held to.</summary>
    public ValueTask<KeyPolicy> Of(OrgId org, string actor, CancellationToken cancellationToken) =>
        IdText.TryParse(KeyId.Prefix, actor, out var key)
            ? known.Of((org, new KeyId(key)), cancellationToken)
            : new ValueTask<KeyPolicy>(KeyPolicy.Usual);

    /// <summary>Reads a key's policy anew next time: called after this replica changed it.</summary>
    public void Forget(OrgId org, string actor)
    {
        if (IdText.TryParse(KeyId.Prefix, actor, out var key))
        {
            known.Forget((org, new KeyId(key)));
        }
    }

    // A key that replaces another is held to what the first of its line is: by whichever door it was replaced. Who is a key
    // and is not found is not let off: nobody knows what it would be held to.
    private async Task<KeyPolicy> Read(OrgId org, KeyId key)
    {
        var profile = await keys.Find(org, key, CancellationToken.None)
            ?? await keys.Find(null, key, CancellationToken.None)
            ?? throw new InvalidOperationException($"{key} is no key of {org} and none of the operator.");
        var (root, project) = (profile.FirstKeyId, profile.ProjectId);
        return await KeyPolicyRows.Find(database, org, root, time.GetUtcNow(), CancellationToken.None) is { } policy
            ? await WithSpenders(org, policy with { Project = project })
            : KeyPolicy.Usual with { Root = root, Project = project };
    }

    private async Task<SpenderPolicy?> Customer(OrgId org, string name) =>
        (await KeyPolicyRows.Spenders(database, org, null, null, null, name, time.GetUtcNow(), CancellationToken.None))
            .FirstOrDefault();

    private async Task<KeyPolicy> WithSpenders(OrgId org, KeyPolicy policy)
    {
        IReadOnlyList<SpenderPolicy> spenders = policy is { Team: null, User: null }
            ? []
            : await KeyPolicyRows.Spenders(
                database, org, policy.Team, policy.User, policy.Member, null, time.GetUtcNow(), CancellationToken.None);
        var counters = spenders.Where(one => one.TokensPerMinute is not null).Select(one => one.Counter).ToList();
        if (policy is { TokensPerMinute: not null, Root: { } key })
        {
            counters.Add(key);
        }

        return policy with { Spenders = spenders, Counters = counters };
    }
}
