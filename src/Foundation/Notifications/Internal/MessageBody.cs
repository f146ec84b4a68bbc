using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Notifications.Internal;

/// <summary>What is sent: an envelope as Standard Webhooks suggests it, with the organisation beside.</summary>
internal static class MessageBody
{
    public static JsonNode Payload<TPayload>(TPayload payload) =>
        JsonSerializer.SerializeToNode(payload, JsonConventions.Options)!;

    /// <summary>The body, letter by letter.</summary>
    /// <param name="org">Whom it is about.</param>
    /// <param name="topic">The topic's name.</param>
    /// <param name="at">When it happened, by the organisation's clock.</param>
    /// <param name="payload">The data.</param>
    /// <param name="isTest">Whether somebody only tries.</param>
    public static string Of(OrgId org, string topic, DateTimeOffset at, JsonNode payload, bool isTest)
    {
        var envelope = new JsonObject
        {
            ["type"] = topic,
            ["timestamp"] = JsonSerializer.SerializeToNode(at, JsonConventions.Options),
            ["organisation"] = org.ToString(),
            ["data"] = payload,
        };
        if (isTest)
        {
            envelope["test"] = true;
        }

        var body = envelope.ToJsonString(JsonConventions.Options);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(
            Encoding.UTF8.GetByteCount(body), Limits.MessageBytesMax, nameof(payload));
        return body;
    }
}
