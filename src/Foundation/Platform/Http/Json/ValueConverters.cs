using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Quoin.Kernel;

namespace Quoin.Platform;

/// <summary>Money as <c>{"currency":"USD","amount_micros":123}</c>: two members, both there, nothing else.</summary>
internal sealed class MoneyConverter : JsonConverter<Money>
{
    private static readonly JsonEncodedText CurrencyName = JsonEncodedText.Encode("currency");
    private static readonly JsonEncodedText AmountName = JsonEncodedText.Encode("amount_micros");

    public override Money Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        const string shape = """Expected money: {"currency":"USD","amount_micros":123}.""";
        Currency? currency = null;
        long? micros = null;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            throw new JsonException(shape);
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isCurrency = reader.ValueTextEquals(CurrencyName.EncodedUtf8Bytes);
            var isAmount = reader.ValueTextEquals(AmountName.EncodedUtf8Bytes);
            reader.Read();
            if (isCurrency && currency is null && Currency.TryParse(reader.Text(), out var known))
            {
                currency = known;
            }
            else if (isAmount && micros is null
                && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var amount))
            {
                micros = amount;
            }
            else
            {
                throw new JsonException(shape);
            }
        }

        return currency is { } of && micros is { } count ? new Money(count, of) : throw new JsonException(shape);
    }

    public override void Write(Utf8JsonWriter writer, Money value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WriteString(CurrencyName, value.Currency.Code);
        writer.WriteNumber(AmountName, value.Micros);
        writer.WriteEndObject();
    }
}

/// <summary>A currency as its code.</summary>
internal sealed class CurrencyConverter : JsonConverter<Currency>
{
    public override Currency Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Currency.TryParse(reader.Text(), out var currency)
            ? currency
            : throw new JsonException("Expected a currency code of three to five capital letters.");

    public override void Write(Utf8JsonWriter writer, Currency value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.Code);
}

/// <summary>An instant as RFC 3339 in UTC.</summary>
internal sealed class InstantConverter : JsonConverter<DateTimeOffset>
{
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Rfc3339.TryParse(reader.Text(), out DateTimeOffset instant)
            ? instant
            : throw new JsonException("Expected an RFC 3339 instant with an offset, as 2026-11-20T08:15:00Z.");

    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Rfc3339.Format(value));
}

/// <summary>A decimal as text with all its digits; read from text or from a number that needs no rounding.</summary>
internal sealed class DecimalConverter : JsonConverter<decimal>
{
    public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.TokenType == JsonTokenType.Number ? NumberText(ref reader) : reader.Text();
        return ExactNumber.TryParse(text, out var number)
            ? number
            : throw new JsonException("Expected a decimal number of at most 28 digits.");
    }

    public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) =>
        writer.WriteStringValue(ExactNumber.Format(value));

    private static string? NumberText(ref Utf8JsonReader reader)
    {
        var length = reader.HasValueSequence ? reader.ValueSequence.Length : reader.ValueSpan.Length;
        return length > ExactNumber.LengthMax
            ? null
            : Encoding.ASCII.GetString(reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan);
    }
}

/// <summary>A decimal of any length as text. Written only: what comes from outside fits a <see cref="decimal"/>.</summary>
internal sealed class ExactDecimalConverter : JsonConverter<ExactDecimal>
{
    public override ExactDecimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ExactNumber.TryParse(reader.Text(), out var number)
            ? number
            : throw new JsonException("Expected a decimal number of at most 28 digits, as text.");

    public override void Write(Utf8JsonWriter writer, ExactDecimal value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}

/// <summary>Reading text without the reader's own exceptions, which name no expectation.</summary>
internal static class ReaderText
{
    /// <summary>The text at hand; null when it is something else, which no parser takes.</summary>
    public static string? Text(this ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
}
