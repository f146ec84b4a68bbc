using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>
/// Whether calls of models that nothing prices may be made, for nothing: only where somebody has said so, for the model or
/// the organisation. Believed for <see cref="Limits.PolicyFreshFor"/>.
/// </summary>
internal sealed class UnpricedModels
{
    /// <summary>Where a row for all models, or for all organisations, stands.</summary>
    public const string AllModels = "";

    /// <summary>The policies as stored.</summary>
    public const string Refuse = "refuse";

    /// <inheritdoc cref="Refuse" />
    public const string Zero = "zero";

    private readonly NpgsqlDataSource database;
    private readonly Remembered<(OrgId Org, string Model), bool> known;

    public UnpricedModels(NpgsqlDataSource database, TimeProvider time)
    {
        this.database = database;
        known = new(one => Read(one.Org, one.Model), Limits.PolicyFreshFor, Limits.PoliciesRememberedMax, time);
    }

    /// <summary>Whether an organisation may call a model that nothing prices, for nothing.</summary>
    public ValueTask<bool> AreFree(OrgId org, string model, CancellationToken cancellationToken) =>
        known.Of((org, model), cancellationToken);

    /// <summary>Reads policies anew next time: called after this replica changed one.</summary>
    public void Forget() => known.ForgetAll();

    // The nearest row counts: the organisation's for the model, for all models; then everybody's.
    private const string ReadSql = """
        select policy
        from inference.unpriced_models
        where org_id = any($1)
            and model = any($2)
        order by org_id desc, model desc
        limit 1
        """;

    private async Task<bool> Read(OrgId org, string model)
    {
        await using var command = database.Sql(
            ReadSql, (Guid[])[org.Value, Guid.Empty], (string[])[model, AllModels]);
        return await command.ExecuteScalarAsync(CancellationToken.None) is Zero;
    }
}
