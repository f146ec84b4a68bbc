using System.Text.Json.Nodes;
using Quoin.Notifications.Internal;

namespace Quoin.Notifications;

/// <summary>Something organisations are told about. Its payload's members never change meaning; new ones may be added.</summary>
/// <param name="Name">The stable name, <c>noun.participle</c>: <c>balance.low</c>.</param>
/// <param name="Summary">When it is told, in one sentence.</param>
/// <param name="PayloadType">The record that is sent as <c>data</c>.</param>
public abstract record NotificationTopic(string Name, string Summary, Type PayloadType)
{
    /// <summary>Stands for every topic, those of later releases too.</summary>
    public const string Every = "*";

    /// <summary>The payload's JSON Schema.</summary>
    public JsonNode Schema => PayloadSchema.Of(PayloadType);

    /// <summary>A payload to try with.</summary>
    public abstract JsonNode ExamplePayload { get; }
}

/// <summary>A topic with its payload.</summary>
/// <param name="Name">The stable name.</param>
/// <param name="Summary">When it is told, in one sentence.</param>
/// <param name="Example">A payload to try with.</param>
/// <param name="Sentence">What a mail's subject says.</param>
/// <typeparam name="TPayload">What is sent as <c>data</c>.</typeparam>
public sealed record NotificationTopic<TPayload>(
    string Name, string Summary, TPayload Example, Func<TPayload, string> Sentence)
    : NotificationTopic(Name, Summary, typeof(TPayload))
    where TPayload : class
{
    /// <inheritdoc />
    public override JsonNode ExamplePayload => MessageBody.Payload(Example);
}
