using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>
/// Reads CloudEvents 1.0 (JSON format) out of a request's bytes. Attributes stay slices of the body; data is hashed and
/// measured in one pass. One bad event is a rejected verdict; only broken JSON fails the whole request.
/// </summary>
internal sealed class EventParser
{
    // Deeper than an event may be: one that is too deep is one bad event, not a broken request.
    private static readonly JsonReaderOptions Options = new() { MaxDepth = 512 };

    private readonly MeterSet meters;
    private readonly CanonicalJson canonical = new();
    private readonly Measuring measuring;
    private byte[] hashing = new byte[4096];

    public EventParser(MeterSet meters) => (this.meters, measuring) = (meters, new Measuring(canonical));

    /// <summary>Reads a batch: a JSON array of events.</summary>
    /// <exception cref="JsonException">The body is not a JSON array.</exception>
    public List<ParsedEvent> ParseBatch(ReadOnlyMemory<byte> body)
    {
        RequireUtf8(body.Span);
        var reader = new Utf8JsonReader(body.Span, Options);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
        {
            throw new JsonException("A batch is a JSON array of events.");
        }

        var events = new List<ParsedEvent>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            events.Add(ParseOne(ref reader, body));
        }

        RequireEnd(ref reader);
        return events;
    }

    /// <summary>Reads one event in structured mode.</summary>
    /// <exception cref="JsonException">The body is not a JSON object.</exception>
    public ParsedEvent ParseSingle(ReadOnlyMemory<byte> body)
    {
        RequireUtf8(body.Span);
        var reader = new Utf8JsonReader(body.Span, Options);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException("An event is a JSON object.");
        }

        var parsed = ParseOne(ref reader, body);
        RequireEnd(ref reader);
        return parsed;
    }

    /// <summary>Reads one event in binary mode: attributes from headers, data from the body.</summary>
    /// <exception cref="JsonException">The body is not JSON.</exception>
    public ParsedEvent ParseBinary(IEnumerable<KeyValuePair<string, string>> attributes, ReadOnlyMemory<byte> body)
    {
        RequireUtf8(body.Span);
        var attempt = new Attempt();
        var reader = new Utf8JsonReader(body.Span, Options);
        try
        {
            foreach (var (name, value) in attributes)
            {
                SetAttribute(attempt, Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(value));
            }

            if (body.Length > 0)
            {
                reader.Read();
                canonical.Write(ref reader);
                RequireEnd(ref reader);
                attempt.Event.Data = body;
            }

            return Finish(attempt);
        }
        catch (EventRejectedException rejection)
        {
            return Rejected(attempt, rejection);
        }
    }

    /// <summary>Measures an event that was sent without a time, once it has one.</summary>
    public void Measure(ParsedEvent parsed)
    {
        try
        {
            var reader = new Utf8JsonReader(parsed.Data.Span, Options);
            reader.Read();
            canonical.Write(ref reader);
            parsed.Measurements = meters.For(parsed.Type.Span) is { } set
                ? Measure(set, parsed, parsed.OccurredAt)
                : throw new InvalidOperationException("A meter is gone; they never go.");
        }
        catch (EventRejectedException rejection)
        {
            Reject(parsed, rejection);
        }
    }

    private ParsedEvent ParseOne(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body)
    {
        var start = reader;
        var attempt = new Attempt();
        try
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                throw new EventRejectedException("an event is a JSON object");
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
            {
                ReadMember(ref reader, body, attempt);
            }

            return Finish(attempt);
        }
        catch (EventRejectedException rejection)
        {
            reader = start;
            reader.Skip();
            return Rejected(attempt, rejection);
        }
    }

    private void ReadMember(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, Attempt attempt)
    {
        if (reader.ValueTextEquals("data"u8))
        {
            reader.Read();
            var from = (int)reader.TokenStartIndex;
            canonical.Write(ref reader);
            attempt.Event.Data = body[from..(int)reader.BytesConsumed];
            return;
        }

        var name = TextOf(ref reader, body);
        reader.Read();
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                SetAttribute(attempt, name.Span, TextOf(ref reader, body));
                break;
            case JsonTokenType.StartObject or JsonTokenType.StartArray:
                throw new EventRejectedException($"attribute {Shown(name.Span)} must be a string");
            case JsonTokenType.Null:
                break;
            default:
                SetAttribute(attempt, name.Span, body.Slice((int)reader.TokenStartIndex, reader.ValueSpan.Length));
                break;
        }
    }

    private static void SetAttribute(Attempt attempt, ReadOnlySpan<byte> name, ReadOnlyMemory<byte> value)
    {
        if (value.Length > Limits.AttributeBytesMax)
        {
            throw new EventRejectedException($"attribute {Shown(name)} is longer than {Limits.AttributeBytesMax} bytes");
        }

        // JSON brings none past CanonicalJson.Unescape; a percent-encoded header does.
        if (value.Span.Contains((byte)0))
        {
            throw new EventRejectedException($"attribute {Shown(name)} holds U+0000");
        }

        switch (name)
        {
            case var _ when name.SequenceEqual("id"u8):
                attempt.Event.Id = value;
                break;
            case var _ when name.SequenceEqual("source"u8):
                attempt.Event.Source = value;
                break;
            case var _ when name.SequenceEqual("type"u8):
                attempt.Event.Type = value;
                break;
            case var _ when name.SequenceEqual("subject"u8):
                attempt.Event.Subject = value;
                break;
            case var _ when name.SequenceEqual("time"u8):
                attempt.Event.SentTime = TimeOf(value.Span);
                break;
            case var _ when name.SequenceEqual("specversion"u8):
                attempt.SpecVersionIsGood = value.Span.SequenceEqual("1.0"u8);
                break;
            case var _ when name.SequenceEqual("datacontenttype"u8):
                RequireJson(value.Span);
                break;
            case var _ when name.SequenceEqual("data_base64"u8):
                throw new EventRejectedException("data must be JSON, not data_base64");
            case var _ when name.SequenceEqual("quoinorg"u8):
                attempt.Event.Org = Id.TryParse<OrgId>(Encoding.UTF8.GetString(value.Span), out var org)
                    ? org
                    : throw new EventRejectedException("quoinorg is not an organisation id", ProblemKind.NoSuchOrganisation);
                break;
            case var _ when name.SequenceEqual("quoinaccount"u8):
                attempt.Event.BillingAccount = Id.TryParse<BillingAccountId>(Encoding.UTF8.GetString(value.Span), out var account)
                    ? account
                    : throw new EventRejectedException("quoinaccount is not a billing account id", ProblemKind.NoSuchOrganisation);
                break;
            case var _ when name.SequenceEqual("quoinhold"u8):
                attempt.Event.Hold = HoldName.TryParse(Encoding.UTF8.GetString(value.Span), out var hold)
                    ? hold
                    : throw new EventRejectedException("quoinhold is not a hold's id");
                break;
            default:
                // Other attributes are the sender's own; they neither count nor tell events apart.
                break;
        }
    }

    private ParsedEvent Finish(Attempt attempt)
    {
        var parsed = attempt.Event;
        if (!attempt.SpecVersionIsGood)
        {
            throw new EventRejectedException("specversion must be \"1.0\"");
        }

        Require(parsed.Id, "id");
        Require(parsed.Source, "source");
        Require(parsed.Type, "type");
        if (meters.For(parsed.Type.Span) is not { } set)
        {
            throw new EventRejectedException($"no meter reads events of type {Shown(parsed.Type.Span)}", ProblemKind.UnknownMeter);
        }

        if (parsed.Data.Length > Limits.DataBytesMax)
        {
            throw new EventRejectedException($"data is longer than {Limits.DataBytesMax} bytes");
        }

        if (parsed.Data.Length == 0 || canonical.Written[0] != '{')
        {
            throw new EventRejectedException("data must be a JSON object");
        }

        if (set.IsTimeless)
        {
            parsed.Measurements = Measure(set, parsed, Limits.OldestTime);
        }
        else if (parsed.SentTime >= Limits.OldestTime)
        {
            parsed.Measurements = Measure(set, parsed, parsed.SentTime.Value);
        }

        parsed.KeyHash = Measuring.Hash(KeyBytes(parsed));
        parsed.BodyHash = Measuring.Hash(BodyBytes(parsed));
        return parsed;
    }

    private Measurement[] Measure(TypeMeters set, ParsedEvent parsed, DateTimeOffset occurredAt)
    {
        var readings = set.At(occurredAt);
        if (readings.Length == 0)
        {
            throw new EventRejectedException(
                $"no meter reads events of type {Shown(parsed.Type.Span)} at that time", ProblemKind.UnknownMeter);
        }

        parsed.WindowEnd = measuring.WindowEnd();
        measuring.RequireUnit(readings);
        var measurements = measuring.Measure(readings);
        return measurements.Length > 0
            ? measurements
            : throw new EventRejectedException(
                $"data has none of {string.Join(", ", readings.Select(reading => reading.Definition.ValuePath))}",
                ProblemKind.InvalidQuantity);
    }

    /// <summary>128 bits of SHA-256 over an event's source and id.</summary>
    public static Guid KeyHashOf(string source, string id)
    {
        var (sourceBytes, idBytes) = (Encoding.UTF8.GetBytes(source), Encoding.UTF8.GetBytes(id));
        var bytes = new byte[4 + sourceBytes.Length + idBytes.Length];
        WriteKey(bytes, sourceBytes, idBytes);
        return Measuring.Hash(bytes);
    }

    private ReadOnlySpan<byte> KeyBytes(ParsedEvent parsed)
    {
        var span = Hashing(4 + parsed.Source.Length + parsed.Id.Length);
        WriteKey(span, parsed.Source.Span, parsed.Id.Span);
        return span;
    }

    private static void WriteKey(Span<byte> key, ReadOnlySpan<byte> source, ReadOnlySpan<byte> id)
    {
        BinaryPrimitives.WriteInt32BigEndian(key, source.Length);
        source.CopyTo(key[4..]);
        id.CopyTo(key[(4 + source.Length)..]);
    }

    private ReadOnlySpan<byte> BodyBytes(ParsedEvent parsed)
    {
        const int fixedBytes = 4 + 4 + 8;
        var subject = parsed.Subject ?? ReadOnlyMemory<byte>.Empty;
        var span = Hashing(fixedBytes + parsed.Type.Length + subject.Length + canonical.Written.Length);
        BinaryPrimitives.WriteInt32BigEndian(span, parsed.Type.Length);
        BinaryPrimitives.WriteInt32BigEndian(span[4..], parsed.Subject is null ? -1 : subject.Length);
        BinaryPrimitives.WriteInt64BigEndian(span[8..], parsed.SentTime?.UtcTicks ?? -1);
        parsed.Type.Span.CopyTo(span[fixedBytes..]);
        subject.Span.CopyTo(span[(fixedBytes + parsed.Type.Length)..]);
        canonical.Written.CopyTo(span[(fixedBytes + parsed.Type.Length + subject.Length)..]);
        return span;
    }

    private Span<byte> Hashing(int length)
    {
        if (hashing.Length < length)
        {
            hashing = new byte[length * 2];
        }

        return hashing.AsSpan(0, length);
    }

    private static ReadOnlyMemory<byte> TextOf(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body)
    {
        if (!reader.ValueIsEscaped)
        {
            return body.Slice((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
        }

        var plain = new byte[reader.ValueSpan.Length];
        return plain.AsMemory(0, CanonicalJson.Unescape(ref reader, plain));
    }

    // Without an offset a time means something else on every machine.
    private static DateTimeOffset TimeOf(ReadOnlySpan<byte> text) => Rfc3339.TryParse(text, out DateTimeOffset time)
        ? time
        : throw new EventRejectedException("time must be an RFC 3339 instant with an offset, such as 2026-01-31T12:00:00Z");

    private static void RequireJson(ReadOnlySpan<byte> mediaType)
    {
        var text = Encoding.UTF8.GetString(mediaType).Split(';')[0].Trim();
        if (!text.EndsWith("json", StringComparison.OrdinalIgnoreCase))
        {
            throw new EventRejectedException("datacontenttype must be a JSON media type");
        }
    }

    private static void Require(ReadOnlyMemory<byte> attribute, string name)
    {
        if (attribute.Length == 0)
        {
            throw new EventRejectedException($"attribute {name} is missing");
        }
    }

    private static void RequireUtf8(ReadOnlySpan<byte> body)
    {
        if (!Utf8.IsValid(body))
        {
            throw new JsonException("The body is not valid UTF-8.");
        }
    }

    private static void RequireEnd(ref Utf8JsonReader reader)
    {
        if (reader.Read())
        {
            throw new JsonException("Something follows the end of the JSON.");
        }
    }

    private static ParsedEvent Rejected(Attempt attempt, EventRejectedException rejection)
    {
        Reject(attempt.Event, rejection);
        return attempt.Event;
    }

    private static void Reject(ParsedEvent parsed, EventRejectedException rejection)
    {
        parsed.Verdict = Verdict.Rejected;
        parsed.Problem = rejection.Kind;
        parsed.Reason = rejection.Message;
    }

    private static string Shown(ReadOnlySpan<byte> name)
    {
        const int shownMax = 60;
        var text = Encoding.UTF8.GetString(name[..Math.Min(name.Length, shownMax)]);
        return name.Length > shownMax ? $"'{text}…'" : $"'{text}'";
    }

    private sealed class Attempt
    {
        public ParsedEvent Event { get; } = new();

        public bool SpecVersionIsGood { get; set; }
    }
}
