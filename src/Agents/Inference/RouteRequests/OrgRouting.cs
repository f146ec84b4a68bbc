using System.Collections.Frozen;
using System.Text;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>What an organisation has of its own.</summary>
/// <param name="Rule">What deployments must be to answer it.</param>
/// <param name="Credentials">Its credentials, by the provider's name.</param>
internal sealed record OrgRoutes(RoutingRule Rule, FrozenDictionary<string, string> Credentials)
{
    /// <summary>Nothing.</summary>
    public static readonly OrgRoutes None = new(RoutingRule.None, FrozenDictionary<string, string>.Empty);

    /// <summary>Never the credentials: records print all they hold.</summary>
    public override string ToString() => $"{Rule} and {Credentials.Count} credentials";
}

/// <summary>
/// Rules and credentials of organisations, believed for <see cref="Limits.PolicyFreshFor"/>. Asked only where any
/// organisation has some.
/// </summary>
internal sealed class OrgRouting
{
    /// <summary>What organisations' credentials are encrypted for.</summary>
    public const string CredentialPurpose = "inference.own_credential";

    private readonly NpgsqlDataSource database;
    private readonly Secrets secrets;
    private readonly Remembered<OrgId, OrgRoutes> known;

    public OrgRouting(NpgsqlDataSource database, Secrets secrets, TimeProvider time)
    {
        (this.database, this.secrets) = (database, secrets);
        known = new(Read, Limits.PolicyFreshFor, Limits.PoliciesRememberedMax, time);
    }

    /// <summary>What an organisation has.</summary>
    public ValueTask<OrgRoutes> Of(OrgId org, CancellationToken cancellationToken) => known.Of(org, cancellationToken);

    /// <summary>Reads them anew next time: called after this replica changed them.</summary>
    public void Forget(OrgId org) => known.Forget(org);

    /// <summary>What a credential is bound to: it can be read for this organisation and provider only.</summary>
    public static byte[] Binding(OrgId org, Guid provider) => [.. org.Value.ToByteArray(), .. provider.ToByteArray()];

    private const string RuleSql = """
        select required_tags, regions
        from inference.routing_rules
        where org_id = $1
        """;

    private const string CredentialsSql = """
        select p.name, p.provider_id, c.credential
        from inference.own_credentials c
        join inference.providers p on p.provider_id = c.provider_id
        where c.org_id = $1
        """;

    private async Task<OrgRoutes> Read(OrgId org)
    {
        await using var batch = database.CreateBatch();
        batch.Sql(RuleSql, org.Value);
        batch.Sql(CredentialsSql, org.Value);
        await using var reader = await batch.ExecuteReaderAsync(CancellationToken.None);
        var rule = await reader.ReadAsync(CancellationToken.None)
            ? new RoutingRule(reader.GetFieldValue<string[]>(0), reader.GetFieldValue<string[]>(1))
            : RoutingRule.None;
        await reader.NextResultAsync(CancellationToken.None);
        var credentials = new Dictionary<string, string>(StringComparer.Ordinal);
        while (await reader.ReadAsync(CancellationToken.None))
        {
            var secret = secrets.Unprotect(
                CredentialPurpose, reader.GetFieldValue<byte[]>(2), Binding(org, reader.GetGuid(1)));
            credentials.Add(reader.GetString(0), Encoding.UTF8.GetString(secret));
        }

        return rule.IsNone && credentials.Count == 0
            ? OrgRoutes.None
            : new OrgRoutes(rule, credentials.ToFrozenDictionary(StringComparer.Ordinal));
    }
}
