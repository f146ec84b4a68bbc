using System.Net.Sockets;
using System.Text;

namespace Quoin.Tests.Database.Foundation.Accounts;

/// <summary>HTTP written by hand, for requests that a proper client does not send.</summary>
internal static class Raw
{
    /// <summary>Sends a request without a body, each header value on its own line; reads the whole answer.</summary>
    public static async Task<string> Send(Uri address, HttpRequestMessage request)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(address.Host, address.Port);
        await using var stream = socket.GetStream();
        var text = new StringBuilder($"{request.Method} {request.RequestUri} HTTP/1.1\r\n");
        text.Append($"Host: {address.Authority}\r\nConnection: close\r\n");
        foreach (var (name, values) in request.Headers.NonValidated)
        {
            foreach (var value in values)
            {
                text.Append($"{name}: {value}\r\n");
            }
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes(text.Append("\r\n").ToString()));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync();
    }
}
