using System.Collections.Concurrent;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;

namespace Quoin.Inference.Internal;

/// <summary>
/// Policies by caller, believed for <see cref="Limits.PolicyFreshFor"/>. Whoever finds one half-way to stale has it read again
/// in the background, so that as a rule nobody waits for it.
/// </summary>
internal sealed class KeyPolicies(NpgsqlDataSource database, Keys keys, TimeProvider time)
{
    private readonly ConcurrentDictionary<(OrgId Org, string Actor), Reading> readings = new();

    /// <summary>What a caller's calls are held to.</summary>
    public ValueTask<KeyPolicy> Of(OrgId org, string actor, CancellationToken cancellationToken)
    {
        if (!IdText.TryParse(KeyId.Prefix, actor, out var id))
        {
            return new ValueTask<KeyPolicy>(KeyPolicy.Usual);
        }

        var reading = readings.TryGetValue((org, actor), out var known) && IsFresh(known)
            ? known
            : Start(org, actor, new KeyId(id));
        if (IsHalfStale(reading) && reading.ClaimRefresh())
        {
            _ = Refresh((org, actor), reading, new KeyId(id));
        }

        return reading.Policy.Value.IsCompletedSuccessfully
            ? new ValueTask<KeyPolicy>(reading.Policy.Value.Result)
            : new ValueTask<KeyPolicy>(Wait((org, actor), reading, cancellationToken));
    }

    /// <summary>Reads a key's policy anew next time: called after this replica changed it.</summary>
    public void Forget(OrgId org, string actor) => readings.TryRemove((org, actor), out _);

    // One reading serves all who ask meanwhile, so it is nobody's to cancel.
    private Reading Start(OrgId org, string actor, KeyId key)
    {
        if (readings.Count >= Limits.PoliciesRememberedMax)
        {
            readings.Clear();
        }

        var reading = new Reading(time.GetTimestamp(), new Lazy<Task<KeyPolicy>>(() => Read(org, key)));
        return readings.AddOrUpdate((org, actor), reading, (_, there) => IsFresh(there) ? there : reading);
    }

    // Should it fail, whoever finds the reading stale reads anew and is told. What was forgotten meanwhile stays forgotten: a
    // change of this replica must not be undone by what was read before it.
    private async Task Refresh((OrgId Org, string Actor) key, Reading old, KeyId id)
    {
        var readAt = time.GetTimestamp();
        var reading = Task.Run(() => Read(key.Org, id));
        await ((Task)reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (reading.IsCompletedSuccessfully)
        {
            readings.TryUpdate(key, new Reading(readAt, new Lazy<Task<KeyPolicy>>(reading)), old);
        }
    }

    // A key that replaces another is held to what that one was: by whichever door it was replaced.
    private async Task<KeyPolicy> Read(OrgId org, KeyId key)
    {
        var profile = await keys.Find(org, key, CancellationToken.None);
        var (root, project) = (key, profile?.ProjectId);
        for (var steps = 0; steps < Limits.ReplacedKeysMax; steps++)
        {
            if (await KeyPolicyRows.Find(database, org, root, time.GetUtcNow(), CancellationToken.None) is { } policy)
            {
                return await WithSpenders(org, policy with { Project = project });
            }

            if (profile?.ReplacesKeyId is not { } replaced)
            {
                break;
            }

            root = replaced;
            profile = await keys.Find(org, root, CancellationToken.None);
        }

        return KeyPolicy.Usual with { Root = root, Project = project };
    }

    private async Task<KeyPolicy> WithSpenders(OrgId org, KeyPolicy policy)
    {
        IReadOnlyList<SpenderPolicy> spenders = policy is { Team: null, User: null }
            ? []
            : await KeyPolicyRows.Spenders(
                database, org, policy.Team, policy.User, time.GetUtcNow(), CancellationToken.None);
        var counters = spenders.Where(one => one.TokensPerMinute is not null).Select(one => one.Counter).ToList();
        if (policy is { TokensPerMinute: not null, Root: { } key })
        {
            counters.Add(key);
        }

        return policy with { Spenders = spenders, Counters = counters };
    }

    private async Task<KeyPolicy> Wait((OrgId Org, string Actor) key, Reading reading, CancellationToken cancellationToken)
    {
        try
        {
            return await reading.Policy.Value.WaitAsync(cancellationToken);
        }
        catch when (reading.Policy.Value.IsFaulted)
        {
            readings.TryRemove(new KeyValuePair<(OrgId, string), Reading>(key, reading));
            throw;
        }
    }

    private bool IsFresh(Reading reading) => time.GetElapsedTime(reading.ReadAt) < Limits.PolicyFreshFor;

    private bool IsHalfStale(Reading reading) => time.GetElapsedTime(reading.ReadAt) >= Limits.PolicyFreshFor / 2;

    private sealed class Reading(long readAt, Lazy<Task<KeyPolicy>> policy)
    {
        private int refreshing;

        public long ReadAt => readAt;

        public Lazy<Task<KeyPolicy>> Policy => policy;

        public bool ClaimRefresh() => Volatile.Read(ref refreshing) == 0 && Interlocked.Exchange(ref refreshing, 1) == 0;
    }
}
