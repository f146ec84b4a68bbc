using System.Net.Sockets;
using System.Security.Cryptography;
using Npgsql;

namespace Quoin.Tests.Support;

/// <summary>
/// The way to a test's PostgreSQL, which can be cut in the moment a commit is answered: it is durable, and whoever asked for it
/// never hears of it.
/// </summary>
public sealed class CutWire : IDisposable
{
    private readonly string folder;
    private readonly UnixDomainSocketEndPoint server;
    private readonly Socket listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private int isCutting;

    /// <summary>Lays it.</summary>
    public CutWire(TestDatabase database)
    {
        var to = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        server = new UnixDomainSocketEndPoint(SocketOf(to.Host!, to.Port));
        folder = Directory.CreateDirectory(
            Path.Combine(ScratchSpace.Folder, "quoin-wire-" + RandomNumberGenerator.GetHexString(8, lowercase: true))).FullName;
        ConnectionString = new NpgsqlConnectionStringBuilder(to.ConnectionString) { Host = folder }.ConnectionString;
        listener.Bind(new UnixDomainSocketEndPoint(SocketOf(folder, to.Port)));
        listener.Listen();
        _ = Accept();
    }

    /// <summary>To connect by.</summary>
    public string ConnectionString { get; }

    /// <summary>Whether a cut is still to come.</summary>
    public bool IsCutting => Volatile.Read(ref isCutting) == 1;

    /// <summary>Cuts the connection whose commit is answered next.</summary>
    public void CutAtNextCommit() => Volatile.Write(ref isCutting, 1);

    /// <inheritdoc />
    public void Dispose()
    {
        listener.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static string SocketOf(string folder, int port) => Path.Combine(folder, FormattableString.Invariant($".s.PGSQL.{port}"));

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptAsync();
                var postgres = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await postgres.ConnectAsync(server);
                _ = Carry(client, postgres, mayCut: false);
                _ = Carry(postgres, client, mayCut: true);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It was taken away.
        }
    }

    private async Task Carry(Socket from, Socket to, bool mayCut)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var length)
            {
                var isCut = mayCut
                    && buffer.AsSpan(0, length).IndexOf("COMMIT\0"u8) >= 0
                    && Interlocked.Exchange(ref isCutting, 0) == 1;
                if (isCut)
                {
                    break;
                }

                for (var sent = 0; sent < length;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, length - sent));
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The other end is gone.
        }

        from.Dispose();
        to.Dispose();
    }
}
