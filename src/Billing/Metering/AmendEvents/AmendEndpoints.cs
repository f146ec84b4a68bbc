using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>Takes an event back.</summary>
/// <param name="Reason">Why, for the audit log.</param>
internal sealed record VoidRequest(string Reason);

/// <summary>Replaces an event.</summary>
/// <param name="Reason">Why, for the audit log.</param>
/// <param name="Data">What the event should have said: all of its data.</param>
/// <param name="Time">When it really happened; left out, as it was.</param>
internal sealed record CorrectRequest(string Reason, JsonElement Data, DateTimeOffset? Time = null);

/// <summary>The endpoints that amend events.</summary>
internal static class AmendEndpoints
{
    /// <summary><c>POST /v1/events/{event}/void</c>.</summary>
    public static Task<IResult> Void(
        Parameters<EventRequest> parameters,
        VoidRequest request,
        AmendEvent amend,
        HttpContext context,
        CancellationToken cancellationToken) =>
        Run(parameters.Value, request.Reason, data: null, time: null, amend, context, cancellationToken);

    /// <summary><c>POST /v1/events/{event}/correct</c>.</summary>
    public static Task<IResult> Correct(
        Parameters<EventRequest> parameters,
        CorrectRequest request,
        AmendEvent amend,
        HttpContext context,
        CancellationToken cancellationToken) =>
        Run(parameters.Value, request.Reason, request.Data.GetRawText(), request.Time, amend, context, cancellationToken);

    private static async Task<IResult> Run(
        EventRequest which,
        string reason,
        string? data,
        DateTimeOffset? time,
        AmendEvent amend,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        if (InputText.Problem(reason, Limits.ReasonLettersMax) is { } wrong)
        {
            return new Problem(MeteringProblems.InvalidEvent, $"reason {wrong}.");
        }

        if (!EventPosition.TryParse(which.Event, out var position))
        {
            return NoSuchEvent();
        }

        var caller = context.Caller();
        var outcome = await amend.Run(
            caller.RequiredOrg,
            new AmendRequest(position, reason, data, time, caller.Realm == Realm.Operator),
            caller.Actor,
            context.IdempotentRequest(),
            cancellationToken);
        return outcome switch
        {
            AmendOutcome.Amended amended => TypedResults.Ok(AmendmentRow.Of(amended.Amendment)),
            AmendOutcome.NoSuchEvent => NoSuchEvent(),
            AmendOutcome.Rejected rejected => new Problem(MeteringProblems.Of(rejected.Kind), rejected.Reason),
            AmendOutcome.AmendedOtherwise otherwise => new Problem(
                MeteringProblems.EventAmended,
                otherwise.Earlier.Replacement is { } replacement
                    ? $"It was replaced by {replacement}: amend that one."
                    : "It was taken back."),
            _ => throw new InvalidOperationException($"Amending an event ended as {outcome}."),
        };
    }

    private static Problem NoSuchEvent() => new(PlatformProblems.NotFound, "There is no such event.");
}
