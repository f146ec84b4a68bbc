using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Quoin.Tests.Support;

/// <summary>
/// Whence tests come: one address of this machine for each clock. Limits count visitors by address, and a clock that one
/// test has moved would have the next one wait; replicas of one clock see one visitor.
/// </summary>
public static class Visitors
{
    private static readonly ConditionalWeakTable<TimeProvider, IPAddress> Addresses = [];
    private static int last;

    /// <summary>The visitor of a clock.</summary>
    public static IPAddress Of(TimeProvider clock) =>
        clock == TimeProvider.System ? IPAddress.Loopback : Addresses.GetValue(clock, _ => Next());

    /// <summary>Sends requests from an address.</summary>
    public static SocketsHttpHandler From(IPAddress address) => new()
    {
        ConnectCallback = async (connecting, cancellationToken) =>
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                socket.Bind(new IPEndPoint(address, 0));
                await socket.ConnectAsync(connecting.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        },
    };

    // All of 127.0.0.0/8 is this machine (RFC 5735).
    private static IPAddress Next()
    {
        var number = Interlocked.Increment(ref last);
        return new IPAddress([127, (byte)(1 + (number >> 16)), (byte)(number >> 8 & 0xFF), (byte)(number & 0xFF)]);
    }
}
