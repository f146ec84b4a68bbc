using Quoin.Kernel;

namespace Quoin.Notifications;

/// <summary>A piece of news for an organisation; <c>webhook-id</c> of its deliveries.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct MessageId(Guid Value) : IId<MessageId>
{
    /// <inheritdoc />
    public static string Prefix => "msg";

    /// <inheritdoc />
    public static MessageId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>An address of an organisation's program that is told news.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct WebhookEndpointId(Guid Value) : IId<WebhookEndpointId>
{
    /// <inheritdoc />
    public static string Prefix => "whe";

    /// <inheritdoc />
    public static WebhookEndpointId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>The delivery of one message to one endpoint.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct WebhookDeliveryId(Guid Value) : IId<WebhookDeliveryId>
{
    /// <inheritdoc />
    public static string Prefix => "whd";

    /// <inheritdoc />
    public static WebhookDeliveryId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>Why an endpoint is told nothing.</summary>
public enum DisabledReason
{
    /// <summary>Somebody of the organisation or the operator wanted it so.</summary>
    ByRequest,

    /// <summary>It answered 410 Gone.</summary>
    Gone,

    /// <summary>No attempt succeeded for days.</summary>
    Failing,
}

/// <summary>A webhook endpoint.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Url">Where it is.</param>
/// <param name="Description">What it is for; null where nobody said.</param>
/// <param name="Topics">The topics it is told; <c>*</c> for all.</param>
/// <param name="IsEnabled">Whether it is told anything.</param>
/// <param name="DisabledReason">Why it is not; null while it is enabled.</param>
/// <param name="DisabledAt">Since when it is not; null while it is enabled.</param>
/// <param name="FailingSince">Since when no attempt has succeeded; null after a success.</param>
/// <param name="PreviousSecretUntil">Until when the replaced secret signs, too; null when none is being replaced.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record WebhookEndpoint(
    WebhookEndpointId Id,
    string Url,
    string? Description,
    IReadOnlyList<string> Topics,
    bool IsEnabled,
    DisabledReason? DisabledReason,
    DateTimeOffset? DisabledAt,
    DateTimeOffset? FailingSince,
    DateTimeOffset? PreviousSecretUntil,
    DateTimeOffset CreatedAt);

/// <summary>How far a delivery is.</summary>
public enum DeliveryState
{
    /// <summary>It is, or will be, attempted.</summary>
    Waiting,

    /// <summary>The receiver took it.</summary>
    Delivered,

    /// <summary>It is not attempted any more, unless it is replayed.</summary>
    Dead,
}

/// <summary>A delivery of a message to an endpoint.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Endpoint">To whom.</param>
/// <param name="Message">What: the <c>webhook-id</c>.</param>
/// <param name="Topic">The message's topic.</param>
/// <param name="State">How far it is.</param>
/// <param name="Attempts">How often it was attempted.</param>
/// <param name="DueAt">When it is attempted next; null unless it waits.</param>
/// <param name="LastStatus">The last answer's HTTP status; null where there was none.</param>
/// <param name="LastError">Why the last attempt failed; null where it did not.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="FinishedAt">When it was delivered or given up; null while it waits.</param>
public sealed record WebhookDelivery(
    WebhookDeliveryId Id,
    WebhookEndpointId Endpoint,
    MessageId Message,
    string Topic,
    DeliveryState State,
    int Attempts,
    DateTimeOffset? DueAt,
    int? LastStatus,
    string? LastError,
    DateTimeOffset CreatedAt,
    DateTimeOffset? FinishedAt);

/// <summary>One attempt at a delivery.</summary>
/// <param name="Number">Which, from 1.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="DurationMs">How long it took, in milliseconds.</param>
/// <param name="Status">The answer's HTTP status; null where there was none.</param>
/// <param name="Error">Why it failed; null where it did not.</param>
/// <param name="Answer">The first characters of the answer; null where there was none.</param>
public sealed record WebhookAttempt(
    int Number, DateTimeOffset StartedAt, int DurationMs, int? Status, string? Error, string? Answer);

/// <summary>A delivery with what was sent and how every attempt ended.</summary>
/// <param name="Delivery">The delivery.</param>
/// <param name="Body">What is sent, letter by letter.</param>
/// <param name="Tries">The attempts, oldest first.</param>
public sealed record WebhookDeliveryDetails(
    WebhookDelivery Delivery, string Body, IReadOnlyList<WebhookAttempt> Tries);

/// <summary>Which deliveries to list; null leaves a member open.</summary>
/// <param name="Endpoint">To this endpoint.</param>
/// <param name="State">So far.</param>
/// <param name="Topic">Of this topic.</param>
public sealed record DeliveryFilter(
    WebhookEndpointId? Endpoint = null, DeliveryState? State = null, string? Topic = null);

/// <summary>An address that is told by mail, and of what.</summary>
/// <param name="Address">The e-mail address.</param>
/// <param name="Topics">The topics it is told; <c>*</c> for all.</param>
public sealed record MailRecipient(string Address, IReadOnlyList<string> Topics);

/// <summary>How far a mail is.</summary>
public enum MailState
{
    /// <summary>It is, or will be, attempted.</summary>
    Waiting,

    /// <summary>It is being handed over.</summary>
    Sending,

    /// <summary>The mail server took it.</summary>
    Sent,

    /// <summary>The mail server refused it for good, or too often.</summary>
    Dead,

    /// <summary>Whoever handed it over was cut off: it may have arrived, and is not sent again.</summary>
    Uncertain,
}

/// <summary>A mail of an organisation.</summary>
/// <param name="Address">To whom.</param>
/// <param name="Subject">Its subject.</param>
/// <param name="State">How far it is.</param>
/// <param name="LastError">Why the last attempt failed; null where it did not.</param>
/// <param name="CreatedAt">When it was made.</param>
public sealed record SentMail(
    string Address, string Subject, MailState State, string? LastError, DateTimeOffset CreatedAt);
