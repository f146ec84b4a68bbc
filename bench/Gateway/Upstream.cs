using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Quoin.Bench.Gateway;

/// <summary>
/// A provider that speaks OpenAI's chat completions and thinks about nothing: one answer of some 240 bytes, or a stream of pieces
/// without pause, or, of the model <see cref="HeldModel"/>, one that is held open with a piece a second until it is told to
/// end. Bare sockets in a process of its own, so that as little as possible of the machine goes here.
/// </summary>
internal static class Upstream
{
    /// <summary>What the bench is started with to be this.</summary>
    public const string Command = "gateway-upstream";

    /// <summary>The model that answers at once.</summary>
    public const string Model = "bench";

    /// <summary>The model whose streams stay open.</summary>
    public const string HeldModel = "bench-held";

    /// <summary>A line to its input that ends all held streams.</summary>
    public const string Release = "release";

    /// <summary>What it prints before its port.</summary>
    public const string Ready = "upstream listens on ";

    private const int Pieces = 20;
    private const int Backlog = 2_048;

    private const string Before =
        """{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"bench","choices":[""";

    private static readonly byte[] Plain = Whole(
        """{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"bench","choices":[{"index":0,"message":"""
        + """{"role":"assistant","content":"Hello there, friend."},"finish_reason":"stop"}],"usage":"""
        + """{"prompt_tokens":18,"completion_tokens":5,"total_tokens":23}}""");

    private static readonly byte[] StreamHead = Encoding.ASCII.GetBytes(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");

    private static readonly byte[] Piece = Chunk(Before + """{"index":0,"delta":{"content":"Hello"},"finish_reason":null}]}""");

    private static readonly byte[] End =
    [
        .. Chunk(Before + """{"index":0,"delta":{},"finish_reason":"stop"}]}"""),
        .. Chunk(Before + """],"usage":{"prompt_tokens":18,"completion_tokens":20,"total_tokens":38}}"""),
        .. Chunk("[DONE]"),
        .. "0\r\n\r\n"u8,
    ];

    private static TaskCompletionSource released = New();

    /// <summary>Serves until its input ends.</summary>
    public static async Task<int> Run()
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(Backlog);
        _ = Accept(listener);
        Console.WriteLine(Ready + ((IPEndPoint)listener.LocalEndPoint!).Port.ToString(CultureInfo.InvariantCulture));
        while (await Console.In.ReadLineAsync() is { } line)
        {
            if (line == Release)
            {
                Interlocked.Exchange(ref released, New()).SetResult();
            }
        }

        return 0;
    }

    private static async Task Accept(Socket listener)
    {
        while (true)
        {
            _ = Serve(await listener.AcceptAsync());
        }
    }

    private static async Task Serve(Socket socket)
    {
        using var own = socket;
        socket.NoDelay = true;
        var (buffer, filled) = (new byte[16 * 1024], 0);
        try
        {
            while (true)
            {
                int length;
                while ((length = HttpMessage.Length(buffer.AsSpan(0, filled))) == 0)
                {
                    if (await socket.ReceiveAsync(buffer.AsMemory(filled)) is > 0 and var read)
                    {
                        filled += read;
                        continue;
                    }

                    return;
                }

                await Answer(socket, buffer.AsMemory(0, length));
                buffer.AsSpan(length, filled - length).CopyTo(buffer);
                filled -= length;
            }
        }
        catch (SocketException)
        {
            // Whoever asked has gone.
        }
    }

    private static async ValueTask Answer(Socket socket, ReadOnlyMemory<byte> request)
    {
        if (request.Span.IndexOf("\"stream\":true"u8) < 0)
        {
            await Send(socket, Plain);
            return;
        }

        await Send(socket, StreamHead);
        if (request.Span.IndexOf("\"bench-held\""u8) >= 0)
        {
            var end = Volatile.Read(ref released).Task;
            do
            {
                await Send(socket, Piece);
            }
            while (await Task.WhenAny(end, Task.Delay(TimeSpan.FromSeconds(1))) != end);
        }
        else
        {
            for (var piece = 0; piece < Pieces; piece++)
            {
                await Send(socket, Piece);
            }
        }

        await Send(socket, End);
    }

    private static async ValueTask Send(Socket socket, ReadOnlyMemory<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes)..];
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static byte[] Whole(string json) => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {json.Length}\r\n\r\n{json}"));

    private static byte[] Chunk(string data) => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"{data.Length + 8:x}\r\ndata: {data}\n\n\r\n"));
}
