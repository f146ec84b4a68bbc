using System.Net.Http.Headers;

namespace Quoin.Inference.Internal;

/// <summary>
/// Providers over plain HTTP: OpenAI and those who speak its protocols, Azure's OpenAI, Anthropic and those who speak its,
/// Gemini, OpenRouter, and another LiteLLM.
/// </summary>
internal sealed class HttpProvider(ProviderConnections connections) : IModelProvider
{
    private const string AnthropicVersion = "2023-06-01";

    public IReadOnlyList<ProviderKind> Kinds { get; } =
    [
        ProviderKind.OpenAi, ProviderKind.OpenAiCompatible, ProviderKind.Anthropic, ProviderKind.AzureOpenAi, ProviderKind.Gemini,
        ProviderKind.LiteLlm, ProviderKind.OpenRouter,
    ];

    public Task<HttpResponseMessage> Send(ProviderRequest request, CancellationToken cancellationToken) =>
        request.Protocol == Protocol.OpenAiEmbeddings && request.Deployment.Provider.Kind == ProviderKind.Gemini
            ? EmbeddingCalls.Send(
                EmbeddingVendor.Gemini,
                request with { IsNative = false },
                (body, token) => Post(request with { IsNative = false }, body, token),
                cancellationToken)
            : Post(request, request.Body, cancellationToken);

    private async Task<HttpResponseMessage> Post(
        ProviderRequest request, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(HttpMethod.Post, ProviderAddress.Of(request));
        if (request.IsNative)
        {
            PassedHeaders.Copy(request.ClientHeaders, message);
        }

        message.Content = new LeavingContent(body, request.Leaving);
        Sign(message, request);
        return await connections.Send(message, cancellationToken);
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

        var header = provider.Kind switch
        {
            ProviderKind.Anthropic => "x-api-key",
            ProviderKind.AzureOpenAi => "api-key",
            ProviderKind.Gemini => "x-goog-api-key",
            _ => null,
        };
        if (header is not null)
        {
            message.Headers.TryAddWithoutValidation(header, credential);
        }
        else
        {
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", credential);
        }
    }
}
