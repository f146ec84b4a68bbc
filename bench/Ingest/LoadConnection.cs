using System.Buffers.Text;
using System.Net.Sockets;

namespace Quoin.Bench.Ingest;

/// <summary>One HTTP/1.1 connection, kept open, one request at a time: a bare socket, since two cores are shared.</summary>
internal sealed class LoadConnection : IDisposable
{
    private readonly Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] buffer = new byte[256 * 1024];

    public static async Task<LoadConnection> Open(Uri address, CancellationToken cancellationToken)
    {
        var connection = new LoadConnection();
        await connection.socket.ConnectAsync(address.Host, address.Port, cancellationToken);
        return connection;
    }

    /// <summary>Sends a request and reads its whole answer; returns the status.</summary>
    public async ValueTask<int> Send(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        while (!request.IsEmpty)
        {
            request = request[await socket.SendAsync(request, cancellationToken)..];
        }

        var filled = 0;
        while (true)
        {
            if (filled == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }

            var read = await socket.ReceiveAsync(buffer.AsMemory(filled), cancellationToken);
            if (read == 0)
            {
                throw new IOException("The host closed the connection.");
            }

            filled += read;
            if (IsWhole(buffer.AsSpan(0, filled)))
            {
                return StatusOf(buffer);
            }
        }
    }

    public void Dispose() => socket.Dispose();

    private static bool IsWhole(ReadOnlySpan<byte> answer)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return false;
        }

        var head = answer[..end];
        var lengthAt = head.IndexOf("Content-Length: "u8);
        if (lengthAt < 0)
        {
            return answer.EndsWith("0\r\n\r\n"u8);
        }

        return Utf8Parser.TryParse(head[(lengthAt + "Content-Length: ".Length)..], out int length, out _)
            && answer.Length >= end + 4 + length;
    }

    private static int StatusOf(ReadOnlySpan<byte> answer) =>
        Utf8Parser.TryParse(answer["HTTP/1.1 ".Length..], out int status, out _) ? status : 0;
}
