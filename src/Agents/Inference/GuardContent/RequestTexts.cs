using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Quoin.Inference.Internal;

/// <summary>
/// Goes through a request from text to text. Numbers of many digits are texts, and so are the names of members where anybody
/// may name them; what is in base 64 where media are is a text where it is one.
/// </summary>
internal ref struct RequestTexts
{
    private static readonly SearchValues<byte> IdLetters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=_-.:|~"u8);

    private static readonly SearchValues<byte> MediaTypeLetters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-.;"u8);

    private readonly Frame[] frames = new Frame[Limits.RequestDepthMax + 1];
    private Utf8JsonReader reader;
    private (TextMeaning Meaning, TextPlace Within) member;
    private bool isSound;
    private string? beforeData;

    /// <summary>Stands before a request's first text.</summary>
    /// <exception cref="RefusedRequestException">It has text that cannot be read.</exception>
    public RequestTexts(ReadOnlySpan<byte> body) => reader = JsonUnicode.IsWhole(body)
        ? new Utf8JsonReader(body, new JsonReaderOptions { MaxDepth = Limits.RequestDepthMax })
        : throw JsonMembers.NotUnicode();

    /// <summary>The text.</summary>
    public string Text { get; private set; } = "";

    /// <summary>Where what holds it begins.</summary>
    public readonly int Start => checked((int)reader.TokenStartIndex);

    /// <summary>Where that ends.</summary>
    public readonly int End => Start + reader.ValueSpan.Length + (reader.TokenType == JsonTokenType.Number ? 0 : 2);

    /// <summary>Goes to the next text.</summary>
    /// <returns>Whether there is one.</returns>
    /// <exception cref="RefusedRequestException">It speaks in tokens, which nobody can read here.</exception>
    public bool Next()
    {
        while (reader.Read())
        {
            beforeData = null;
            switch (reader.TokenType)
            {
                case JsonTokenType.StartObject:
                case JsonTokenType.StartArray:
                    Enter();
                    break;
                case JsonTokenType.PropertyName when IsText(Name()):
                case JsonTokenType.String when IsText(String()):
                case JsonTokenType.Number when IsText(Number()):
                    return true;
            }
        }

        return false;
    }

    /// <summary>What is written in place of the text, once it has become another.</summary>
    public readonly string Written(string other) =>
        beforeData is null ? other : beforeData + Convert.ToBase64String(Encoding.UTF8.GetBytes(other));

    private bool IsText(string? text)
    {
        Text = text ?? "";
        return text is not null;
    }

    private void Enter()
    {
        var depth = reader.CurrentDepth;
        var isArray = reader.TokenType == JsonTokenType.StartArray;
        var place = depth == 0 ? TextPlace.Request
            : frames[depth - 1].IsArray ? frames[depth - 1].Place
            : member.Within;
        var isMedium = place == TextPlace.Media && !isArray && ((isSound && !frames[depth - 1].IsArray) || IsBase64(reader));
        frames[depth] = new Frame(place, isArray) { HoldsData = isMedium };
    }

    private string? Name()
    {
        var place = frames[reader.CurrentDepth - 1].Place;
        member = TextPlaces.Of(place, reader);
        isSound = place == TextPlace.Items && (reader.ValueTextEquals("input_audio"u8) || reader.ValueTextEquals("audio"u8));
        return place == TextPlace.Anything ? reader.GetString() : null;
    }

    private string? String()
    {
        var depth = reader.CurrentDepth;
        var meaning = depth == 0 || frames[depth - 1].IsArray ? TextMeaning.Text : member.Meaning;
        var isText = meaning switch
        {
            TextMeaning.Word => !IsWord(depth),
            TextMeaning.Id => reader.ValueSpan.ContainsAnyExcept(IdLetters),
            TextMeaning.MediaType => reader.ValueSpan.ContainsAnyExcept(MediaTypeLetters),
            TextMeaning.Model => false,
            TextMeaning.Data when frames[depth - 1].Place == TextPlace.Items =>
                !frames[depth - 1].HoldsData || reader.ValueSpan.ContainsAnyExcept(IdLetters),
            _ => true,
        };
        var mayBeMedium = meaning == TextMeaning.Address
            || (meaning == TextMeaning.Data && frames[depth - 1] is { Place: TextPlace.Media, HoldsData: true });
        return !isText ? null : mayBeMedium ? Medium(meaning) : reader.GetString();
    }

    // What a vendor has sealed says that it is so before what it holds.
    private readonly bool IsWord(int depth)
    {
        if (reader.ValueTextEquals("redacted_thinking"u8))
        {
            frames[depth - 1].HoldsData = frames[depth - 1].Place == TextPlace.Items;
        }

        return TextPlaces.IsWord(reader);
    }

    // Null for what is no text: the bytes of a picture, a page or a sound.
    private string? Medium(TextMeaning meaning)
    {
        var said = reader.GetString()!;
        var from = 0;
        if (meaning == TextMeaning.Address)
        {
            from = AddressEnd(said);
            if (from < 0)
            {
                return said;
            }
        }

        var data = Encoding.UTF8.GetBytes(said, from, said.Length - from);
        if (!Base64.IsValid(data))
        {
            return said;
        }

        if (Decoded(data) is { } text)
        {
            beforeData = said[..from];
            return text;
        }

        return null;
    }

    // Where the data begin in "data:image/png;base64,…"; negative where it is no such address.
    private static int AddressEnd(string said)
    {
        const string Begins = "data:";
        const string Ends = ";base64,";
        var end = said.StartsWith(Begins, StringComparison.Ordinal) ? said.IndexOf(Ends, StringComparison.Ordinal) : -1;
        var isAddress = end >= 0
            && end <= Limits.NameLettersMax
            && !Encoding.UTF8.GetBytes(said, Begins.Length, end - Begins.Length).AsSpan().ContainsAnyExcept(MediaTypeLetters);
        return isAddress ? end + Ends.Length : -1;
    }

    // Media have control characters in their first bytes; only what has none there is read as a whole.
    private static string? Decoded(ReadOnlySpan<byte> data)
    {
        const int Beginning = 64;
        var beginning = new byte[Beginning];
        Base64.DecodeFromUtf8(data[..Math.Min(Beginning, data.Length)], beginning, out _, out var read);
        if (!IsText(beginning.AsSpan(0, read)) || beginning.AsSpan(0, read).StartsWith("%PDF-"u8))
        {
            return null;
        }

        var whole = new byte[Base64.GetMaxDecodedFromUtf8Length(data.Length)];
        Base64.DecodeFromUtf8(data, whole, out _, out var length);
        return IsText(whole.AsSpan(0, length)) && Utf8.IsValid(whole.AsSpan(0, length))
            ? Encoding.UTF8.GetString(whole, 0, length)
            : null;
    }

    private static bool IsText(ReadOnlySpan<byte> bytes) => !bytes.ContainsAnyInRange((byte)0, (byte)8);

    private readonly string? Number()
    {
        var depth = reader.CurrentDepth;
        if (depth > 0 && frames[depth - 1] is { IsArray: true, Place: TextPlace.Items })
        {
            throw new RefusedRequestException(
                InferenceProblems.ContentRefused,
                "The request is in tokens, which cannot be looked through as is asked for here; send text instead.");
        }

        if (reader.ValueSpan.Length < Limits.NumberDigitsLeast)
        {
            return null;
        }

        // However a whole number is written, it is read as its digits: 4.2e15 is one.
        var written = Encoding.ASCII.GetString(reader.ValueSpan);
        return decimal.TryParse(written, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && decimal.IsInteger(number)
                ? number.ToString("0", CultureInfo.InvariantCulture)
                : written;
    }

    // All that say what it is must say so: which of two would hold is the provider's to choose.
    private static bool IsBase64(Utf8JsonReader ahead)
    {
        var isBase64 = false;
        while (ahead.Read() && ahead.TokenType == JsonTokenType.PropertyName)
        {
            var isType = ahead.ValueTextEquals("type"u8);
            ahead.Read();
            if (isType && !(ahead.TokenType == JsonTokenType.String && ahead.ValueTextEquals("base64"u8)))
            {
                return false;
            }

            isBase64 |= isType;
            ahead.Skip();
        }

        return isBase64;
    }

    private record struct Frame(TextPlace Place, bool IsArray)
    {
        /// <summary>Whether its <c>data</c> is a medium in base 64, or a seal.</summary>
        public bool HoldsData { get; set; }
    }
}
