using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Quoin.Notifications;

namespace Quoin.Tests.Database.Foundation.Notifications;

/// <summary>A mail as the server took it.</summary>
internal sealed record TakenMail(string From, string To, string Text);

/// <summary>A mail server that speaks as much SMTP (RFC 5321) as a client needs, on a real socket.</summary>
internal sealed class MailServer : IAsyncDisposable
{
    private readonly TcpListener listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource ended = new();
    private readonly Task serving;

    public MailServer()
    {
        listener.Start();
        serving = Serve();
    }

    /// <summary>The mails it took, in order.</summary>
    public ConcurrentQueue<TakenMail> Mails { get; } = new();

    /// <summary>What it says to a recipient: 250 to take the mail.</summary>
    public string RecipientReply { get; set; } = "250 OK";

    /// <summary>Runs when a mail has been taken and before that is said; a connection it breaks leaves the client unsure.</summary>
    public Func<TcpClient, Task> BeforeReply { get; set; } = _ => Task.CompletedTask;

    /// <summary>How Quoin is told of it.</summary>
    public NotificationOptions Options => new()
    {
        Smtp = new SmtpServer("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, "billing@quoin.example", false, null),
    };

    public async ValueTask DisposeAsync()
    {
        await ended.CancelAsync();
        listener.Stop();
        await serving;
        ended.Dispose();
    }

    private async Task Serve()
    {
        try
        {
            while (!ended.IsCancellationRequested)
            {
                using var client = await listener.AcceptTcpClientAsync(ended.Token);
                await Talk(client);
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or SocketException or IOException)
        {
            // The client or the test has gone.
        }
    }

    private async Task Talk(TcpClient client)
    {
        using var reader = new StreamReader(client.GetStream(), Encoding.UTF8);
        await using var writer = new StreamWriter(client.GetStream(), new UTF8Encoding(false)) { AutoFlush = true, NewLine = "\r\n" };
        await writer.WriteLineAsync("220 mail.example ESMTP");
        var (from, to) = ("", "");
        while (await reader.ReadLineAsync(ended.Token) is { } line)
        {
            switch (line.Split(' ', ':')[0].ToUpperInvariant())
            {
                case "EHLO":
                    await writer.WriteLineAsync("250-mail.example");
                    await writer.WriteLineAsync("250 8BITMIME");
                    break;
                case "MAIL":
                    from = line;
                    await writer.WriteLineAsync("250 OK");
                    break;
                case "RCPT":
                    to = line;
                    await writer.WriteLineAsync(RecipientReply);
                    break;
                case "DATA":
                    await writer.WriteLineAsync("354 Go on");
                    Mails.Enqueue(new TakenMail(from, to, await Text(reader)));
                    await BeforeReply(client);
                    if (!client.Connected)
                    {
                        return;
                    }

                    await writer.WriteLineAsync("250 OK");
                    break;
                case "QUIT":
                    await writer.WriteLineAsync("221 Bye");
                    return;
                default:
                    await writer.WriteLineAsync("250 OK");
                    break;
            }
        }
    }

    private async Task<string> Text(StreamReader reader)
    {
        var text = new StringBuilder();
        while (await reader.ReadLineAsync(ended.Token) is { } line && line != ".")
        {
            text.AppendLine(line);
        }

        return text.ToString();
    }
}
