using System.ClientModel;
using System.ClientModel.Primitives;
using System.Text.Json;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Embeddings;
using OpenAI.Responses;

#pragma warning disable OPENAI001 // OpenAI calls its responses "for evaluation"; programs use them nonetheless.

namespace Quoin.Tests.EndToEnd.Agents;

/// <summary>OpenAI's own .NET client, unchanged but for address and key, against demo models and across translation.</summary>
[Collection(GatewayTests.Name)]
public sealed class CallingModelsWithOpenAi(Gateway gateway)
{
    private static readonly BinaryData WeatherParameters = BinaryData.FromString(
        """{"type":"object","properties":{"city":{"type":"string"},"days":{"type":"integer"}},"required":["city"]}""");

    private OpenAIClient Client => new(
        new ApiKeyCredential(gateway.Organisation.Key),
        new OpenAIClientOptions { Endpoint = gateway.OpenAiAddress, RetryPolicy = new ClientRetryPolicy(0) });

    public static TheoryData<string> Roads => ["", Gateway.OverAnthropic, Gateway.OverOpenAi];

    [Theory]
    [MemberData(nameof(Roads))]
    public async Task Chats(string road)
    {
        var chat = Client.GetChatClient(road + "demo-echo");

        ChatCompletion answer = await chat.CompleteChatAsync(
            [new SystemChatMessage("Be brief."), new UserChatMessage("Say these four words")]);

        answer.Content.Single().Text.ShouldBe("Say these four words");
        answer.FinishReason.ShouldBe(ChatFinishReason.Stop);
        answer.Usage.InputTokenCount.ShouldBe(6);
        answer.Usage.OutputTokenCount.ShouldBe(4);
    }

    [Theory]
    [MemberData(nameof(Roads))]
    public async Task Streams(string road)
    {
        var chat = Client.GetChatClient(road + "demo-echo");
        var text = "";
        ChatTokenUsage? usage = null;
        ChatFinishReason? reason = null;

        await foreach (var update in chat.CompleteChatStreamingAsync([new UserChatMessage("one two three")]))
        {
            text += string.Concat(update.ContentUpdate.Select(part => part.Text));
            usage = update.Usage ?? usage;
            reason = update.FinishReason ?? reason;
        }

        text.ShouldBe("one two three");
        reason.ShouldBe(ChatFinishReason.Stop);
        usage.ShouldNotBeNull().TotalTokenCount.ShouldBe(6);
    }

    [Theory]
    [MemberData(nameof(Roads))]
    public async Task Has_tools_called_and_says_what_they_gave(string road)
    {
        var chat = Client.GetChatClient(road + "demo-tools");
        var options = new ChatCompletionOptions { Tools = { ChatTool.CreateFunctionTool("weather", "Tells it.", WeatherParameters) } };
        List<ChatMessage> messages = [new UserChatMessage("How is it?")];

        ChatCompletion asked = await chat.CompleteChatAsync(messages, options);
        messages.Add(new AssistantChatMessage(asked));
        messages.Add(new ToolChatMessage(asked.ToolCalls.Single().Id, "sunny"));
        ChatCompletion told = await chat.CompleteChatAsync(messages, options);

        asked.FinishReason.ShouldBe(ChatFinishReason.ToolCalls);
        asked.ToolCalls.Single().FunctionName.ShouldBe("weather");
        Json(asked.ToolCalls.Single().FunctionArguments.ToString()).GetProperty("days").GetInt32().ShouldBe(1);
        told.Content.Single().Text.ShouldBe("The tool said: sunny");
    }

    [Theory]
    [MemberData(nameof(Roads))]
    public async Task Streams_calls_of_tools(string road)
    {
        var chat = Client.GetChatClient(road + "demo-tools");
        var options = new ChatCompletionOptions { Tools = { ChatTool.CreateFunctionTool("weather", "Tells it.", WeatherParameters) } };
        var (name, arguments) = ("", "");

        await foreach (var update in chat.CompleteChatStreamingAsync([new UserChatMessage("How is it?")], options))
        {
            foreach (var call in update.ToolCallUpdates)
            {
                name += call.FunctionName;
                arguments += call.FunctionArgumentsUpdate?.ToString();
            }
        }

        name.ShouldBe("weather");
        Json(arguments).GetProperty("city").GetString().ShouldBe("demo");
    }

    [Theory]
    [MemberData(nameof(Roads))]
    public async Task Asks_for_an_answer_of_a_shape(string road)
    {
        var chat = Client.GetChatClient(road + "demo-echo");
        var options = new ChatCompletionOptions
        {
            ResponseFormat = ChatResponseFormat.CreateJsonSchemaFormat("weather", WeatherParameters, jsonSchemaIsStrict: true),
        };

        ChatCompletion answer = await chat.CompleteChatAsync([new UserChatMessage("How is it?")], options);

        Json(answer.Content.Single().Text).GetProperty("days").GetInt32().ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Roads))]
    public async Task Gets_responses_plain_and_streamed(string road)
    {
        var responses = Client.GetResponsesClient();
        var options = new CreateResponseOptions(road + "demo-echo", [ResponseItem.CreateUserMessageItem("one two three")]);
        var streamed = "";
        ResponseResult? completed = null;

        ResponseResult plain = await responses.CreateResponseAsync(options);
        options.StreamingEnabled = true;
        await foreach (var update in await responses.CreateResponseStreamingAsync(options))
        {
            streamed += (update as StreamingResponseOutputTextDeltaUpdate)?.Delta;
            completed = (update as StreamingResponseCompletedUpdate)?.Response ?? completed;
        }

        plain.GetOutputText().ShouldBe("one two three");
        plain.Usage.TotalTokenCount.ShouldBe(6);
        streamed.ShouldBe("one two three");
        completed.ShouldNotBeNull().GetOutputText().ShouldBe("one two three");
        completed.Usage.OutputTokenCount.ShouldBe(3);
    }

    [Theory]
    [MemberData(nameof(Roads))]
    public async Task Has_tools_called_in_responses(string road)
    {
        var responses = Client.GetResponsesClient();
        var options = new CreateResponseOptions(road + "demo-tools", [ResponseItem.CreateUserMessageItem("How is it?")])
        {
            Tools = { ResponseTool.CreateFunctionTool("weather", WeatherParameters, strictModeEnabled: false) },
        };

        ResponseResult asked = await responses.CreateResponseAsync(options);
        var call = asked.OutputItems.OfType<FunctionCallResponseItem>().Single();
        options.InputItems.Add(call);
        options.InputItems.Add(ResponseItem.CreateFunctionCallOutputItem(call.CallId, "sunny"));
        ResponseResult told = await responses.CreateResponseAsync(options);

        call.FunctionName.ShouldBe("weather");
        told.GetOutputText().ShouldBe("The tool said: sunny");
    }

    [Fact]
    public async Task Turns_text_into_numbers()
    {
        var client = Client.GetEmbeddingClient("demo-embed");

        OpenAIEmbeddingCollection answer = await client.GenerateEmbeddingsAsync(["one two", "three"]);

        answer.Count.ShouldBe(2);
        answer[0].ToFloats().Length.ShouldBe(8);
        answer.Usage.InputTokenCount.ShouldBe(3);
    }

    [Fact]
    public async Task Lists_models()
    {
        var models = await Client.GetOpenAIModelClient().GetModelsAsync();

        models.Value.Select(model => model.Id).ShouldContain("demo-echo");
        models.Value.Select(model => model.Id).ShouldContain(Gateway.OverAnthropic + "demo-echo");
    }

    [Theory]
    [InlineData("demo-error-400", 400)]
    [InlineData("demo-error-429", 429)]
    [InlineData("demo-error-500", 502)]
    [InlineData("demo-error-401", 502)]
    [InlineData("no-such-model", 404)]
    [InlineData(Gateway.OverAnthropic + "demo-error-400", 400)]
    public async Task Understands_what_went_wrong(string model, int status)
    {
        var chat = Client.GetChatClient(model);

        var failure = await Should.ThrowAsync<ClientResultException>(chat.CompleteChatAsync([new UserChatMessage("x")]));

        failure.Status.ShouldBe(status);
        Json(failure.GetRawResponse()!.Content.ToString()).GetProperty("error").GetProperty("message").GetString().ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task Is_told_when_the_key_is_no_good()
    {
        var client = new OpenAIClient(
            new ApiKeyCredential("sk-nonsense"),
            new OpenAIClientOptions { Endpoint = gateway.OpenAiAddress, RetryPolicy = new ClientRetryPolicy(0) });

        var failure = await Should.ThrowAsync<ClientResultException>(
            client.GetChatClient("demo-echo").CompleteChatAsync([new UserChatMessage("x")]));

        failure.Status.ShouldBe(401);
        failure.Message.ShouldContain("authentication_error");
    }

    private static JsonElement Json(string text) => JsonElement.Parse(text);
}
