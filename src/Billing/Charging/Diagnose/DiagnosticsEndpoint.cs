using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;

namespace Quoin.Charging.Internal;

/// <summary>Which request to follow.</summary>
/// <param name="CorrelationId">Its name: the <c>X-Request-Id</c> of its answer.</param>
internal sealed record DiagnosticsRequest(string CorrelationId);

/// <summary>An event of the request.</summary>
/// <param name="Event">Its id here.</param>
/// <param name="Source">Its sender.</param>
/// <param name="Id">The sender's id.</param>
/// <param name="Type">Its type.</param>
/// <param name="Time">When the usage happened.</param>
internal sealed record TrailEventRow(string Event, string Source, string Id, string Type, DateTimeOffset Time);

/// <summary>A piece of the request's usage.</summary>
/// <param name="BillingAccount">Who is billed.</param>
/// <param name="Meter">The meter.</param>
/// <param name="Dimensions">Of which kind.</param>
/// <param name="BucketStart">In which quarter hour.</param>
/// <param name="Fold">The fold that counted it.</param>
/// <param name="Quantity">What the request adds to the bucket.</param>
/// <param name="EventCount">From how many of its events.</param>
/// <param name="BucketQuantity">What the bucket holds in all.</param>
/// <param name="State">Where it has come to.</param>
/// <param name="Why">What that means.</param>
/// <param name="Lines">The lines that rate it.</param>
internal sealed record TrailUsageRow(
    BillingAccountId BillingAccount,
    string Meter,
    IReadOnlyDictionary<string, string> Dimensions,
    DateTimeOffset BucketStart,
    Guid Fold,
    decimal Quantity,
    long EventCount,
    decimal? BucketQuantity,
    TrailState State,
    string Why,
    IReadOnlyList<TrailLineRow> Lines);

/// <summary>A line of the trail.</summary>
/// <param name="Line">Its id.</param>
/// <param name="Amount">What it adds.</param>
/// <param name="Transfer">What posted it.</param>
internal sealed record TrailLineRow(RatedLineId Line, Money Amount, TransferId? Transfer);

/// <summary>A transfer of the trail.</summary>
/// <param name="Transfer">Its id.</param>
/// <param name="Kind">Its kind.</param>
/// <param name="RecordedAt">When the books learned of it.</param>
/// <param name="CorrelationId">The first request that led to it.</param>
/// <param name="Entries">Its entries.</param>
internal sealed record TrailTransferRow(
    TransferId Transfer, string Kind, DateTimeOffset RecordedAt, string? CorrelationId, IReadOnlyList<LegRow> Entries);

/// <summary>All a request led to.</summary>
/// <param name="CorrelationId">The request's name.</param>
/// <param name="Complete">Whether every piece is in the books.</param>
/// <param name="Missing">What is not, and why.</param>
/// <param name="Events">The first of its events.</param>
/// <param name="Usage">What they add, and how far each piece has come.</param>
/// <param name="Transfers">What posted it.</param>
internal sealed record TrailRow(
    string CorrelationId,
    bool Complete,
    IReadOnlyList<string> Missing,
    IReadOnlyList<TrailEventRow> Events,
    IReadOnlyList<TrailUsageRow> Usage,
    IReadOnlyList<TrailTransferRow> Transfers);

/// <summary>Follows requests.</summary>
internal static class DiagnosticsEndpoint
{
    /// <summary><c>GET /v1/diagnostics</c>.</summary>
    public static async Task<Results<Ok<TrailRow>, Problem>> Handle(
        Parameters<DiagnosticsRequest> parameters, Trails trails, HttpContext context, CancellationToken cancellationToken)
    {
        var (caller, id) = (context.Caller(), parameters.Value.CorrelationId);
        if (InputText.Problem(id, Limits.CorrelationLettersMax) is { } wrong)
        {
            return new Problem(ChargingProblems.InvalidChargingInput, $"correlation_id {wrong}.");
        }

        var trail = await trails.Of(caller.RequiredOrg, id, cancellationToken);
        return TypedResults.Ok(new TrailRow(
            trail.CorrelationId,
            trail.Missing.Count == 0,
            trail.Missing,
            [.. trail.Events.Select(one => new TrailEventRow(
                one.Position.ToString(), one.Source, one.EventId, one.Type, one.OccurredAt))],
            [.. trail.Usage.Select(Row)],
            [.. trail.Transfers.Select(one => Row(one, caller.Realm == Realm.Operator))]));
    }

    private static TrailUsageRow Row(TrailUsage piece) => new(
        piece.Usage.BillingAccount,
        piece.Meter,
        piece.Usage.Dimensions.ToDictionary(),
        piece.Usage.BucketStart,
        piece.Fold,
        piece.Quantity,
        piece.EventCount,
        piece.BucketQuantity,
        piece.State,
        piece.Why,
        [.. piece.Lines.Select(line => new TrailLineRow(line.Id, line.Amount, line.Transfer))]);

    private static TrailTransferRow Row(TrailTransfer one, bool isOperator) => new(
        one.Transfer.Id,
        one.Transfer.Kind,
        one.Transfer.RecordedAt,
        one.Transfer.Metadata.GetValueOrDefault(RatingRun.CorrelationMember),
        [.. one.Entries.Where(entry => isOperator || !ExplanationRow.IsCost(entry.AccountKind)).Select(LegRow.Of)]);
}
