using Microsoft.AspNetCore.Http;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>A meter to define.</summary>
/// <param name="Key">Its name: <c>storage.byte_seconds</c>. It never changes.</param>
/// <param name="Aggregation">How events become one quantity. It never changes.</param>
/// <param name="Unit">What one of the quantity is: <c>byte-second</c>. It never changes.</param>
/// <param name="Definition">What it reads.</param>
/// <param name="EffectiveFrom">
/// From when on it measures, a quarter hour at least ten minutes ahead. Left out, it is the next such; the first meter of an
/// event type measures from the beginning.
/// </param>
internal sealed record MeterInput(
    string Key, Aggregation Aggregation, string Unit, MeterDefinition Definition, DateTimeOffset? EffectiveFrom = null);

/// <summary>A version to add to a meter.</summary>
/// <param name="Definition">What it reads from then on.</param>
/// <param name="EffectiveFrom">A quarter hour at least ten minutes ahead; left out, the next such.</param>
internal sealed record MeterVersionInput(MeterDefinition Definition, DateTimeOffset? EffectiveFrom = null);

/// <summary>The endpoints that define meters.</summary>
internal static class MeterEndpoints
{
    /// <summary><c>POST /v1/meters</c>.</summary>
    public static async Task<IResult> Create(
        MeterInput request, DefineMeters define, HttpContext context, CancellationToken cancellationToken) =>
        Answer(await define.Create(request, context.Caller().Actor, context.IdempotentRequest(), cancellationToken));

    /// <summary><c>POST /v1/meters/{meter}/versions</c>.</summary>
    public static async Task<IResult> AddVersion(
        Parameters<MeterRequest> parameters,
        MeterVersionInput request,
        DefineMeters define,
        HttpContext context,
        CancellationToken cancellationToken) => Answer(await define.AddVersion(
        parameters.Value.Meter, request, context.Caller().Actor, context.IdempotentRequest(), cancellationToken));

    private static IResult Answer(DefineOutcome outcome) => outcome switch
    {
        DefineOutcome.Defined defined => TypedResults.Created($"/v1/meters/{defined.Meter.Id}", MeterRow.Of(defined.Meter)),
        DefineOutcome.Taken => new Problem(MeteringProblems.MeterTaken, "Another meter has this key."),
        DefineOutcome.NoSuchMeter => new Problem(PlatformProblems.NotFound, "There is no such meter."),
        DefineOutcome.Refused refused => new Problem(MeteringProblems.MeterRefused, refused.Reason),
        _ => throw new InvalidOperationException($"Defining a meter ended as {outcome}."),
    };
}
