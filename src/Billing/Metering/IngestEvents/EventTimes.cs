namespace Quoin.Metering.Internal;

/// <summary>When usage may have happened, by the organisation's clock. Pure.</summary>
internal static class EventTimes
{
    /// <summary>Why an event cannot have happened at an instant; null when it can.</summary>
    public static (ProblemKind Kind, string Reason)? WhyRefused(DateTimeOffset occurredAt, DateTimeOffset now) =>
        occurredAt > now + Limits.FutureTolerance
            ? (ProblemKind.EventInFuture, $"time lies more than {Limits.FutureTolerance.TotalMinutes} minutes after now")
            : occurredAt < Limits.OldestTime
                ? (ProblemKind.InvalidEvent, $"time lies before {Limits.OldestTime:yyyy-MM-dd}")
                : null;
}
