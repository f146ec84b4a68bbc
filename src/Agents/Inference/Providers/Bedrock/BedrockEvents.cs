using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>
/// Bedrock's stream as a <c>text/event-stream</c>, so that everything behind reads it as it reads others: the chunks of an
/// invocation are the events of the model's vendor, those of a conversation are named by their type.
/// </summary>
internal sealed class BedrockEvents(Stream inner) : Stream
{
    private readonly AwsEventStream messages = new();
    private readonly ArrayBufferWriter<byte> output = new();
    private int sent;

    /// <inheritdoc />
    public override bool CanRead => true;

    /// <inheritdoc />
    public override bool CanSeek => false;

    /// <inheritdoc />
    public override bool CanWrite => false;

    /// <inheritdoc />
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc />
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>An answer whose body is read as such a stream.</summary>
    public static HttpContent Content(HttpContent content) => new EventContent(content);

    /// <inheritdoc />
    public override async ValueTask<int> ReadAsync(Memory<byte> destination, CancellationToken cancellationToken = default)
    {
        while (sent == output.WrittenCount)
        {
            output.ResetWrittenCount();
            sent = 0;
            if (TakeAll())
            {
                break;
            }

            var read = await inner.ReadAsync(messages.Free(), cancellationToken);
            if (read == 0)
            {
                return messages.HasRest ? throw new IOException("The event stream was cut off.") : 0;
            }

            messages.Filled(read);
        }

        var length = Math.Min(destination.Length, output.WrittenCount - sent);
        output.WrittenMemory.Slice(sent, length).CopyTo(destination);
        sent += length;
        return length;
    }

    /// <inheritdoc />
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc />
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc />
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void Flush()
    {
    }

    /// <inheritdoc />
    protected override void Dispose(bool disposing)
    {
        messages.Dispose();
        inner.Dispose();
        base.Dispose(disposing);
    }

    // Whether something is there to be sent. What came whole before a message that is broken was said, and is sent first.
    private bool TakeAll()
    {
        try
        {
            while (messages.TryRead(out var message))
            {
                Write(message);
            }
        }
        catch (InvalidDataException) when (output.WrittenCount > 0)
        {
            // It is read again, and refused, once that is sent.
        }

        return output.WrittenCount > 0;
    }

    private void Write(AwsMessage message)
    {
        if (message.Header(":message-type") is "exception" or "error")
        {
            var type = message.Header(":exception-type") == "throttlingException" ? "overloaded_error" : "api_error";
            Event("error", Encoding.UTF8.GetBytes(
                $$$"""{"type":"error","error":{"type":"{{{type}}}","message":"The provider broke off."}}"""));
            return;
        }

        var name = message.Header(":event-type") ?? "";
        if (name != "chunk")
        {
            Event(name, message.Payload.Span);
            return;
        }

        using var chunk = JsonDocument.Parse(message.Payload);
        var bytes = chunk.RootElement.TryGetProperty("bytes", out var base64) && base64.TryGetBytesFromBase64(out var decoded)
            ? decoded
            : throw new InvalidDataException("A chunk of the event stream has no bytes.");
        using var said = JsonDocument.Parse(bytes);
        Event(said.RootElement.Text("type") ?? "", bytes);
    }

    private void Event(string name, ReadOnlySpan<byte> data)
    {
        output.Write("event: "u8);
        Encoding.UTF8.GetBytes(name, output);
        output.Write("\ndata: "u8);
        output.Write(data);
        output.Write("\n\n"u8);
    }

    private sealed class EventContent : HttpContent
    {
        private readonly HttpContent content;

        public EventContent(HttpContent content)
        {
            this.content = content;
            Headers.ContentType = new MediaTypeHeaderValue("text/event-stream");
        }

        protected override async Task<Stream> CreateContentReadStreamAsync() =>
            new BedrockEvents(await content.ReadAsStreamAsync());

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            throw new NotSupportedException();

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }

        protected override void Dispose(bool disposing)
        {
            content.Dispose();
            base.Dispose(disposing);
        }
    }
}
