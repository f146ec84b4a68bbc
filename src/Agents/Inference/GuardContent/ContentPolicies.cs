using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>
/// Policies of content by caller, believed for <see cref="Limits.PolicyFreshFor"/>. Asked only where any organisation has one.
/// </summary>
internal sealed class ContentPolicies
{
    private readonly NpgsqlDataSource database;
    private readonly KeyPolicies keys;
    private readonly Routes routes;
    private readonly CompiledPatterns patterns = new();
    private readonly Remembered<(OrgId Org, Guid Key), ContentRules> known;

    public ContentPolicies(
        NpgsqlDataSource database, KeyPolicies keys, Routes routes, IEnumerable<IContentRedactor> redactors, TimeProvider time)
    {
        (this.database, this.keys, this.routes) = (database, keys, routes);
        Redactors = redactors.ToDictionary(redactor => redactor.Name, StringComparer.Ordinal);
        known = new(one => Read(one.Org, one.Key), Limits.PolicyFreshFor, Limits.PoliciesRememberedMax, time);
    }

    /// <summary>What can be redacted, by name.</summary>
    public IReadOnlyDictionary<string, IContentRedactor> Redactors { get; }

    /// <summary>What holds for a caller's calls.</summary>
    public async ValueTask<ContentRules> Of(OrgId org, string actor, CancellationToken cancellationToken)
    {
        if (!(await routes.Table()).HasContentPolicies)
        {
            return ContentRules.None;
        }

        var policy = await keys.Of(org, actor, cancellationToken);
        return await known.Of((org, policy.Root?.Value ?? Guid.Empty), cancellationToken);
    }

    /// <summary>Reads policies anew next time: called after this replica changed one.</summary>
    public void Forget()
    {
        routes.Forget();
        known.ForgetAll();
    }

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
            [
                .. rows.Values
                    .Where(row => row.Guard is not null)
                    .Select(row => new CompiledGuard(row.Guard!, Redactors, patterns)),
            ]);
    }
}
