using System.Globalization;
using System.Text;

namespace Quoin.Bench.Ingest;

/// <summary>
/// A request with events in it, laid out once; sending it again only writes new ids into place, so that the load
/// generator takes as little of the machine as it can.
/// </summary>
internal sealed class EventLoad
{
    private const string IdPlace = "00000000000000000000000000000000";

    private readonly int[] ids;
    private long sequence;
    private readonly string prefix;

    /// <summary>A request of so many events with one key.</summary>
    public EventLoad(string key, int events, bool isBatch, int lane)
        : this(key, [.. Enumerable.Repeat(Event(Encoding.ASCII.GetString(Data)), events)], isBatch, lane)
    {
    }

    /// <summary>A request of some events, made by <see cref="Event"/>, with one key.</summary>
    public EventLoad(string key, IReadOnlyList<string> events, bool isBatch, int lane)
    {
        prefix = string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId:x8}{lane:x8}");
        Events = events.Count;
        var body = isBatch ? "[" + string.Join(',', events) + "]" : events[0];
        var media = isBatch ? "application/cloudevents-batch+json" : "application/cloudevents+json";
        var head = "POST /v1/events HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer " + key + "\r\nContent-Type: " + media
            + string.Create(CultureInfo.InvariantCulture, $"\r\nContent-Length: {body.Length}\r\n\r\n");
        Bytes = Encoding.ASCII.GetBytes(head + body);
        ids = FindAll(Bytes);
    }

    /// <summary>An event of now with some data, and a place for its id.</summary>
    /// <param name="data">Its data, as JSON.</param>
    /// <param name="attributes">Further attributes, each ending in a comma.</param>
    public static string Event(string data, string attributes = "")
    {
        var time = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);
        return "{\"specversion\":\"1.0\",\"id\":\"" + IdPlace + "\",\"source\":\"/bench/gateway-1\",\"type\":\"llm.completion\","
            + attributes + "\"time\":\"" + time + "\",\"data\":" + data + "}";
    }

    /// <summary>What one event costs at the bench's prices: 1,000 × 2.50 + 100 × 10 dollars a million, in micros.</summary>
    public const long MicrosPerEvent = 3_500;

    /// <summary>The data of every event: about what a gateway sends, with the whole event near 300 bytes.</summary>
    public static byte[] Data { get; } =
        """{"model":"gpt-4o","input_tokens":1000,"output_tokens":100,"request_id":"req_7f3a9c1e5b2d","route":"chat","stream":true}"""u8
            .ToArray();

    public int Events { get; }

    public byte[] Bytes { get; }

    /// <summary>Gives every event an id nobody has used.</summary>
    public void Renew()
    {
        Span<byte> text = stackalloc byte[IdPlace.Length];
        foreach (var place in ids)
        {
            Encoding.ASCII.GetBytes(prefix, text);
            (++sequence).TryFormat(text[prefix.Length..], out _, "x16", CultureInfo.InvariantCulture);
            text.CopyTo(Bytes.AsSpan(place));
        }
    }

    private static int[] FindAll(byte[] bytes)
    {
        var pattern = Encoding.ASCII.GetBytes(IdPlace);
        var places = new List<int>();
        for (var from = 0; bytes.AsSpan(from).IndexOf(pattern) is var found and >= 0; from = places[^1] + pattern.Length)
        {
            places.Add(from + found);
        }

        return [.. places];
    }
}
