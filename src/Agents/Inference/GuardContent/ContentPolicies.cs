using System.Collections.Concurrent;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>
/// Policies of content by caller. One that is a second old is read anew beside the calls that go on with it; after two
/// seconds they wait for it.
/// </summary>
internal sealed class ContentPolicies
{
    private readonly NpgsqlDataSource database;
    private readonly KeyPolicies keys;
    private readonly TimeProvider time;
    private readonly ConcurrentDictionary<(OrgId Org, Guid Key), Reading> readings = new();

    public ContentPolicies(
        NpgsqlDataSource database, KeyPolicies keys, IEnumerable<IContentRedactor> redactors, TimeProvider time)
    {
        (this.database, this.keys, this.time) = (database, keys, time);
        Redactors = redactors.ToDictionary(redactor => redactor.Name, StringComparer.Ordinal);
    }

    /// <summary>What can be redacted, by name.</summary>
    public IReadOnlyDictionary<string, IContentRedactor> Redactors { get; }

    /// <summary>What holds for a caller's calls.</summary>
    public async ValueTask<ContentRules> Of(OrgId org, string actor, CancellationToken cancellationToken)
    {
        var policy = await keys.Of(org, actor, cancellationToken);
        var key = (org, policy.Root?.Value ?? Guid.Empty);
        if (!readings.TryGetValue(key, out var reading))
        {
            reading = Begin(key);
        }

        var age = time.GetElapsedTime(reading.ReadAt);
        if (reading.Rules is { } fresh && age < Limits.PolicyFreshFor)
        {
            return fresh;
        }

        var next = reading.Next.Value;
        return reading.Rules is { } usable && age < Limits.PolicyUsableFor
            ? usable
            : await Wait(key, reading, next, cancellationToken);
    }

    /// <summary>Reads policies anew next time: called after this replica changed one.</summary>
    public void Forget() => readings.Clear();

    private Reading Begin((OrgId Org, Guid Key) key)
    {
        if (readings.Count >= Limits.PoliciesRememberedMax)
        {
            readings.Clear();
        }

        return readings.GetOrAdd(key, new Reading(0, null, Renewal(key)));
    }

    private async Task<ContentRules> Wait(
        (OrgId Org, Guid Key) key, Reading reading, Task<ContentRules> next, CancellationToken cancellationToken)
    {
        try
        {
            return await next.WaitAsync(cancellationToken);
        }
        catch when (next.IsFaulted)
        {
            readings.TryRemove(KeyValuePair.Create(key, reading));
            throw;
        }
    }

    // One reading serves all who ask meanwhile, so it is nobody's to cancel.
    private Lazy<Task<ContentRules>> Renewal((OrgId Org, Guid Key) key) => new(async () =>
    {
        var readAt = time.GetTimestamp();
        var rules = await Read(key.Org, key.Key);
        readings[key] = new Reading(readAt, rules, Renewal(key));
        return rules;
    });

    private async Task<ContentRules> Read(OrgId org, Guid key)
    {
        var rows = await ContentPolicyRows.Find(database, org, [Guid.Empty, key], CancellationToken.None);
        if (rows.Count == 0)
        {
            return ContentRules.None;
        }

        var own = rows.GetValueOrDefault(Guid.Empty);
        return new ContentRules(
            own?.DaysKept,
            own?.CachedSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            [.. rows.Values.Where(row => row.Guard is not null).Select(row => new CompiledGuard(row.Guard!, Redactors))]);
    }

    private sealed record Reading(long ReadAt, ContentRules? Rules, Lazy<Task<ContentRules>> Next);
}
