using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Quoin.Tests.Support;

/// <summary>Builds and sends CloudEvents the way a customer's program does.</summary>
public static class UsageEvents
{
    /// <summary>The media type of one event.</summary>
    public const string Structured = "application/cloudevents+json";

    /// <summary>The media type of a batch.</summary>
    public const string Batch = "application/cloudevents-batch+json";

    /// <summary>A finished model call.</summary>
    public static JsonObject Completion(string id, long input = 1000, long output = 100, string model = "gpt-4o", string? time = null)
    {
        var made = new JsonObject
        {
            ["specversion"] = "1.0",
            ["id"] = id,
            ["source"] = "/test",
            ["type"] = "llm.completion",
            ["data"] = new JsonObject { ["model"] = model, ["input_tokens"] = input, ["output_tokens"] = output },
        };
        if (time is not null)
        {
            made["time"] = time;
        }

        return made;
    }

    /// <summary>Sends one event in structured mode.</summary>
    public static Task<HttpResponseMessage> SendEvent(this HttpClient client, JsonNode sent) =>
        client.SendBody(Encoding.UTF8.GetBytes(sent.ToJsonString()), Structured);

    /// <summary>Sends a batch.</summary>
    public static Task<HttpResponseMessage> SendBatch(this HttpClient client, params IEnumerable<JsonNode> events) =>
        client.SendBody(Encoding.UTF8.GetBytes("[" + string.Join(',', events.Select(one => one.ToJsonString())) + "]"), Batch);

    /// <summary>Sends any bytes as any media type.</summary>
    public static Task<HttpResponseMessage> SendBody(this HttpClient client, byte[] body, string mediaType, string? encoding = null)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(mediaType);
        if (encoding is not null)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        return client.PostAsync("/v1/events", content);
    }

    /// <summary>An answer's JSON.</summary>
    public static async Task<JsonNode> Json(this HttpResponseMessage response) =>
        JsonNode.Parse(await response.Content.ReadAsStringAsync())!;

    /// <summary>What a path answers, as JSON.</summary>
    public static async Task<JsonNode> GetJson(this HttpClient client, string path)
    {
        var response = await client.GetAsync(path);
        return response.IsSuccessStatusCode
            ? await response.Json()
            : throw new InvalidOperationException(
                $"{path} answered {(int)response.StatusCode}: {await response.Content.ReadAsStringAsync()}");
    }
}
