using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>Where in a request something stands.</summary>
internal enum TextPlace
{
    /// <summary>Where anything may be said, also by the names of members: what tools are called with, metadata.</summary>
    Anything,

    /// <summary>The request itself.</summary>
    Request,

    /// <summary>Descriptions of tools and of answers, whose members are named by whoever wrote the program.</summary>
    Settings,

    /// <summary>Messages and their parts.</summary>
    Items,

    /// <summary>A picture, a recording or a document.</summary>
    Media,
}

/// <summary>What a string is by its place.</summary>
internal enum TextMeaning
{
    /// <summary>A text.</summary>
    Text,

    /// <summary>A word of the protocol, as long as it is one of those.</summary>
    Word,

    /// <summary>An id or a seal, as long as it could not be a sentence.</summary>
    Id,

    /// <summary>The name of the model.</summary>
    Model,

    /// <summary>Whether a medium is a picture, a page or something else.</summary>
    MediaType,

    /// <summary>The address of a medium, which may be the medium itself.</summary>
    Address,

    /// <summary>The medium itself, where it is in base 64.</summary>
    Data,
}

/// <summary>The places of the protocols that clients speak.</summary>
internal static class TextPlaces
{
    private static readonly byte[][] Words = Names(
        // Roles.
        "system", "developer", "user", "assistant", "tool", "function",
        // Messages and their parts.
        "text", "input_text", "output_text", "refusal", "image_url", "input_image", "image", "file", "input_file", "input_audio",
        "document", "video_url", "search_result", "tool_use", "tool_result", "server_tool_use", "web_search_tool_result",
        "thinking", "redacted_thinking", "message", "function_call", "function_call_output", "custom_tool_call",
        "custom_tool_call_output", "local_shell_call", "local_shell_call_output", "computer_call", "computer_call_output",
        "computer_screenshot", "web_search_call", "file_search_call", "reasoning", "summary_text", "reasoning_text",
        "item_reference", "base64", "url", "content",
        // Settings, and what JSON Schema calls its types.
        "custom", "json_schema", "json_object", "ephemeral", "auto", "any", "none", "enabled", "disabled", "adaptive",
        "string", "number", "integer", "boolean", "object", "array", "null");

    private static readonly Member[] OfRequest =
    [
        .. Members(TextMeaning.Model, TextPlace.Anything, "model"),
        .. Members(TextMeaning.Id, TextPlace.Anything, "previous_response_id"),
        .. Members(TextMeaning.Text, TextPlace.Items, "messages", "input", "system", "instructions", "prompt"),
        .. Members(
            TextMeaning.Text,
            TextPlace.Settings,
            "tools", "functions", "tool_choice", "function_call", "response_format", "text", "thinking", "reasoning", "stream_options"),
    ];

    private static readonly Member[] OfSettings = Members(TextMeaning.Word, TextPlace.Settings, "type");

    private static readonly Member[] OfItems =
    [
        .. Members(TextMeaning.Word, TextPlace.Anything, "type", "role"),
        .. Members(
            TextMeaning.Id,
            TextPlace.Anything,
            "id", "call_id", "tool_call_id", "tool_use_id", "file_id", "encrypted_content", "signature"),
        .. Members(TextMeaning.Text, TextPlace.Items, "content", "output", "summary", "tool_calls"),
        .. Members(
            TextMeaning.Address,
            TextPlace.Media,
            "source", "image_url", "video_url", "file", "file_data", "input_audio", "audio"),
        .. Members(TextMeaning.Data, TextPlace.Anything, "data"),
        .. Members(TextMeaning.Text, TextPlace.Settings, "cache_control"),
    ];

    private static readonly Member[] OfMedia =
    [
        .. Members(TextMeaning.Word, TextPlace.Anything, "type"),
        .. Members(TextMeaning.Id, TextPlace.Anything, "id", "file_id"),
        .. Members(TextMeaning.MediaType, TextPlace.Anything, "media_type"),
        .. Members(TextMeaning.Address, TextPlace.Anything, "url", "file_data"),
        .. Members(TextMeaning.Data, TextPlace.Anything, "data"),
        .. Members(TextMeaning.Text, TextPlace.Items, "content"),
    ];

    /// <summary>What the value of a member is where it is a string, and what place it is where it holds more.</summary>
    /// <param name="place">Where the member stands.</param>
    /// <param name="reader">At the member's name.</param>
    public static (TextMeaning Meaning, TextPlace Within) Of(TextPlace place, in Utf8JsonReader reader)
    {
        var members = place switch
        {
            TextPlace.Request => OfRequest,
            TextPlace.Settings => OfSettings,
            TextPlace.Items => OfItems,
            TextPlace.Media => OfMedia,
            _ => [],
        };
        foreach (var member in members)
        {
            if (reader.ValueTextEquals(member.Name))
            {
                return (member.Meaning, member.Within);
            }
        }

        return (TextMeaning.Text, place == TextPlace.Settings ? TextPlace.Settings : TextPlace.Anything);
    }

    /// <summary>Whether a string is a word that a protocol has for its types and roles.</summary>
    public static bool IsWord(in Utf8JsonReader reader)
    {
        foreach (var word in Words)
        {
            if (reader.ValueTextEquals(word))
            {
                return true;
            }
        }

        return false;
    }

    private static byte[][] Names(params string[] names) => [.. names.Select(System.Text.Encoding.ASCII.GetBytes)];

    private static Member[] Members(TextMeaning meaning, TextPlace within, params string[] names) =>
        [.. Names(names).Select(name => new Member(name, meaning, within))];

    private sealed record Member(byte[] Name, TextMeaning Meaning, TextPlace Within);
}
