using Microsoft.AspNetCore.Http;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>A meter as the API shows it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Key">Its name, which prices refer to.</param>
/// <param name="Aggregation">How events become one quantity.</param>
/// <param name="Unit">What it counts.</param>
/// <param name="Versions">What it reads, from when on; the earliest first.</param>
internal sealed record MeterRow(
    MeterId Id, string Key, Aggregation Aggregation, string Unit, IReadOnlyList<MeterVersion> Versions)
{
    public static MeterRow Of(Meter meter) =>
        new(meter.Id, meter.Key, meter.Aggregation, meter.Unit, meter.Versions);
}

/// <summary>Which meter.</summary>
/// <param name="Meter">Its id or its key: <c>llm.input_tokens</c>.</param>
internal sealed record MeterRequest(string Meter);

/// <summary>Reads meters.</summary>
internal static class ReadMeters
{
    /// <summary><c>GET /v1/meters</c>.</summary>
    public static async Task<IResult> List(Metering metering, CancellationToken cancellationToken)
    {
        var meters = await metering.Meters(cancellationToken);
        return TypedResults.Ok(new Page<MeterRow>([.. meters.Select(MeterRow.Of)], null));
    }

    /// <summary><c>GET /v1/meters/{meter}</c>.</summary>
    public static async Task<IResult> One(
        Parameters<MeterRequest> parameters, Metering metering, CancellationToken cancellationToken)
    {
        var meters = await metering.Meters(cancellationToken);
        return meters.FirstOrDefault(meter => meter.IsNamed(parameters.Value.Meter)) is { } meter
            ? TypedResults.Ok(MeterRow.Of(meter))
            : new Problem(PlatformProblems.NotFound, "There is no such meter.");
    }
}
