using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Quoin.Kernel;

namespace Quoin.Platform;

/// <summary>Where to move the clock: one of the two.</summary>
/// <param name="To">The instant it shall show.</param>
/// <param name="By">How much further, as ISO 8601 writes durations: <c>P1M</c>, <c>P3DT12H</c>; months are the calendar's.</param>
/// <param name="Reason">Why, for the audit log.</param>
internal sealed record AdvanceClockRequest(DateTimeOffset? To = null, string? By = null, string? Reason = null);

/// <summary>An organisation's clock as the API shows it.</summary>
/// <param name="Now">What it shows.</param>
/// <param name="IsSettable">Whether it can be moved: only a test-mode organisation's can.</param>
/// <param name="MovingTo">Where a move that has not arrived wants to go; null when there is none.</param>
/// <param name="Steps">How many due instants the latest move has run.</param>
internal sealed record TestClockAnswer(DateTimeOffset Now, bool IsSettable, DateTimeOffset? MovingTo, int Steps);

/// <summary>Moves and shows the clock of a test-mode organisation.</summary>
internal sealed class AdvanceTestClock(DueWork due, IAudit audit, TimeProvider time)
{
    /// <summary><c>GET /v1/test-clock</c>.</summary>
    public static async Task<IResult> Show(
        DueWork due, HttpContext context, CancellationToken cancellationToken)
    {
        var reading = await due.Read(context.Caller().RequiredOrg, cancellationToken);
        return TypedResults.Ok(
            new TestClockAnswer(reading.Now, reading.IsSettable, reading.MovingTo, reading.Steps));
    }

    /// <summary><c>POST /v1/test-clock/advance</c>.</summary>
    public static async Task<IResult> Endpoint(
        AdvanceClockRequest body, AdvanceTestClock handler, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        var org = caller.RequiredOrg;
        var reading = await handler.Read(org, cancellationToken);
        if (!reading.IsSettable)
        {
            return Live(org);
        }

        if (InputText.OptionalProblem(body.Reason, DueWorkLimits.ReasonLettersMax) is { } wrong)
        {
            return new Problem(PlatformProblems.InvalidClockMove, $"reason {wrong}.");
        }

        if (TargetOf(body, reading.Now) is not { } to)
        {
            return new Problem(
                PlatformProblems.InvalidClockMove, "Give either to, an instant, or by, a duration such as P1M.");
        }

        return await handler.Move(org, to, body.Reason, caller.Actor, cancellationToken) switch
        {
            ClockOutcome.Moved(var now, var steps) =>
                TypedResults.Ok(new TestClockAnswer(now, IsSettable: true, MovingTo: null, steps)),
            ClockOutcome.Unfinished(var now, var target, var steps) =>
                TypedResults.Accepted((string?)null, new TestClockAnswer(now, IsSettable: true, target, steps)),
            ClockOutcome.LiveOrganisation => Live(org),
            ClockOutcome.Busy => new Problem(
                PlatformProblems.ClockIsBusy, $"The clock of {org} is being moved.", retryAfterSeconds: 1),
            ClockOutcome.TooFar(var now) => new Problem(
                PlatformProblems.ClockTooFar,
                $"The clock shows {now:O}; {to:O} is more than {ClockLimits.MoveLongest.TotalDays:0} days away."),
            ClockOutcome.WouldGoBack(var now) => new Problem(
                PlatformProblems.ClockWouldGoBack, $"The clock shows {now:O}; {to:O} is before that."),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private Task<ClockReading> Read(OrgId org, CancellationToken cancellationToken) =>
        due.Read(org, cancellationToken);

    private static DateTimeOffset? TargetOf(AdvanceClockRequest body, DateTimeOffset now) => body switch
    {
        { To: { } to, By: null } => to.ToUniversalTime(),
        { To: null, By: { } by } => CalendarDuration.Read(by)?.After(now),
        _ => null,
    };

    private async Task<ClockOutcome> Move(
        OrgId org, DateTimeOffset to, string? reason, string actor, CancellationToken cancellationToken)
    {
        var move = new ClockMove(org, to)
        {
            Patience = DueWorkLimits.RequestLongest,
            OnBegin = (transaction, before, token) => audit.Record(
                transaction,
                new AuditEntry(
                    org, actor, "test_clock.advanced", org.ToString(), reason, StateOf(before), StateOf(to)),
                token),
        };
        var started = time.GetTimestamp();
        while (true)
        {
            var outcome = await due.MoveClock(move, cancellationToken);
            var isSweep = outcome is ClockOutcome.Busy
                && (await due.Read(org, cancellationToken)).MovingTo is null
                && time.GetElapsedTime(started) < DueWorkLimits.SweepPatience;
            if (!isSweep)
            {
                return outcome;
            }

            await Task.Delay(DueWorkLimits.SweepPoll, time, cancellationToken);
        }
    }

    private static string StateOf(DateTimeOffset now) =>
        JsonSerializer.Serialize(new { now }, JsonConventions.Options);

    private static Problem Live(OrgId org) => new(
        PlatformProblems.ClockIsLive, $"{org} is a live organisation: its clock is the world's.");
}
