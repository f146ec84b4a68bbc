using System.Net.Http.Headers;
using System.Text.Json;

namespace Quoin.Accounts;

/// <summary>
/// Asks other services, whose addresses the operator configured or their discovery named: within limits, without
/// following redirects, and over https except on this machine.
/// </summary>
internal sealed class ExternalHttp : IDisposable
{
    private readonly HttpClient client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    })
    {
        Timeout = Limits.IssuerTimeout,
        MaxResponseContentBufferSize = Limits.IssuerAnswerBytesMax,
    };

    /// <summary>Whether an address may be asked.</summary>
    public static bool IsAllowed(Uri address) =>
        address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback);

    public Task<JsonElement?> Get(
        Uri address, AuthenticationHeaderValue? authorization, CancellationToken cancellationToken) =>
        Send(new HttpRequestMessage(HttpMethod.Get, address), authorization, cancellationToken);

    public Task<JsonElement?> Post(
        Uri address,
        IReadOnlyDictionary<string, string> form,
        AuthenticationHeaderValue? authorization,
        CancellationToken cancellationToken) => Send(
        new HttpRequestMessage(HttpMethod.Post, address) { Content = new FormUrlEncodedContent(form) },
        authorization,
        cancellationToken);

    public void Dispose() => client.Dispose();

    /// <returns>The answer; null where it was refused or is no JSON.</returns>
    private async Task<JsonElement?> Send(
        HttpRequestMessage request, AuthenticationHeaderValue? authorization, CancellationToken cancellationToken)
    {
        using (request)
        {
            if (!IsAllowed(request.RequestUri!))
            {
                return null;
            }

            request.Headers.Authorization = authorization;
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
            request.Headers.UserAgent.ParseAdd("Quoin");
            try
            {
                using var answer = await client.SendAsync(request, cancellationToken);
                return answer.IsSuccessStatusCode
                    ? JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsByteArrayAsync(cancellationToken))
                    : null;
            }
            catch (Exception failure) when (
                failure is HttpRequestException or JsonException
                || (failure is TaskCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // Out of our hands: whoever asked says that the service does not answer.
                return null;
            }
        }
    }
}
