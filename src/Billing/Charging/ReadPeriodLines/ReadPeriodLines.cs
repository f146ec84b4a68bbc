using Microsoft.AspNetCore.Http;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Charging.Internal;

/// <summary>Which lines of periods, newest first.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="BillingAccount">Only lines billed to this account.</param>
/// <param name="PeriodStart">Only lines of the billing period that begins then.</param>
internal sealed record PeriodLinePageRequest(
    PageLimit Limit,
    Cursor<PeriodLineId>? Cursor = null,
    BillingAccountId? BillingAccount = null,
    DateTimeOffset? PeriodStart = null);

/// <summary>A line of a period's plan or commitment as the API shows it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind"><c>plan_fee</c>, or <c>commit</c> for what was promised and not used, or used beyond.</param>
/// <param name="BillingAccount">Who is billed.</param>
/// <param name="PeriodStart">The first instant of the billing period.</param>
/// <param name="PeriodEnd">The first instant after it, as it was known then.</param>
/// <param name="Amount">What this line adds; negative where something is given back.</param>
/// <param name="AmountInPeriod">What all lines of this kind and period come to with it.</param>
/// <param name="Assignment">The assignment that asks for it.</param>
/// <param name="PlanVersion">The plan's version.</param>
/// <param name="Reference">What it is for, for people.</param>
/// <param name="IsLate">Whether its period was closed before: it goes on the next invoice.</param>
/// <param name="Transfer">The transfer that posted it.</param>
/// <param name="MadeAt">When it was made.</param>
internal sealed record PeriodLineRow(
    PeriodLineId Id,
    string Kind,
    BillingAccountId BillingAccount,
    DateTimeOffset PeriodStart,
    DateTimeOffset PeriodEnd,
    Money Amount,
    Money AmountInPeriod,
    AssignmentId? Assignment,
    PlanVersionId? PlanVersion,
    string Reference,
    bool IsLate,
    TransferId Transfer,
    DateTimeOffset MadeAt);

/// <summary><c>GET /v1/period-lines</c>.</summary>
internal static class ReadPeriodLines
{
    public static async Task<IResult> List(
        Parameters<PeriodLinePageRequest> parameters,
        Charging charging,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var rows = await charging.PeriodLines(
            context.Caller().RequiredOrg,
            request.BillingAccount,
            request.PeriodStart?.ToUniversalTime(),
            request.Cursor?.Keys,
            request.Limit.RowsToFetch,
            cancellationToken);
        return TypedResults.Ok(Page.Of(rows, request.Limit, line => line.Id, Row));
    }

    private static PeriodLineRow Row(PeriodLine line) => new(
        line.Id,
        PeriodLineRows.Name(line.Kind),
        line.BillingAccount,
        line.Period.Start,
        line.Period.End,
        line.Amount,
        line.Amount with { Micros = line.TotalMicros },
        line.Assignment,
        line.Plan,
        line.Reference,
        line.IsLate,
        line.Transfer,
        line.MadeAt);
}
