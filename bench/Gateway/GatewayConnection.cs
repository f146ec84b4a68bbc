using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Quoin.Bench.Gateway;

/// <summary>One kept connection, one call at a time, timed: a bare socket, since two cores are shared.</summary>
internal sealed class GatewayConnection : IDisposable
{
    private readonly Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private byte[] buffer = new byte[4 * 1024];
    private int filled;

    public static async Task<GatewayConnection> Open(Uri address, CancellationToken cancellationToken)
    {
        var connection = new GatewayConnection();
        await connection.socket.ConnectAsync(address.Host, address.Port, cancellationToken);
        return connection;
    }

    /// <summary>Makes a call; milliseconds until all of the answer was here.</summary>
    public async ValueTask<double> Call(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        await Send(request, cancellationToken);
        await Finish(cancellationToken);
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    /// <summary>Makes a call that is streamed; milliseconds until its first event was here, the rest of it still to come.</summary>
    public async ValueTask<double> FirstEvent(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        await Send(request, cancellationToken);
        while (buffer.AsSpan(0, filled).IndexOf("data: {"u8) < 0)
        {
            RequireSuccess();
            await Receive(cancellationToken);
        }

        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    /// <summary>Reads the rest of an answer and insists that it is a good one.</summary>
    public async ValueTask Finish(CancellationToken cancellationToken)
    {
        while (HttpMessage.Length(buffer.AsSpan(0, filled)) == 0)
        {
            await Receive(cancellationToken);
        }

        RequireSuccess();
    }

    public void Dispose() => socket.Dispose();

    private async ValueTask Send(ReadOnlyMemory<byte> request, CancellationToken cancellationToken)
    {
        filled = 0;
        while (!request.IsEmpty)
        {
            request = request[await socket.SendAsync(request, cancellationToken)..];
        }
    }

    private async ValueTask Receive(CancellationToken cancellationToken)
    {
        if (filled == buffer.Length)
        {
            Array.Resize(ref buffer, buffer.Length * 2);
        }

        var read = await socket.ReceiveAsync(buffer.AsMemory(filled), cancellationToken);
        filled += read > 0 ? read : throw new IOException($"The connection was closed after: {Text()}");
    }

    private void RequireSuccess()
    {
        if (HttpMessage.Head(buffer.AsSpan(0, filled)) > 0 && HttpMessage.Status(buffer) != 200)
        {
            throw new InvalidOperationException($"A call was answered: {Text()}");
        }
    }

    private string Text() => Encoding.UTF8.GetString(buffer, 0, filled);
}
