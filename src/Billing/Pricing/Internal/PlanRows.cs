using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Pricing.Internal;

/// <summary>Plans and assignments as rows.</summary>
internal static class PlanRows
{
    public const string VersionColumns = """
        plan_version_id, family, number, status, currency, fee_micros, price_book_id, trial_days, entitlements, grants,
        content_hash, created_at, published_at
        """;

    public const string AssignmentColumns = """
        org_id, billing_account_id, assignment_id, kind, plan_version_id, price_book_id, effective_from, effective_to,
        prices_from, prices_to, anchor, commit_micros, overage_factor, discount_bps, trial_ends_at, note, created_at
        """;

    public static PlanVersion Version(NpgsqlDataReader reader) => new(
        new PlanVersionId(reader.GetGuid(0)),
        reader.GetString(1),
        reader.GetInt32(2),
        reader.GetString(3) == "published" ? PlanStatus.Published : PlanStatus.Draft,
        new Money(reader.GetInt64(5), Currency.Of(reader.GetString(4))),
        reader.IsDBNull(6) ? null : new PriceBookId(reader.GetGuid(6)),
        reader.GetInt32(7),
        Entitlements(reader.GetString(8)),
        Grants(reader.GetString(9)),
        Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(10)),
        reader.GetFieldValue<DateTimeOffset>(11),
        reader.IsDBNull(12) ? null : reader.GetFieldValue<DateTimeOffset>(12));

    public static Assignment Assignment(NpgsqlDataReader reader, Func<PlanVersionId, PlanVersion> planOf) => new(
        new AssignmentId(reader.GetGuid(2)),
        new BillingAccountKey(new OrgId(reader.GetGuid(0)), new BillingAccountId(reader.GetGuid(1))),
        KindOf(reader.GetString(3)),
        reader.IsDBNull(4) ? null : planOf(new PlanVersionId(reader.GetGuid(4))),
        reader.IsDBNull(5) ? null : new PriceBookId(reader.GetGuid(5)),
        new Period(Instant(reader, 6)!.Value, Instant(reader, 7) ?? DateTimeOffset.MaxValue),
        new Period(Instant(reader, 8)!.Value, Instant(reader, 9) ?? DateTimeOffset.MaxValue),
        Instant(reader, 10)!.Value,
        reader.IsDBNull(11) ? null : new Commitment(reader.GetInt64(11), reader.GetDecimal(12)),
        reader.GetInt32(13),
        Instant(reader, 14),
        reader.GetString(15),
        Instant(reader, 16)!.Value);

    /// <summary>Entitlements as their one text.</summary>
    public static string Text(IReadOnlyList<Entitlement> entitlements) =>
        JsonSerializer.Serialize(entitlements.Select(EntitlementSchemas.Document), JsonConventions.Options);

    /// <summary>Grants as their one text.</summary>
    public static string Text(IReadOnlyList<IncludedGrant> grants) => JsonSerializer.Serialize(grants, JsonConventions.Options);

    /// <summary>What a version says, as one hash.</summary>
    public static byte[] HashOf(PlanVersion version) => SHA256.HashData(Encoding.UTF8.GetBytes(
        $"{version.Id.Value:d}|{version.Family}|{version.Number}|{version.Fee.Currency}|{version.Fee.Micros}"
        + $"|{version.Book?.Value:d}|{version.TrialDays}|{Text(version.Entitlements)}|{Text(version.Grants)}"));

    public static string TextOf(AssignmentKind kind) => kind switch
    {
        AssignmentKind.Contract => "contract",
        AssignmentKind.Reseller => "reseller",
        _ => "plan",
    };

    private static AssignmentKind KindOf(string text) => text switch
    {
        "contract" => AssignmentKind.Contract,
        "reseller" => AssignmentKind.Reseller,
        _ => AssignmentKind.Plan,
    };

    private static Entitlement[] Entitlements(string text) =>
        [.. JsonSerializer.Deserialize<EntitlementDocument[]>(text, JsonConventions.Options)!.Select(EntitlementSchemas.Read)];

    private static IncludedGrant[] Grants(string text) =>
        JsonSerializer.Deserialize<IncludedGrant[]>(text, JsonConventions.Options)!;

    private static DateTimeOffset? Instant(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : reader.GetFieldValue<DateTimeOffset>(column);
}
