using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary><c>POST /v1/events</c>: CloudEvents 1.0 over HTTP, in structured, batch and binary mode.</summary>
internal static class IngestEndpoint
{
    public const string StructuredMedia = "application/cloudevents+json";
    public const string BatchMedia = "application/cloudevents-batch+json";

    /// <summary>What the documentation shows: one event, structured.</summary>
    public const string ExampleJson = """
        {
          "specversion": "1.0",
          "id": "call-0001",
          "source": "my-gateway",
          "type": "llm.completion",
          "time": "2026-11-20T08:15:00Z",
          "data": { "model": "gpt-4o", "input_tokens": 1200, "output_tokens": 350 }
        }
        """;

    private const string BinaryPrefix = "ce-";
    private const int RetryAfterSeconds = 1;

    private enum Mode
    {
        Unsupported,
        Structured,
        Batch,
        Binary,
    }

    /// <summary>Answers inside, not after: verdicts point into the body's bytes, which are given back at the end.</summary>
    public static async Task Handle(HttpContext context, Ingest ingest, CancellationToken cancellationToken)
    {
        using var reservation = ingest.TryReserve(context.Caller(), RequestBody.CostOf(context.Request));
        using var body = new RequestBody();
        var answer = reservation is null
            ? Overloaded()
            : await Answer(context, ingest, body, cancellationToken);
        await answer.ExecuteAsync(context);
    }

    private static async Task<IResult> Answer(
        HttpContext context,
        Ingest ingest,
        RequestBody body,
        CancellationToken cancellationToken)
    {
        var mode = ModeOf(context.Request);
        if (mode == Mode.Unsupported)
        {
            return new Problem(
                PlatformProblems.UnsupportedMediaType,
                $"Send {StructuredMedia}, {BatchMedia}, or ce- headers with application/json.");
        }

        try
        {
            return await body.Read(context.Request, cancellationToken)
                ? await Answer(context, ingest, mode, body.Bytes, cancellationToken)
                : new Problem(PlatformProblems.BodyTooLarge, $"A request holds at most {Limits.BodyBytesMax} bytes, decompressed.");
        }
        catch (JsonException broken)
        {
            return JsonProblem.Of(broken);
        }
    }

    private static Task<IResult> Answer(
        HttpContext context,
        Ingest ingest,
        Mode mode,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken) => mode switch
        {
            Mode.Batch => AnswerBatch(context, ingest, body, cancellationToken),
            Mode.Binary => AnswerSingle(
                context, ingest, parser => parser.ParseBinary(Attributes(context.Request), body), cancellationToken),
            _ => AnswerSingle(context, ingest, parser => parser.ParseSingle(body), cancellationToken),
        };

    private static async Task<IResult> AnswerSingle(
        HttpContext context,
        Ingest ingest,
        Func<EventParser, ParsedEvent> parse,
        CancellationToken cancellationToken)
    {
        var parsed = await ingest.Parse(parse, cancellationToken);
        if (!await ingest.Store(context.Caller(), [parsed], context.TraceIdentifier, cancellationToken))
        {
            return Overloaded();
        }

        return parsed.Verdict switch
        {
            Verdict.Rejected => new Problem(MeteringProblems.Of(parsed.Problem), parsed.Reason!),
            Verdict.Conflict => new Problem(
                MeteringProblems.EventConflict,
                "Type, subject, time or data differ from the stored event's.",
                members: new Dictionary<string, object?> { ["event"] = parsed.Position.ToString() }),
            _ => new VerdictsAnswer([parsed], isBatch: false),
        };
    }

    private static async Task<IResult> AnswerBatch(
        HttpContext context,
        Ingest ingest,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken)
    {
        var events = await ingest.Parse(parser => parser.ParseBatch(body), cancellationToken);
        if (events.Count > Limits.EventsPerRequestMax)
        {
            return new Problem(
                MeteringProblems.BatchTooLarge,
                $"The batch holds {events.Count} events; a request holds at most {Limits.EventsPerRequestMax}.");
        }

        return await ingest.Store(context.Caller(), events, context.TraceIdentifier, cancellationToken)
            ? new VerdictsAnswer(events, isBatch: true)
            : Overloaded();
    }

    private static Mode ModeOf(HttpRequest request)
    {
        var media = request.ContentType?.Split(';')[0].Trim();
        return media switch
        {
            StructuredMedia => Mode.Structured,
            BatchMedia => Mode.Batch,
            "application/json" or null or "" when request.Headers.ContainsKey(BinaryPrefix + "specversion") => Mode.Binary,
            "application/json" => Mode.Structured,
            _ => Mode.Unsupported,
        };
    }

    // CloudEvents HTTP binding 3.1.3.2: header values are percent-encoded.
    private static IEnumerable<KeyValuePair<string, string>> Attributes(HttpRequest request)
    {
        foreach (var (name, value) in request.Headers)
        {
            if (name.StartsWith(BinaryPrefix, StringComparison.OrdinalIgnoreCase))
            {
                yield return new(
                    name[BinaryPrefix.Length..].ToLowerInvariant(),
                    Uri.UnescapeDataString(value.ToString().Trim('"')));
            }
        }
    }

    private static Problem Overloaded() => new(
        MeteringProblems.IngestOverloaded,
        "More events are in flight for this organisation than its share allows.",
        RetryAfterSeconds);
}

/// <summary>The verdicts of a request, written straight to the response: 10,000 of them make no objects.</summary>
internal sealed class VerdictsAnswer(IReadOnlyList<ParsedEvent> events, bool isBatch) : IResult
{
    public async Task ExecuteAsync(HttpContext httpContext)
    {
        httpContext.Response.StatusCode = StatusCodes.Status202Accepted;
        httpContext.Response.ContentType = "application/json";
        await using (var writer = new Utf8JsonWriter(httpContext.Response.BodyWriter))
        {
            if (isBatch)
            {
                WriteBatch(writer);
            }
            else
            {
                WriteOne(writer, events[0], null);
            }
        }

        // Not cancelled by a caller who leaves: the bytes the verdicts point into are returned after this.
        await httpContext.Response.BodyWriter.FlushAsync(CancellationToken.None);
    }

    private void WriteBatch(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        foreach (var (verdict, count) in Counts())
        {
            writer.WriteNumber(NameOf(verdict), count);
        }

        writer.WriteStartArray("results"u8);
        for (var index = 0; index < events.Count; index++)
        {
            WriteOne(writer, events[index], index);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private IEnumerable<(Verdict Verdict, int Count)> Counts()
    {
        var verdicts = Enum.GetValues<Verdict>();
        var counts = new int[verdicts.Length];
        foreach (var parsed in events)
        {
            counts[(int)parsed.Verdict]++;
        }

        return verdicts.Select(verdict => (verdict, counts[(int)verdict]));
    }

    private static void WriteOne(Utf8JsonWriter writer, ParsedEvent parsed, int? index)
    {
        writer.WriteStartObject();
        if (index is { } place)
        {
            writer.WriteNumber("index"u8, place);
        }

        if (parsed.Id.Length > 0)
        {
            writer.WriteString("id"u8, parsed.Id.Span);
        }

        writer.WriteString("verdict"u8, NameOf(parsed.Verdict));
        if (parsed.IsRejected)
        {
            writer.WriteString("code"u8, MeteringProblems.Of(parsed.Problem).Code);
            writer.WriteString("detail"u8, parsed.Reason);
        }
        else
        {
            writer.WriteBoolean("duplicate"u8, parsed.Verdict == Verdict.Duplicate);
            writer.WriteString("event"u8, parsed.Position.ToString());
        }

        writer.WriteEndObject();
    }

    private static string NameOf(Verdict verdict) => verdict switch
    {
        Verdict.Accepted => "accepted",
        Verdict.Duplicate => "duplicate",
        Verdict.Conflict => "conflict",
        Verdict.Rejected => "rejected",
        _ => throw new ArgumentOutOfRangeException(nameof(verdict), verdict, "Not a verdict."),
    };
}
