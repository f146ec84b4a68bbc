using System.Net;
using System.Net.Http.Headers;

namespace Quoin.Inference.Internal;

/// <summary>Providers over HTTP: OpenAI and those who speak its protocols, Anthropic and those who speak its.</summary>
internal sealed class HttpProvider : IModelProvider, IDisposable
{
    private const string AnthropicVersion = "2023-06-01";

    // One pool for all: it keeps connections apart by address anyway. Answers are read as they are, so nothing is
    // decompressed, and a redirect would send credentials where nobody configured them to go.
    private readonly HttpMessageInvoker invoker = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = Limits.ConnectTimeout,
        PooledConnectionLifetime = Limits.ConnectionLifetime,
        ActivityHeadersPropagator = null,
    });

    public IReadOnlyList<ProviderKind> Kinds { get; } = [ProviderKind.OpenAi, ProviderKind.OpenAiCompatible, ProviderKind.Anthropic];

    public async Task<HttpResponseMessage> Send(ProviderRequest request, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, Address(request));
        if (request.IsNative)
        {
            PassedHeaders.Copy(request.ClientHeaders, message);
        }

        message.Content = new ReadOnlyMemoryContent(request.Body);
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        Sign(message, request);
        return await invoker.SendAsync(message, cancellationToken);
    }

    /// <inheritdoc />
    public void Dispose() => invoker.Dispose();

    private static Uri Address(ProviderRequest request)
    {
        var provider = request.Deployment.Provider;
        var root = provider.BaseUrl.AbsoluteUri.TrimEnd('/');
        var path = request.Protocol switch
        {
            Protocol.OpenAiChat => "/chat/completions",
            Protocol.OpenAiResponses => "/responses",
            Protocol.OpenAiCompletions => "/completions",
            Protocol.OpenAiEmbeddings => "/embeddings",
            _ => "/messages",
        };

        // Anthropic's own clients are given the address without the version, OpenAI's with it.
        var version = request.Protocol == Protocol.AnthropicMessages && !root.EndsWith("/v1", StringComparison.Ordinal) ? "/v1" : "";
        var act = request.Act == ProviderAct.CountTokens ? "/count_tokens" : "";
        return new Uri(root + version + path + act + (request.IsNative ? request.ClientQuery.Value : ""));
    }

    private static void Sign(HttpRequestMessage message, ProviderRequest request)
    {
        var provider = request.Deployment.Provider;
        if (request.Protocol == Protocol.AnthropicMessages && !message.Headers.Contains("anthropic-version"))
        {
            message.Headers.Add("anthropic-version", AnthropicVersion);
        }

        if (provider.Credential is not { } credential)
        {
            return;
        }

        if (provider.Kind == ProviderKind.Anthropic)
        {
            message.Headers.TryAddWithoutValidation("x-api-key", credential);
        }
        else
        {
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", credential);
        }
    }
}
