using System.Net;
using System.Net.Sockets;
using System.Text;
using Quoin.Metering;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Metering;

/// <summary>Backpressure: memory for requests is bounded, and one organisation cannot take it all.</summary>
public sealed class SharingIngest(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Tells_who_is_over_its_share_to_come_back_and_lets_others_in()
    {
        await using var host = await TestHost.Start(database, "api");
        var (loud, quiet) = (await host.CreateOrganisation(), await host.CreateOrganisation());
        using var loudClient = host.Client(loud.Key);
        using var quietClient = host.Client(quiet.Key);
        var half = (int)(Limits.BodyBytesHeldMax / Limits.BodyBytesMax / 2);

        // Each announces the largest body there may be and keeps the host waiting for it.
        var slow = await Task.WhenAll(Enumerable.Range(0, half).Select(_ => Announce(host.Address, loud.Key)));
        var refused = await SendUntil(loudClient, HttpStatusCode.TooManyRequests);
        var welcome = await quietClient.SendEvent(UsageEvents.Completion("quiet"));

        refused.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(1));
        ((string)(await refused.Json())["code"]!).ShouldBe("ingest_overloaded");
        welcome.StatusCode.ShouldBe(HttpStatusCode.Accepted);

        foreach (var connection in slow)
        {
            connection.Dispose();
        }

        (await SendUntil(loudClient, HttpStatusCode.Accepted)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
    }

    // The host hears of an announcement, and of a connection that is gone, in its own time.
    private static async Task<HttpResponseMessage> SendUntil(HttpClient client, HttpStatusCode status)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            patience.Token.ThrowIfCancellationRequested();
            var answer = await client.SendEvent(UsageEvents.Completion($"loud-{status}"));
            if (answer.StatusCode == status)
            {
                return answer;
            }
        }
    }

    private static async Task<TcpClient> Announce(Uri address, string key)
    {
        var connection = new TcpClient();
        await connection.ConnectAsync(address.Host, address.Port);
        var head = $"POST /v1/events HTTP/1.1\r\nHost: quoin\r\nAuthorization: Bearer {key}\r\n"
            + $"Content-Type: {UsageEvents.Batch}\r\nContent-Length: {Limits.BodyBytesMax}\r\n\r\n[";
        await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head));
        return connection;
    }
}
