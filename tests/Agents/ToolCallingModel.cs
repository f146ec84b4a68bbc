using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Quoin.Tests.EndToEnd.Agents;

namespace Quoin.Tests.Agents;

/// <summary>
/// A model over OpenAI's chat completions that wants one command run by whichever shell the agent offers, and then says what
/// the shell said. Every answer uses a hundred tokens in and ten out.
/// </summary>
internal static class ToolCallingModel
{
    /// <summary>What the shell is to run; only a shell knows what it says.</summary>
    public const string Command = "echo quoin-$((6*7))";

    /// <summary>What it says.</summary>
    public const string Result = "quoin-42";

    /// <summary>Starts one.</summary>
    public static Task<ScriptedModelProvider> Start() => ScriptedModelProvider.Start(Answer);

    private static async Task Answer(HttpContext context, string body)
    {
        var request = JsonNode.Parse(body)!;
        var said = request["messages"]!.AsArray()
            .Where(message => (string?)message!["role"] == "tool")
            .Select(message => message!["content"]!.ToJsonString())
            .FirstOrDefault(text => text.Contains(Result, StringComparison.Ordinal));
        var tool = said is null ? ShellOf(request) : null;
        JsonObject delta = tool is var (name, arguments)
            ? new JsonObject
            {
                ["role"] = "assistant",
                ["tool_calls"] = new JsonArray(new JsonObject
                {
                    ["index"] = 0,
                    ["id"] = "call_1",
                    ["type"] = "function",
                    ["function"] = new JsonObject { ["name"] = name, ["arguments"] = arguments },
                }),
            }
            : new JsonObject { ["role"] = "assistant", ["content"] = said is null ? "A title" : $"The shell said {Result}." };
        var reason = tool is null ? "stop" : "tool_calls";
        if ((bool?)request["stream"] == true)
        {
            await ScriptedModelProvider.Stream(context, Chunk(delta, null), Chunk([], reason), Usage, "data: [DONE]\n\n");
            return;
        }

        var message = delta.DeepClone().AsObject();
        await ScriptedModelProvider.Plain(context, $$$"""
            {"id":"chat-1","object":"chat.completion","created":1,"model":"scripted",
             "choices":[{"index":0,"message":{{{message.ToJsonString()}}},"finish_reason":"{{{reason}}}"}],
             "usage":{"prompt_tokens":100,"completion_tokens":10,"total_tokens":110}}
            """);
    }

    private const string Usage = """
        data: {"id":"chat-1","object":"chat.completion.chunk","created":1,"model":"scripted","choices":[],"usage":{"prompt_tokens":100,"completion_tokens":10,"total_tokens":110}}


        """;

    private static string Chunk(JsonObject delta, string? reason) =>
        $"data: {new JsonObject
        {
            ["id"] = "chat-1",
            ["object"] = "chat.completion.chunk",
            ["created"] = 1,
            ["model"] = "scripted",
            ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta, ["finish_reason"] = reason }),
        }.ToJsonString()}\n\n";

    // Agents name their shells and the members of its arguments as they like.
    private static (string Name, string Arguments)? ShellOf(JsonNode request)
    {
        foreach (var tool in request["tools"]?.AsArray() ?? [])
        {
            var function = tool!["function"]!;
            var members = function["parameters"]?["properties"]?.AsObject();
            if (members is not null
                && (string)function["name"]! is "bash" or "Bash" or "shell" or "shell_command" or "exec_command")
            {
                var arguments = new JsonObject();
                foreach (var member in members.Where(member => member.Key is "command" or "cmd"))
                {
                    arguments[member.Key] = (string?)member.Value!["type"] == "array"
                        ? new JsonArray("bash", "-lc", Command)
                        : Command;
                }

                if (members.ContainsKey("description"))
                {
                    arguments["description"] = "Says a word";
                }

                return ((string)function["name"]!, JsonSerializer.Serialize(arguments));
            }
        }

        return null;
    }
}
