using Microsoft.AspNetCore.Http;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>Meters to define, all or none.</summary>
/// <param name="Meters">The meters; those of a new event type together measure from the beginning.</param>
internal sealed record MetersInput(IReadOnlyList<MeterInput> Meters);

/// <summary>The endpoints that define meters.</summary>
internal static class MeterEndpoints
{
    /// <summary><c>POST /v1/meters</c>.</summary>
    public static async Task<IResult> Create(
        MetersInput request, DefineMeters define, HttpContext context, CancellationToken cancellationToken)
    {
        if (request.Meters.Count is 0 or > Limits.MetersPerRequestMax)
        {
            return new Problem(MeteringProblems.MeterRefused, $"meters has 1 to {Limits.MetersPerRequestMax} members.");
        }

        var outcome = await define.Create(
            request.Meters, context.Caller().Actor, context.IdempotentRequest(), cancellationToken);
        return outcome is DefineOutcome.Defined { Meters: var meters }
            ? TypedResults.Created("/v1/meters", new Page<MeterRow>([.. meters.Select(MeterRow.Of)], null))
            : Failure(outcome);
    }

    /// <summary><c>POST /v1/meters/{meter}/versions</c>.</summary>
    public static async Task<IResult> AddVersion(
        Parameters<MeterRequest> parameters,
        MeterVersionInput request,
        DefineMeters define,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var outcome = await define.AddVersion(
            parameters.Value.Meter, request, context.Caller().Actor, context.IdempotentRequest(), cancellationToken);
        return outcome is DefineOutcome.Defined { Meters: [var meter] }
            ? TypedResults.Created($"/v1/meters/{meter.Id}", MeterRow.Of(meter))
            : Failure(outcome);
    }

    private static Problem Failure(DefineOutcome outcome) => outcome switch
    {
        DefineOutcome.Taken taken => new Problem(MeteringProblems.MeterTaken, $"Another meter has the key {taken.Key}."),
        DefineOutcome.NoSuchMeter => new Problem(PlatformProblems.NotFound, "There is no such meter."),
        DefineOutcome.Refused refused => new Problem(MeteringProblems.MeterRefused, refused.Reason),
        _ => throw new InvalidOperationException($"Defining meters ended as {outcome}."),
    };
}
