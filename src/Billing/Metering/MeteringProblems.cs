using Quoin.Accounts;
using Quoin.Metering.Internal;
using Quoin.Platform;

namespace Quoin.Metering;

/// <summary>The ways sending and reading usage can fail.</summary>
public static class MeteringProblems
{
    /// <summary>The event is not a CloudEvent that can be counted.</summary>
    public static readonly ProblemCode InvalidEvent = new(
        "invalid_event",
        422,
        "The event is not a CloudEvent Quoin can count.",
        "Correct what the detail names and send the event again with the same id.");

    /// <summary>No meter reads events of this type.</summary>
    public static readonly ProblemCode UnknownMeter = new(
        "unknown_meter",
        422,
        "No meter reads events of this type.",
        "Send an event type that a meter reads, such as llm.completion.");

    /// <summary>A quantity is missing, negative, too large or too fine.</summary>
    public static readonly ProblemCode InvalidQuantity = new(
        "invalid_quantity",
        422,
        "A quantity of the event cannot be counted.",
        "Correct the property the detail names.");

    /// <summary>The event happened later than now.</summary>
    public static readonly ProblemCode EventInFuture = new(
        "event_in_future",
        422,
        "The event lies in the future.",
        "Correct the sender's clock, or the event's time.");

    /// <summary>The event's source is one of Quoin's own.</summary>
    public static readonly ProblemCode EventSourceReserved = new(
        "event_source_reserved",
        422,
        "Sources that begin with quoin/ are Quoin's own.",
        "Send the event under a source of your own.");

    /// <summary>The event names an organisation or billing account that does not exist, or is another's.</summary>
    public static readonly ProblemCode EventOrganisationNotFound = new(
        "event_organisation_not_found",
        422,
        "The event names no organisation or billing account of the caller.",
        "Leave quoinorg and quoinaccount out, or name the caller's own; operators name any.");

    /// <summary>Another event with the same source and id is stored.</summary>
    public static readonly ProblemCode EventConflict = new(
        "event_conflict",
        409,
        "Another event with the same source and id was stored before.",
        "Send a new event under a new id; the stored one stays as it is.");

    /// <summary>The organisation has as much in flight as its share allows.</summary>
    public static readonly ProblemCode IngestOverloaded = new(
        "ingest_overloaded",
        429,
        "More events are in flight than can be taken now.",
        "Wait as long as Retry-After says and send the same request again; duplicates are harmless.",
        Retry.Later);

    /// <summary>The batch holds more events than one request may.</summary>
    public static readonly ProblemCode BatchTooLarge = new(
        "batch_too_large",
        413,
        "The batch holds too many events.",
        "Send several batches; the detail names the limit.");

    /// <summary>The request's range is empty, reversed or too long.</summary>
    public static readonly ProblemCode InvalidRange = new(
        "invalid_range",
        400,
        "The range of time is not one usage can be read for.",
        "Give from before to, within the limit the detail names.");

    /// <summary>The event was taken back or replaced before.</summary>
    public static readonly ProblemCode EventAmended = new(
        "event_amended",
        409,
        "The event was voided or corrected before, otherwise.",
        "Amend the event that replaced it, which the detail names, or send a new event.");

    /// <summary>The meter or version cannot be.</summary>
    public static readonly ProblemCode MeterRefused = new(
        "meter_refused",
        422,
        "The meter cannot be defined like this.",
        "Correct what the detail names.");

    /// <summary>Another meter has the key.</summary>
    public static readonly ProblemCode MeterTaken = new(
        "meter_taken",
        409,
        "A meter of this key exists.",
        "Take another key, or add a version to the meter there is.");

    internal static ProblemCode Of(ProblemKind kind) => kind switch
    {
        ProblemKind.InvalidEvent => InvalidEvent,
        ProblemKind.UnknownMeter => UnknownMeter,
        ProblemKind.InvalidQuantity => InvalidQuantity,
        ProblemKind.EventInFuture => EventInFuture,
        ProblemKind.NoSuchOrganisation => EventOrganisationNotFound,
        ProblemKind.OtherBillingAccount => AccountsProblems.BillingAccountOutOfReach,
        ProblemKind.ReservedSource => EventSourceReserved,
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "A rejection without a code."),
    };
}
