using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>The columns of organisations and billing accounts, in the order every query here selects them.</summary>
internal static class OrganisationRows
{
    public const string BillingAccountColumns = """
        b.org_id, b.billing_account_id, b.is_default, b.kind, b.name, b.currency, b.settlement, b.status, b.created_at,
        b.project_id, b.user_id, b.parent_billing_account_id
        """;

    public const string OrganisationColumns =
        BillingAccountColumns + ", o.name, o.slug, o.mode, o.created_at, o.kind, o.state, o.deletes_at";

    /// <summary>Every organisation with its default billing account.</summary>
    public const string OrganisationsWithDefault = """
        accounts.organisations o
        join accounts.billing_accounts b on b.org_id = o.org_id and b.is_default
        """;

    /// <summary>How many <see cref="OrganisationColumns"/> are.</summary>
    public const int OrganisationColumnCount = BillingAccountColumnCount + 7;

    private const int BillingAccountColumnCount = 12;

    public static BillingAccountProfile BillingAccount(NpgsqlDataReader row) => new(
        new BillingAccountId(row.GetGuid(1)),
        new OrgId(row.GetGuid(0)),
        row.GetBoolean(2),
        StoredWord.Read<BillingAccountKind>(row.GetString(3)),
        row.GetString(4),
        Currency.Of(row.GetString(5)),
        StoredWord.Read<Settlement>(row.GetString(6)),
        StoredWord.Read<BillingAccountStatus>(row.GetString(7)),
        row.GetFieldValue<DateTimeOffset>(8))
    {
        ProjectId = row.IsDBNull(9) ? null : new ProjectId(row.GetGuid(9)),
        UserId = row.IsDBNull(10) ? null : new UserId(row.GetGuid(10)),
        ParentBillingAccountId = row.IsDBNull(11) ? null : new BillingAccountId(row.GetGuid(11)),
    };

    public static OrganisationProfile Organisation(NpgsqlDataReader row)
    {
        const int At = BillingAccountColumnCount;
        return new OrganisationProfile(
            new OrgId(row.GetGuid(0)),
            row.GetString(At),
            row.IsDBNull(At + 1) ? null : row.GetString(At + 1),
            StoredWord.Read<OrganisationMode>(row.GetString(At + 2)),
            BillingAccount(row),
            row.GetFieldValue<DateTimeOffset>(At + 3))
        {
            Kind = StoredWord.Read<OrganisationKind>(row.GetString(At + 4)),
            State = StoredWord.Read<OrganisationState>(row.GetString(At + 5)),
            DeletesAt = row.IsDBNull(At + 6) ? null : row.GetFieldValue<DateTimeOffset>(At + 6),
        };
    }

    private const string FindSql = $"""
        select {OrganisationColumns}
        from {OrganisationsWithDefault}
        where o.org_id = $1
        """;

    /// <summary>An organisation as this transaction sees it; null where there is none.</summary>
    public static async Task<OrganisationProfile?> Find(
        NpgsqlTransaction transaction, OrgId org, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(FindSql, org.Value);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? Organisation(row) : null;
    }

    /// <summary>Whether an organisation is in use, as this transaction sees it.</summary>
    public static async Task<OrganisationState?> StateOf(
        NpgsqlTransaction transaction, OrgId org, CancellationToken cancellationToken) =>
        (await Find(transaction, org, cancellationToken))?.State;
}
