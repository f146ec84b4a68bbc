using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace Quoin.Notifications.Internal;

/// <summary>How one attempt ended.</summary>
/// <param name="Status">The answer's HTTP status; null where there was none.</param>
/// <param name="Error">Why it failed; null where it did not.</param>
/// <param name="Answer">The first characters of the answer.</param>
/// <param name="RetryAfter">What the receiver asks for.</param>
internal sealed record AttemptResult(int? Status, string? Error, string? Answer, TimeSpan? RetryAfter)
{
    public bool IsDelivered => Error is null;

    public bool IsGone => Status == (int)HttpStatusCode.Gone;

    public static AttemptResult Failed(string error) => new(null, error, null, null);
}

/// <summary>
/// Sends one attempt. The receiver's address is chosen by a customer, so: names are looked up here, only an address
/// that was checked is connected to, redirects are not followed, and little of the answer is read.
/// </summary>
internal sealed class WebhookSender : IDisposable
{
    private readonly bool allowsPrivate;
    private readonly TimeProvider time;
    private readonly HttpMessageInvoker http;

    public WebhookSender(NotificationOptions options, TimeProvider time)
    {
        (allowsPrivate, this.time) = (options.AllowsPrivateNetworks, time);
        http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            ConnectCallback = Connect,
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = Limits.AttemptTimeout,
            PooledConnectionIdleTimeout = Limits.AttemptTimeout,
            PooledConnectionLifetime = Limits.AttemptTimeout * 4,
            MaxResponseHeadersLength = Limits.AnswerHeadersKilobytesMax,
            MaxResponseDrainSize = 0,
        });
    }

    public async Task<AttemptResult> Send(
        string url, IEnumerable<byte[]> secrets, MessageId message, string body, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Limits.AttemptTimeout, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var request = Request(url, secrets, message, body);
            using var response = await http.SendAsync(request, ended.Token);
            return await ResultOf(response, ended.Token);
        }
        catch (HttpRequestException failure)
        {
            return AttemptResult.Failed(Text(failure));
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return AttemptResult.Failed($"No answer within {Limits.AttemptTimeout.TotalSeconds:0} seconds.");
        }
    }

    public void Dispose() => http.Dispose();

    private HttpRequestMessage Request(string url, IEnumerable<byte[]> secrets, MessageId message, string body)
    {
        var id = message.ToString();
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds();
        var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.UserAgent.Add(new ProductInfoHeaderValue("Quoin-Webhooks", "1"));
        request.Headers.Add(StandardWebhooks.IdHeader, id);
        request.Headers.Add(
            StandardWebhooks.TimestampHeader, timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add(
            StandardWebhooks.SignatureHeader,
            string.Join(' ', secrets.Select(secret => StandardWebhooks.Sign(secret, id, timestamp, body))));
        return request;
    }

    private async Task<AttemptResult> ResultOf(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var status = (int)response.StatusCode;
        var answer = await FirstBytes(response.Content, cancellationToken);
        var error = status switch
        {
            >= 200 and < 300 => null,
            >= 300 and < 400 => $"Answered {status}; redirects are not followed.",
            _ => $"Answered {status}.",
        };
        return new AttemptResult(status, error, answer, WaitOf(response.Headers.RetryAfter));
    }

    private TimeSpan? WaitOf(RetryConditionHeaderValue? asked) =>
        asked?.Delta ?? (asked?.Date is { } until ? until - time.GetUtcNow() : null);

    // The status has come and decides; a body that trickles or breaks off is not worth a failure.
    private async Task<string?> FirstBytes(HttpContent content, CancellationToken cancellationToken)
    {
        var buffer = new byte[Limits.AnswerBytesKept];
        var count = 0;
        using var timeout = new CancellationTokenSource(Limits.AnswerTimeout, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await using var stream = await content.ReadAsStreamAsync(ended.Token);
            count = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, ended.Token);
        }
        catch (Exception failure) when (failure is IOException or HttpRequestException
            || (failure is OperationCanceledException && timeout.IsCancellationRequested))
        {
            return null;
        }

        // PostgreSQL's text has no NUL; what is no UTF-8 is shown as such.
        return count == 0 ? null : Encoding.UTF8.GetString(buffer, 0, count).Replace('\0', '\uFFFD');
    }

    private async ValueTask<Stream> Connect(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var addresses = await Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken);
        var open = allowsPrivate ? addresses : [.. addresses.Where(PublicNetwork.Contains)];
        if (open.Length == 0)
        {
            throw new ClosedNetworkException();
        }

        // The very address that was checked: a second look-up could tell another one.
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(open, context.DnsEndPoint.Port, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static string Text(HttpRequestException failure) => failure switch
    {
        { InnerException: ClosedNetworkException closed } => closed.Message,
        { HttpRequestError: HttpRequestError.NameResolutionError } => "The host's name is not known.",
        { HttpRequestError: HttpRequestError.ConnectionError } => "The connection was refused or lost.",
        { HttpRequestError: HttpRequestError.SecureConnectionError } => "TLS failed: check the certificate.",
        { HttpRequestError: HttpRequestError.ResponseEnded } => "The connection was closed before an answer.",
        _ => "The answer is no HTTP that can be read.",
    };

    /// <summary>The host has no address that may be connected to.</summary>
    private sealed class ClosedNetworkException() : IOException(
        "The host is in a private network; only public addresses are told.");
}
