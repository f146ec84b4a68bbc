using System.Net;

namespace Quoin.Inference.Internal;

/// <summary>
/// One pool of connections for all providers: it keeps them apart by address anyway. Answers are read as they are, so nothing
/// is decompressed, and a redirect would send credentials where nobody configured them to go. What is left unread ends its
/// connection at once: reading on for two seconds, as is usual, would have a model go on for nobody.
/// </summary>
internal sealed class ProviderConnections : IDisposable
{
    private readonly HttpMessageInvoker invoker = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = Limits.ConnectTimeout,
        PooledConnectionLifetime = Limits.ConnectionLifetime,
        ResponseDrainTimeout = TimeSpan.Zero,
        ActivityHeadersPropagator = null,
    });

    /// <summary>Sends a request; answers once the headers have come.</summary>
    public Task<HttpResponseMessage> Send(HttpRequestMessage message, CancellationToken cancellationToken) =>
        invoker.SendAsync(message, cancellationToken);

    /// <inheritdoc />
    public void Dispose() => invoker.Dispose();
}
