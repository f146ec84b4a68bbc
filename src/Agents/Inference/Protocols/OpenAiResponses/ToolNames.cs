using System.Globalization;
using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>
/// Names of tools in namespaces. OpenAI's responses group the tools of an MCP server in a namespace, and a call says both
/// names; other vendors have one name for a tool, of at most 64 letters, digits, underscores and hyphens. Both are read from
/// the request alone, so that its answer and later turns say the same. Source: <c>NamespaceTool</c> and
/// <c>ResponseFunctionToolCall.namespace</c> of the npm package <c>openai</c> 6.
/// </summary>
internal sealed class ToolNames
{
    private const int LettersMax = 64;
    private const int DigestLetters = 8;
    private const string Between = "__";

    private readonly Dictionary<(string Namespace, string Name), string> sent = [];
    private readonly Dictionary<string, (string Namespace, string Name)> told = new(StringComparer.Ordinal);
    private readonly HashSet<string> freeform = new(StringComparer.Ordinal);
    private readonly HashSet<string> taken = new(StringComparer.Ordinal);

    private ToolNames()
    {
    }

    /// <summary>The names of a request's tools, and of those that only its earlier calls name.</summary>
    public static ToolNames Of(JsonElement request)
    {
        var names = new ToolNames();
        var tools = Declared(request).ToList();

        // Tools without a namespace keep their names, so they come first.
        foreach (var (space, tool) in tools.OrderBy(one => one.Namespace is not null))
        {
            var name = names.Add(space, tool.RequiredText("name"));
            if (tool.Text("type") == "custom")
            {
                names.freeform.Add(name);
            }
        }

        if (request.Member("input") is { ValueKind: JsonValueKind.Array } input)
        {
            foreach (var call in input.EnumerateArray().Where(item => item.Text("type") is "function_call" or "custom_tool_call"))
            {
                names.Add(call.Text("namespace"), call.RequiredText("name"));
            }
        }

        return names;
    }

    /// <summary>The functions and text tools of a request, each with the namespace it stands in.</summary>
    public static IEnumerable<(string? Namespace, JsonElement Tool)> Declared(JsonElement request) =>
        request.Items("tools").SelectMany<JsonElement, (string? Namespace, JsonElement Tool)>(tool => tool.Text("type") switch
        {
            "function" or "custom" => [(null, tool)],
            "namespace" => tool.Items("tools")
                .Where(one => one.Text("type") is "function" or "custom")
                .Select(one => ((string?)tool.RequiredText("name"), one)),

            // OpenAI's own tools (web_search, file_search …) run at OpenAI; elsewhere the model has none of them.
            _ => [],
        });

    /// <summary>What another vendor's model knows a tool by.</summary>
    public string Sent(string? space, string name) => space is null ? name : sent[(space, name)];

    /// <summary>The tool that must be called; a client may name one of a namespace by its own name alone.</summary>
    public string Chosen(string? space, string name)
    {
        if (space is not null)
        {
            return sent.GetValueOrDefault((space, name)) ?? throw JsonMembers.Wrong($"'tool_choice' names no tool: '{space}', '{name}'.");
        }

        List<string> meant = taken.Contains(name) ? [] : [.. sent.Where(one => one.Key.Name == name).Select(one => one.Value)];
        return meant is [var only] ? only : name;
    }

    /// <summary>What the client knows a tool by.</summary>
    public (string? Namespace, string Name) Told(string name) => told.TryGetValue(name, out var both) ? both : (null, name);

    /// <summary>Whether a tool takes text instead of JSON.</summary>
    public bool IsFreeform(string name) => freeform.Contains(name);

    private string Add(string? space, string name)
    {
        if (space is null)
        {
            taken.Add(name);
            return name;
        }

        if (!sent.TryGetValue((space, name), out var one))
        {
            one = Free(space, name);
            taken.Add(one);
            (sent[(space, name)], told[one]) = (one, (space, name));
        }

        return one;
    }

    // The digest is of the two names alone: a tool keeps its name while others come and go.
    private string Free(string space, string name)
    {
        var whole = string.Concat(
            (space.EndsWith(Between, StringComparison.Ordinal) ? space + name : space + Between + name)
                .Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' ? letter : '_'));
        var free = whole;
        for (var round = 0; free.Length > LettersMax || taken.Contains(free); round++)
        {
            var digest = ShortDigest.Of(string.Create(CultureInfo.InvariantCulture, $"{space}\n{name}\n{round}"), DigestLetters);
            free = $"{whole[..Math.Min(whole.Length, LettersMax - DigestLetters - 1)]}_{digest}";
        }

        return free;
    }
}
