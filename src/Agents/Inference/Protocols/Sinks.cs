using System.Buffers;
using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>Makes the sink that writes a client's protocol.</summary>
internal static class Sinks
{
    public static IAnswerSink Plain(
        Protocol client, ReadOnlyMemory<byte> request, DateTimeOffset createdAt, IBufferWriter<byte> output) => client switch
        {
            Protocol.AnthropicMessages => new MessagesSink(output),
            Protocol.OpenAiResponses => new ResponsesSink(output, new ResponsesFormat(Kept(request), createdAt)),
            _ => new ChatSink(output, createdAt),
        };

    public static IAnswerSink Streamed(
        Protocol client, ReadOnlyMemory<byte> request, DateTimeOffset createdAt, IBufferWriter<byte> output) => client switch
        {
            Protocol.AnthropicMessages => new MessagesStreamSink(output),
            Protocol.OpenAiResponses => new ResponsesStreamSink(output, new ResponsesFormat(Kept(request), createdAt)),
            _ => new ChatStreamSink(output, createdAt, WantsUsage(Kept(request))),
        };

    private static bool WantsUsage(JsonElement request) => request.Object("stream_options")?.Flag("include_usage") ?? false;

    // A copy: the request's memory goes back to its pool before the last event is written.
    private static JsonElement Kept(ReadOnlyMemory<byte> request)
    {
        using var document = JsonDocument.Parse(request);
        return document.RootElement.Clone();
    }
}
