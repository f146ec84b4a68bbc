using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Quoin.Accounts;

/// <summary>Whence a request comes, as rates count it.</summary>
internal static class Visitor
{
    /// <summary>An IPv4 address, or the network an IPv6 address is in.</summary>
    public static string Of(HttpContext context)
    {
        var ip = context.Connection.RemoteIpAddress ?? IPAddress.None;
        ip = ip.IsIPv4MappedToIPv6 ? ip.MapToIPv4() : ip;

        // One customer of an access provider has at least a whole /64 (RFC 6177).
        return ip.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexString(ip.GetAddressBytes().AsSpan(0, 8))
            : ip.ToString();
    }
}
