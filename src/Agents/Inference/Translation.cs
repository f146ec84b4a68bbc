using System.Buffers;
using System.Text.Json;
using Quoin.Inference.Internal;

namespace Quoin.Inference;

/// <summary>What a translated request is written for.</summary>
/// <param name="Model">The provider's name of the model.</param>
/// <param name="OutputTokensMax">The most the model gives: what larger bounds become, and the bound where one must be named.</param>
/// <param name="IsOpenAi">Whether it goes to OpenAI itself, whose newer models know only newer names.</param>
/// <param name="Bound">No more output than this, whatever the client names; null leaves it to the client.</param>
public sealed record TranslationTarget(string Model, long OutputTokensMax, bool IsOpenAi = false, long? Bound = null);

/// <summary>What an answer says of itself where its provider says nothing.</summary>
/// <param name="Id">An id that no other answer has: clients take messages of the same id for one.</param>
/// <param name="Model">The model that was asked for.</param>
/// <param name="CreatedAt">When the call came; it is told of every answer.</param>
public sealed record AnswerHead(string Id, string Model, DateTimeOffset CreatedAt)
{
    internal string IdOr(string? told) => string.IsNullOrEmpty(told) ? Id : told;

    internal string ModelOr(string? told) => string.IsNullOrEmpty(told) ? Model : told;
}

/// <summary>
/// Says in one vendor's protocol what was said in another's: requests, plain answers and streams, through one form that is
/// nobody's. Pure: bytes in, bytes out.
/// </summary>
public static class Translation
{
    /// <summary>Whether a client of one protocol can use a provider of another.</summary>
    public static bool Exists(Protocol client, Protocol provider) =>
        client != provider
        && client is Protocol.OpenAiChat or Protocol.OpenAiResponses or Protocol.AnthropicMessages
        && provider is Protocol.OpenAiChat or Protocol.AnthropicMessages or Protocol.GeminiGenerateContent
            or Protocol.BedrockConverse;

    /// <summary>Translates a request.</summary>
    /// <param name="client">The protocol it is in.</param>
    /// <param name="provider">The protocol to say it in.</param>
    /// <param name="body">The request.</param>
    /// <param name="target">What it is written for.</param>
    /// <param name="output">Takes the translated body.</param>
    /// <exception cref="RefusedRequestException">It is not a request of its protocol, or the other cannot say it.</exception>
    public static void Request(
        Protocol client, Protocol provider, ReadOnlyMemory<byte> body, TranslationTarget target, IBufferWriter<byte> output)
    {
        using var document = JsonMembers.Parse(body);
        var request = Read(client, document.RootElement);

        // Clients bound their output for the model they were made for; providers refuse more than the model can give.
        if ((request.OutputTokensMax ?? target.Bound) is { } wanted)
        {
            var most = Math.Min(target.OutputTokensMax, target.Bound ?? target.OutputTokensMax);
            request = request with { OutputTokensMax = Math.Min(wanted, most) };
        }

        using var writer = new Utf8JsonWriter(output, SseWriter.JsonOptions);
        switch (provider)
        {
            case Protocol.AnthropicMessages:
                MessagesRequestWriter.Write(writer, request, target.Model, target.OutputTokensMax);
                break;
            case Protocol.GeminiGenerateContent:
                GeminiRequestWriter.Write(writer, request, target.Model);
                break;
            case Protocol.BedrockConverse:
                ConverseRequestWriter.Write(writer, request);
                break;
            default:
                ChatRequestWriter.Write(writer, request, target.Model, target.IsOpenAi);
                break;
        }
    }

    /// <summary>Translates a plain answer.</summary>
    /// <param name="provider">The protocol it is in.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="client">The protocol to say it in.</param>
    /// <param name="request">The client's request, parts of which some answers repeat.</param>
    /// <param name="head">What it says of itself.</param>
    /// <param name="output">Takes the translated answer.</param>
    /// <exception cref="JsonException">The answer is not JSON.</exception>
    /// <exception cref="RefusedRequestException">The answer is not one of its protocol.</exception>
    public static void Answer(
        Protocol provider,
        ReadOnlyMemory<byte> answer,
        Protocol client,
        ReadOnlyMemory<byte> request,
        AnswerHead head,
        IBufferWriter<byte> output)
    {
        using var document = JsonDocument.Parse(answer);
        var sink = Sinks.Plain(client, request, head.CreatedAt, output);
        Reader(provider, sink, head, default).ReadPlain(document.RootElement);
    }

    /// <summary>Begins to translate a stream.</summary>
    /// <param name="provider">The protocol it is in.</param>
    /// <param name="client">The protocol to say it in.</param>
    /// <param name="request">The client's request.</param>
    /// <param name="head">What the answer says of itself.</param>
    /// <param name="estimate">What is probably used so far, for clients that want to know at the start.</param>
    /// <param name="output">Takes the translated events.</param>
    public static StreamTranslation Stream(
        Protocol provider,
        Protocol client,
        ReadOnlyMemory<byte> request,
        AnswerHead head,
        ModelUsage estimate,
        IBufferWriter<byte> output)
    {
        var sink = Sinks.Streamed(client, request, head.CreatedAt, output);
        return new StreamTranslation(Reader(provider, sink, head, estimate), sink);
    }

    internal static ModelRequest Read(Protocol protocol, JsonElement body) => protocol switch
    {
        Protocol.OpenAiChat => ChatRequest.Read(body),
        Protocol.OpenAiResponses => ResponsesRequest.Read(body),
        Protocol.AnthropicMessages => MessagesRequest.Read(body),
        _ => throw new ArgumentOutOfRangeException(nameof(protocol), protocol, "It has no conversation."),
    };

    private static IAnswerReader Reader(Protocol provider, IAnswerSink sink, AnswerHead head, ModelUsage estimate) => provider switch
    {
        Protocol.AnthropicMessages => new MessagesAnswer(sink, head),
        Protocol.GeminiGenerateContent => new GeminiAnswer(sink, head, estimate),
        Protocol.BedrockConverse => new ConverseAnswer(sink, head, estimate),
        _ => new ChatAnswer(sink, head, estimate),
    };
}

/// <summary>A stream that is translated as it comes.</summary>
public sealed class StreamTranslation : IDisposable
{
    private readonly IAnswerReader reader;
    private readonly IAnswerSink sink;

    internal StreamTranslation(IAnswerReader reader, IAnswerSink sink) => (this.reader, this.sink) = (reader, sink);

    /// <summary>Whether the provider has said that this is all, or that it failed.</summary>
    public bool IsComplete => reader.IsComplete;

    /// <summary>Translates an event; what the client is to get is in the output.</summary>
    /// <exception cref="JsonException">Its data is not JSON.</exception>
    /// <exception cref="RefusedRequestException">It is not an event of its protocol.</exception>
    public void Read(in SseEvent one) => reader.ReadEvent(one);

    /// <summary>The provider closed the stream; whether the answer is whole.</summary>
    public bool EndOfStream() => reader.EndOfStream();

    /// <summary>Says in the client's protocol that the answer broke off.</summary>
    public void Fail(string type, string message) => sink.Fail(type, message);

    /// <inheritdoc />
    public void Dispose() => (sink as IDisposable)?.Dispose();
}
