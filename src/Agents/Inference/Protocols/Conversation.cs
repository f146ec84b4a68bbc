using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>Who says something in a conversation; instructions of the system are kept apart.</summary>
internal enum Speaker
{
    User,
    Assistant,
}

/// <summary>A piece of what somebody says, in no vendor's words.</summary>
internal abstract record Content
{
    private Content()
    {
    }

    public sealed record Text(string Value) : Content;

    /// <summary>A picture: its bytes in base 64 with their media type, or an address.</summary>
    public sealed record Image(string? MediaType, string Source) : Content
    {
        public bool IsAddress => MediaType is null;

        public string DataUrl => IsAddress ? Source : $"data:{MediaType};base64,{Source}";
    }

    /// <summary>A document: its bytes in base 64 with their media type, or an address.</summary>
    public sealed record Document(string? MediaType, string Source, string? Name) : Content;

    /// <summary>Sound in base 64.</summary>
    public sealed record Audio(string Format, string Source) : Content;

    /// <summary>The model wants a tool called.</summary>
    /// <param name="Id">What the result names.</param>
    /// <param name="Name">The tool.</param>
    /// <param name="Arguments">JSON, as the model wrote it.</param>
    public sealed record ToolCall(string Id, string Name, string Arguments) : Content;

    /// <summary>What a tool gave.</summary>
    public sealed record ToolResult(string CallId, IReadOnlyList<Content> Parts, bool IsError) : Content;

    /// <summary>What the model thought; a signature proves to its vendor that it did.</summary>
    public sealed record Reasoning(string Value, string? Signature) : Content
    {
        /// <summary>Whether a vendor proves it, who then wants it back as it is, while nobody else can use it.</summary>
        public bool IsProven => !ThoughtMark.IsOne(Signature);
    }
}

/// <summary>One turn of a conversation.</summary>
internal sealed record Turn(Speaker Speaker, IReadOnlyList<Content> Parts);

/// <summary>A function the model may ask for.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it does; null where it is not said.</param>
/// <param name="Parameters">The JSON schema of its arguments; null where it takes none.</param>
/// <param name="IsStrict">Whether the arguments must follow the schema to the letter; null where it is not said.</param>
/// <param name="IsFreeform">Whether it takes text instead of JSON (OpenAI's custom tools).</param>
internal sealed record ModelTool(
    string Name, string? Description, JsonElement? Parameters, bool? IsStrict, bool IsFreeform = false);

/// <summary>Whether the model must, may or must not call tools.</summary>
internal enum ToolUse
{
    Free,
    Never,
    AtLeastOne,
    Named,
}

/// <summary>The JSON an answer must be; without a schema any object.</summary>
internal sealed record OutputShape(string? Name, JsonElement? Schema, bool? IsStrict, string? Description = null)
{
    /// <summary>Asks for any object where a vendor has no other way.</summary>
    public const string InWords = "Answer with one JSON object and nothing else.";
}

/// <summary>A request to a model, in no vendor's words.</summary>
internal sealed record ModelRequest
{
    public IReadOnlyList<string> Instructions { get; init; } = [];

    public required IReadOnlyList<Turn> Turns { get; init; }

    public long? OutputTokensMax { get; init; }

    public double? Temperature { get; init; }

    public double? TopP { get; init; }

    public IReadOnlyList<string> Stop { get; init; } = [];

    public bool IsStream { get; init; }

    public IReadOnlyList<ModelTool> Tools { get; init; } = [];

    public ToolUse ToolUse { get; init; }

    /// <summary>The tool to be called where <see cref="ToolUse"/> names one.</summary>
    public string? NamedTool { get; init; }

    public bool? AllowsParallelTools { get; init; }

    public OutputShape? Shape { get; init; }

    public string? User { get; init; }

    /// <summary>
    /// The turns without the thoughts that nobody proves, which vendors who want proofs would refuse. A turn of nothing else
    /// is gone, and what is said around it is one turn.
    /// </summary>
    public IReadOnlyList<Turn> TurnsOfProvenThoughts()
    {
        var turns = new TurnList();
        foreach (var turn in Turns)
        {
            List<Content> parts = [.. turn.Parts.Where(part => part is not Content.Reasoning { IsProven: false })];
            if (parts.Count > 0)
            {
                turns.Add(turn.Speaker, parts);
            }
        }

        return turns.ToList();
    }

    /// <summary>All text in it: what is counted where nobody else counts.</summary>
    public IEnumerable<string> AllText() => Instructions.Concat(Turns.SelectMany(turn => turn.Parts).SelectMany(TextOf));

    private static IEnumerable<string> TextOf(Content part) => part switch
    {
        Content.Text text => [text.Value],
        Content.ToolCall call => [call.Arguments],
        Content.ToolResult result => result.Parts.SelectMany(TextOf),
        Content.Reasoning reasoning => [reasoning.Value],
        _ => [],
    };
}

/// <summary>Collects turns; what one speaker says in several messages is one turn, as Anthropic wants tool results.</summary>
internal sealed class TurnList
{
    private readonly List<(Speaker Speaker, List<Content> Parts)> turns = [];

    public void Add(Speaker speaker, params IEnumerable<Content> parts)
    {
        if (turns.Count == 0 || turns[^1].Speaker != speaker)
        {
            turns.Add((speaker, []));
        }

        turns[^1].Parts.AddRange(parts);
    }

    public IReadOnlyList<Turn> ToList() =>
        [.. turns.Where(turn => turn.Parts.Count > 0).Select(turn => new Turn(turn.Speaker, turn.Parts))];
}
