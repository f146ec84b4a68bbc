using System.Text.Json;

namespace Quoin.Inference;

/// <summary>What the content of a request can cost that is not as large as its bytes.</summary>
public sealed partial class RequestHead
{
    // Run by whoever calls the model; all else is run by the vendor, who counts what it finds as input.
    private static readonly byte[][] ClientTools =
    [
        .. new[]
        {
            "function", "custom", "namespace", "local_shell", "shell", "apply_patch", "computer", "bash_", "text_editor_", "memory_",
        }.Select(System.Text.Encoding.ASCII.GetBytes),
    ];

    private static bool HasVendorTool(Utf8JsonReader ahead)
    {
        ahead.Read();
        if (ahead.TokenType != JsonTokenType.StartArray)
        {
            return false;
        }

        while (ahead.Read() && ahead.TokenType != JsonTokenType.EndArray)
        {
            if (ahead.TokenType == JsonTokenType.StartObject && IsVendorTool(ref ahead))
            {
                return true;
            }

            ahead.Skip();
        }

        return false;
    }

    // Ends at the end of the tool.
    private static bool IsVendorTool(ref Utf8JsonReader reader)
    {
        var isVendors = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isType = reader.ValueTextEquals("type"u8);
            reader.Read();
            isVendors |= isType && reader.TokenType == JsonTokenType.String && !IsClientTool(reader.ValueSpan);
            reader.Skip();
        }

        return isVendors;
    }

    private static bool IsClientTool(ReadOnlySpan<byte> type)
    {
        foreach (var known in ClientTools)
        {
            if (type.StartsWith(known))
            {
                return true;
            }
        }

        return false;
    }

    // Goes through a value for what it may cost: pictures are no text, and what is kept elsewhere has no size here.
    private void Content(ref Utf8JsonReader reader)
    {
        HasReferences |= IsReference(reader);
        var depth = reader.CurrentDepth;
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
        {
            Media(reader.ValueSpan, isAddress: false, mayBePicture: false);
        }

        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray))
        {
            return;
        }

        var (isType, isAddress, mayBePicture) = (false, false, false);
        var (hasDocument, hasAddress) = (false, false);
        while (reader.Read() && reader.CurrentDepth > depth)
        {
            if (reader.TokenType == JsonTokenType.PropertyName)
            {
                HasReferences |= IsReference(reader);
                isType = reader.ValueTextEquals("type"u8);
                isAddress = reader.ValueTextEquals("url"u8) || reader.ValueTextEquals("image_url"u8);
                mayBePicture = isAddress || reader.ValueTextEquals("data"u8);
            }
            else if (reader.TokenType == JsonTokenType.String)
            {
                hasDocument |= isType && reader.ValueTextEquals("document"u8);
                hasAddress |= Media(reader.ValueSpan, isAddress, mayBePicture);
            }
        }

        HasReferences |= hasDocument && hasAddress;
    }

    private static bool IsReference(in Utf8JsonReader reader) =>
        reader.ValueTextEquals("file_id"u8)
        || reader.ValueTextEquals("file_url"u8)
        || reader.ValueTextEquals("previous_response_id"u8)
        || reader.ValueTextEquals("conversation"u8)
        || reader.ValueTextEquals("item_reference"u8);

    // Counts a picture; whether it is somewhere else. Text is text, whatever it begins with.
    private bool Media(ReadOnlySpan<byte> value, bool isAddress, bool mayBePicture)
    {
        if (mayBePicture && IsPicture(value))
        {
            Images++;
            mediaBytes += value.Length;
            return false;
        }

        // Pages are text and pictures both, and packed: their bytes say nothing of their tokens.
        HasReferences |= value.StartsWith("JVBERi0"u8) || value.StartsWith("data:application/pdf"u8);
        if (!isAddress || !value.StartsWith("http"u8))
        {
            return false;
        }

        Images++;
        return true;
    }

    // The first bytes of PNG, JPEG, GIF and WebP in base 64; vendors take no other pictures.
    private static bool IsPicture(ReadOnlySpan<byte> value) =>
        value.StartsWith("data:image/"u8)
        || (value.Length > Limits.PictureBytesLeast
            && (value.StartsWith("iVBORw0KGgo"u8)
                || value.StartsWith("/9j/"u8)
                || value.StartsWith("R0lGOD"u8)
                || value.StartsWith("UklGR"u8)));
}
