using System.Text.Json;

namespace Quoin.Payments.Stripe;

/// <summary>Skips through an event's bytes for what the door needs to know, without making an object of them.</summary>
internal ref struct StripeEventHead
{
    private Utf8JsonReader reader;
    private string? id;
    private string? type;
    private long? created;
    private bool isLive;
    private bool isEvent;
    private string? about;
    private string? aboutType;
    private string? customer;
    private string? customerBefore;
    private bool isAboutSomething;

    private StripeEventHead(ReadOnlySpan<byte> body) => reader = new Utf8JsonReader(body);

    /// <summary>The head of an event.</summary>
    /// <exception cref="UnreadableAnswerException">It is no event.</exception>
    /// <exception cref="JsonException">It is no JSON.</exception>
    public static ProviderEventHead Read(ReadOnlySpan<byte> body)
    {
        var head = new StripeEventHead(body);
        head.ReadEvent();
        return head.Made();
    }

    private readonly ProviderEventHead Made()
    {
        if (!isEvent || id is not { Length: > 0 } || type is not { Length: > 0 } || !isAboutSomething
            || created is not (>= 0 and <= 253_402_300_799))
        {
            throw new UnreadableAnswerException("It is no event.");
        }

        return new ProviderEventHead(
            id,
            type,
            DateTimeOffset.FromUnixTimeSeconds(created.Value),
            isLive,
            StripeEvents.IsFollowed(type),
            about,
            aboutType == "customer" ? about : customer ?? customerBefore);
    }

    private void ReadEvent()
    {
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new UnreadableAnswerException("It is no event.");
        }

        while (NextMember())
        {
            if (reader.ValueTextEquals("id"u8))
            {
                id = Text();
            }
            else if (reader.ValueTextEquals("object"u8))
            {
                isEvent = Text() == "event";
            }
            else if (reader.ValueTextEquals("type"u8))
            {
                type = Text();
            }
            else if (reader.ValueTextEquals("created"u8))
            {
                created = Number();
            }
            else if (reader.ValueTextEquals("livemode"u8))
            {
                reader.Read();
                isLive = reader.TokenType == JsonTokenType.True;
                reader.Skip();
            }
            else if (reader.ValueTextEquals("data"u8))
            {
                ReadData();
            }
            else
            {
                reader.Skip();
            }
        }

        // What follows the event would be somebody else's.
        if (reader.Read())
        {
            throw new UnreadableAnswerException("More than an event was sent.");
        }
    }

    private void ReadData()
    {
        if (!EntersObject())
        {
            return;
        }

        while (NextMember())
        {
            if (reader.ValueTextEquals("object"u8))
            {
                ReadAbout();
            }
            else if (reader.ValueTextEquals("previous_attributes"u8))
            {
                ReadBefore();
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void ReadAbout()
    {
        if (!EntersObject())
        {
            return;
        }

        isAboutSomething = true;
        while (NextMember())
        {
            if (reader.ValueTextEquals("id"u8))
            {
                about = Text();
            }
            else if (reader.ValueTextEquals("object"u8))
            {
                aboutType = Text();
            }
            else if (reader.ValueTextEquals("customer"u8))
            {
                customer = Id();
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private void ReadBefore()
    {
        if (!EntersObject())
        {
            return;
        }

        while (NextMember())
        {
            if (reader.ValueTextEquals("customer"u8))
            {
                customerBefore = Id();
            }
            else
            {
                reader.Skip();
            }
        }
    }

    private bool NextMember() => reader.Read() && reader.TokenType == JsonTokenType.PropertyName;

    private bool EntersObject()
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            return true;
        }

        reader.Skip();
        return false;
    }

    private string? Text()
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString();
        }

        reader.Skip();
        return null;
    }

    private long? Number()
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number))
        {
            return number;
        }

        reader.Skip();
        return null;
    }

    // An id, or the whole of what it names.
    private string? Id()
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            return reader.GetString();
        }

        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        string? found = null;
        while (NextMember())
        {
            if (reader.ValueTextEquals("id"u8))
            {
                found = Text();
            }
            else
            {
                reader.Skip();
            }
        }

        return found;
    }
}
