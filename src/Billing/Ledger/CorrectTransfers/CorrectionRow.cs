using System.Text.Json;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>A correction as stored, with what only the rule of two persons needs.</summary>
/// <param name="Correction">The correction.</param>
/// <param name="RequestedByOrigin">The person behind who asked.</param>
internal sealed record CorrectionRow(Correction Correction, string RequestedByOrigin)
{
    /// <summary>The columns <see cref="Read"/> reads, in order.</summary>
    public const string Columns = """
        correction_id, billing_account_id, original_transfer_id, kind, key, reason, evidence, legs, state, requested_by,
        requested_at, decided_by, decided_at, decision_reason, transfer_id, requested_by_origin
        """;

    public static CorrectionRow Read(NpgsqlDataReader reader)
    {
        var asked = new NewCorrection(
            new TransferId(reader.GetGuid(2)),
            LedgerNames.CorrectionKindOf(reader.GetString(3)),
            reader.GetString(4),
            reader.GetString(5),
            reader.GetString(6),
            reader.IsDBNull(7) ? [] : LegsOf(reader.GetString(7)));
        var correction = new Correction(
            new CorrectionId(reader.GetGuid(0)),
            new BillingAccountId(reader.GetGuid(1)),
            asked,
            LedgerNames.CorrectionStateOf(reader.GetString(8)),
            reader.GetString(9),
            reader.GetFieldValue<DateTimeOffset>(10),
            reader.IsDBNull(11) ? null : reader.GetString(11),
            reader.IsDBNull(12) ? null : reader.GetFieldValue<DateTimeOffset>(12),
            reader.IsDBNull(13) ? null : reader.GetString(13),
            reader.IsDBNull(14) ? null : new TransferId(reader.GetGuid(14)));
        return new CorrectionRow(correction, reader.GetString(15));
    }

    public static async Task<IReadOnlyList<CorrectionRow>> ReadAll(
        NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<CorrectionRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(Read(reader));
        }

        return rows;
    }

    /// <summary>Legs as they are stored; null for none.</summary>
    public static string? TextOf(IReadOnlyList<Leg> legs) => legs.Count == 0
        ? null
        : JsonSerializer.Serialize(legs.Select(LegShape.Of), JsonConventions.Options);

    private static Leg[] LegsOf(string text) =>
        [.. JsonSerializer.Deserialize<LegShape[]>(text, JsonConventions.Options)!.Select(leg => leg.ToLeg())];
}
