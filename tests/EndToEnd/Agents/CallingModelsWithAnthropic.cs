using System.Text.Json;
using Anthropic;
using Anthropic.Exceptions;
using Anthropic.Models.Messages;

namespace Quoin.Tests.EndToEnd.Agents;

/// <summary>Anthropic's own .NET client, unchanged but for address and key, against demo models and across translation.</summary>
[Collection(GatewayTests.Name)]
public sealed class CallingModelsWithAnthropic(Gateway gateway)
{
    private static readonly Tool Weather = new()
    {
        Name = "weather",
        Description = "Tells it.",
        InputSchema = new InputSchema
        {
            Properties = new Dictionary<string, JsonElement>
            {
                ["city"] = JsonElement.Parse("""{"type":"string"}"""),
                ["days"] = JsonElement.Parse("""{"type":"integer"}"""),
            },
        },
    };

    private AnthropicClient Client =>
        new() { BaseUrl = gateway.Host.Address.ToString(), ApiKey = gateway.Organisation.Key, MaxRetries = 0 };

    public static TheoryData<string> Roads => ["", Gateway.OverAnthropic, Gateway.OverOpenAi];

    [Theory]
    [MemberData(nameof(Roads))]
    public async Task Chats(string road)
    {
        var answer = await Client.Messages.Create(Asking(road + "demo-echo", "Say these four words"));

        TextOf(answer).ShouldBe("Say these four words");
        answer.StopReason!.Value().ShouldBe(StopReason.EndTurn);
        answer.Usage.InputTokens.ShouldBe(4);
        answer.Usage.OutputTokens.ShouldBe(4);
    }

    [Theory]
    [MemberData(nameof(Roads))]
    public async Task Streams_in_the_order_the_protocol_has(string road)
    {
        var kinds = new List<string>();
        var text = "";
        long output = 0;
        long input = 0;

        await foreach (var one in Client.Messages.CreateStreaming(Asking(road + "demo-echo", "one two three")))
        {
            if (one.TryPickStart(out var start))
            {
                kinds.Add("start");
                input = start.Message.Usage.InputTokens;
            }
            else if (one.TryPickContentBlockStart(out _))
            {
                kinds.Add("block");
            }
            else if (one.TryPickContentBlockDelta(out var delta))
            {
                text += delta.Delta.TryPickText(out var more) ? more.Text : "";
            }
            else if (one.TryPickContentBlockStop(out _))
            {
                kinds.Add("block end");
            }
            else if (one.TryPickDelta(out var end))
            {
                kinds.Add("delta");
                output = end.Usage.OutputTokens;
            }
            else if (one.TryPickStop(out _))
            {
                kinds.Add("stop");
            }
        }

        kinds.ShouldBe(["start", "block", "block end", "delta", "stop"]);
        text.ShouldBe("one two three");
        output.ShouldBe(3);
        input.ShouldBeGreaterThan(0);
    }

    [Theory]
    [MemberData(nameof(Roads))]
    public async Task Has_tools_called_and_says_what_they_gave(string road)
    {
        var asking = Asking(road + "demo-tools", "How is it?") with { Tools = [Weather] };

        var asked = await Client.Messages.Create(asking);
        var call = asked.Content.Select(block => block.TryPickToolUse(out var use) ? use : null).OfType<ToolUseBlock>().Single();
        var told = await Client.Messages.Create(asking with
        {
            Messages =
            [
                .. asking.Messages,
                new AssistantMessageParam(
                    new List<ContentBlockParam> { new ToolUseBlockParam { ID = call.ID, Name = call.Name, Input = call.Input } }),
                new UserMessageParam(
                    new List<ContentBlockParam> { new ToolResultBlockParam { ToolUseID = call.ID, Content = "sunny" } }),
            ],
        });

        asked.StopReason!.Value().ShouldBe(StopReason.ToolUse);
        call.Name.ShouldBe("weather");
        call.Input["city"].GetString().ShouldBe("demo");
        TextOf(told).ShouldBe("The tool said: sunny");
    }

    [Theory]
    [MemberData(nameof(Roads))]
    public async Task Counts_tokens_for_every_model(string road)
    {
        var counted = await Client.Messages.CountTokens(new MessageCountTokensParams
        {
            Model = road + "demo-echo",
            Messages = [new UserMessageParam("one two three")],
        });

        counted.InputTokens.ShouldBeInRange(3, 4);
    }

    [Fact]
    public async Task Sees_what_caches_did()
    {
        var answer = await Client.Messages.Create(Asking("demo-cached", "one two three four"));

        answer.Usage.InputTokens.ShouldBe(2);
        answer.Usage.CacheReadInputTokens.ShouldBe(2);
    }

    [Theory]
    [InlineData("demo-error-400", 400)]
    [InlineData("demo-error-429", 429)]
    [InlineData("demo-error-500", 502)]
    [InlineData("no-such-model", 404)]
    [InlineData(Gateway.OverOpenAi + "demo-error-400", 400)]
    public async Task Understands_what_went_wrong(string model, int status)
    {
        var failure = await Should.ThrowAsync<AnthropicApiException>(Client.Messages.Create(Asking(model, "x")));

        ((int)failure.StatusCode).ShouldBe(status);
        failure.ResponseBody.ShouldContain("\"type\":\"error\"");
    }

    private static MessageCreateParams Asking(string model, string text) => new()
    {
        Model = model,
        MaxTokens = 100,
        Messages = [new UserMessageParam(text)],
    };

    private static string TextOf(Message message) =>
        string.Concat(message.Content.Select(block => block.TryPickText(out var text) ? text.Text : ""));
}
