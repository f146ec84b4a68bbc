using Microsoft.AspNetCore.Http;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Charging.Internal;

/// <summary>Which set-aside usage.</summary>
/// <param name="Reason">Only what is set aside for this reason.</param>
internal sealed record UnpricedRequest(string? Reason = null);

/// <summary>Usage that is set aside, as the API shows it.</summary>
/// <param name="Organisation">Whose.</param>
/// <param name="BillingAccount">Billed to.</param>
/// <param name="Reason">
/// Why it cannot be rated: <c>no_price</c>; <c>overflow</c>, it comes to more than can be; <c>unsupported</c>, its price
/// cannot rate such a meter; <c>failed</c>, rating it broke.
/// </param>
/// <param name="Failure">What broke, where it failed: the type of what was thrown.</param>
/// <param name="Meter">The key of the meter that measured it, or the id of one that is not known.</param>
/// <param name="Dimensions">Its dimensions.</param>
/// <param name="Quantity">How much waits.</param>
/// <param name="EventCount">How many events wait.</param>
/// <param name="OldestRecordedAt">When the oldest of them was stored.</param>
internal sealed record UnpricedRow(
    OrgId Organisation,
    BillingAccountId BillingAccount,
    string Reason,
    string? Failure,
    string Meter,
    IReadOnlyDictionary<string, string> Dimensions,
    decimal Quantity,
    long EventCount,
    DateTimeOffset OldestRecordedAt);

/// <summary><c>GET /v1/unpriced-usage</c>.</summary>
internal static class ReadUnpriced
{
    public static async Task<IResult> List(
        Parameters<UnpricedRequest> parameters,
        Charging charging,
        Metering.Metering metering,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var meters = (await metering.Meters(cancellationToken)).ToDictionary(meter => meter.Id, meter => meter.Key);
        var rows = await charging.Unpriced(context.Caller().Org, parameters.Value.Reason, cancellationToken);
        return TypedResults.Ok(new Page<UnpricedRow>(
            [
                .. rows.Select(row => new UnpricedRow(
                    row.Org,
                    row.BillingAccount,
                    row.Reason,
                    row.Failure,
                    meters.GetValueOrDefault(row.Meter, row.Meter.ToString()),
                    row.Dimensions.ToDictionary(),
                    row.Quantity,
                    row.EventCount,
                    row.OldestRecordedAt)),
            ],
            null));
    }
}
