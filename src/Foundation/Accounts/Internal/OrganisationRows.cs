using Npgsql;
using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>The columns of organisations and billing accounts, in the order every query here selects them.</summary>
internal static class OrganisationRows
{
    public const string BillingAccountColumns = """
        b.org_id, b.billing_account_id, b.is_default, b.kind, b.name, b.currency, b.settlement, b.status, b.created_at
        """;

    public const string OrganisationColumns = BillingAccountColumns + ", o.name, o.slug, o.mode, o.created_at";

    /// <summary>Every organisation with its default billing account.</summary>
    public const string OrganisationsWithDefault = """
        accounts.organisations o
        join accounts.billing_accounts b on b.org_id = o.org_id and b.is_default
        """;

    private const int BillingAccountColumnCount = 9;

    public static BillingAccountProfile BillingAccount(NpgsqlDataReader row) => new(
        new BillingAccountId(row.GetGuid(1)),
        new OrgId(row.GetGuid(0)),
        row.GetBoolean(2),
        StoredWord.Read<BillingAccountKind>(row.GetString(3)),
        row.GetString(4),
        Currency.Of(row.GetString(5)),
        StoredWord.Read<Settlement>(row.GetString(6)),
        StoredWord.Read<BillingAccountStatus>(row.GetString(7)),
        row.GetFieldValue<DateTimeOffset>(8));

    public static OrganisationProfile Organisation(NpgsqlDataReader row)
    {
        const int At = BillingAccountColumnCount;
        return new OrganisationProfile(
            new OrgId(row.GetGuid(0)),
            row.GetString(At),
            row.IsDBNull(At + 1) ? null : row.GetString(At + 1),
            StoredWord.Read<OrganisationMode>(row.GetString(At + 2)),
            BillingAccount(row),
            row.GetFieldValue<DateTimeOffset>(At + 3));
    }
}
