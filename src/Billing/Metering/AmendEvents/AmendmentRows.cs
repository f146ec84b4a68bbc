using System.Text;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>Amendments and replacements as rows.</summary>
internal static class AmendmentRows
{
    private const string ClaimSql = """
        insert into metering.amendments
            (org_id, event_fold_id, event_ordinal, kind, reason, actor, fold_id, replacement_fold_id, replacement_ordinal,
            recorded_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        on conflict (org_id, event_fold_id, event_ordinal) do nothing
        """;

    /// <summary>Makes an amendment the event's only one; false when it has one.</summary>
    public static async Task<bool> Claim(
        NpgsqlTransaction transaction,
        OrgId org,
        EventPosition position,
        EventAmendment amendment,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            ClaimSql,
            org.Value,
            position.Fold,
            position.Ordinal,
            amendment.Kind == AmendmentKind.Void ? "void" : "correct",
            amendment.Reason,
            amendment.Actor,
            amendment.Fold,
            amendment.Replacement?.Fold,
            amendment.Replacement?.Ordinal,
            amendment.RecordedAt);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private const string ClaimKeySql = """
        insert into metering.event_keys (org_id, key_hash, body_hash, fold_id, ordinal)
        values ($1, $2, $3, $4, $5)
        on conflict (org_id, key_hash) do nothing
        """;

    private const string StoreSql = """
        insert into metering.events
            (org_id, fold_id, ordinal, billing_account_id, occurred_at, source, event_id, type, subject, data, recorded_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::jsonb, $11)
        """;

    /// <summary>Stores a replacement; false when another event has its name.</summary>
    public static async Task<bool> Store(
        NpgsqlTransaction transaction,
        OrgId org,
        StoredEvent stored,
        EventAmendment amendment,
        ParsedEvent replacement,
        CancellationToken cancellationToken)
    {
        var position = amendment.Replacement!.Value;
        await using (var claim = transaction.Sql(
            ClaimKeySql, org.Value, replacement.KeyHash, replacement.BodyHash, position.Fold, position.Ordinal))
        {
            if (await claim.ExecuteNonQueryAsync(cancellationToken) == 0)
            {
                return false;
            }
        }

        await using var store = transaction.Sql(
            StoreSql,
            org.Value,
            position.Fold,
            position.Ordinal,
            stored.BillingAccount.Value,
            replacement.OccurredAt,
            stored.Source,
            Encoding.UTF8.GetString(replacement.Id.Span),
            stored.Type,
            stored.Subject,
            Encoding.UTF8.GetString(replacement.Data.Span),
            amendment.RecordedAt);
        await store.ExecuteNonQueryAsync(cancellationToken);
        return true;
    }
}
