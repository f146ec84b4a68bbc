namespace Quoin.Inference.Internal;

/// <summary>Where a request goes, as each vendor has it.</summary>
internal static class ProviderAddress
{
    private const string AzureNewer = "/openai/v1";

    /// <summary>The address.</summary>
    public static Uri Of(ProviderRequest request)
    {
        var provider = request.Deployment.Provider;
        var root = provider.BaseUrl.AbsoluteUri.TrimEnd('/');
        var query = request.IsNative ? request.ClientQuery.Value : "";
        return new Uri(provider.Kind switch
        {
            ProviderKind.Gemini => Gemini(root, request),
            ProviderKind.AzureOpenAi => Azure(root, request),
            _ => root + Version(root, request.Protocol) + Path(request) + query,
        });
    }

    private static string Path(ProviderRequest request)
    {
        var path = request.Protocol switch
        {
            Protocol.OpenAiChat => "/chat/completions",
            Protocol.OpenAiResponses => "/responses",
            Protocol.OpenAiCompletions => "/completions",
            Protocol.OpenAiEmbeddings => "/embeddings",
            _ => "/messages",
        };
        return request.Act == ProviderAct.CountTokens ? path + "/count_tokens" : path;
    }

    // Anthropic's own clients are given the address without the version, OpenAI's with it.
    private static string Version(string root, Protocol protocol) =>
        protocol == Protocol.AnthropicMessages && !root.EndsWith("/v1", StringComparison.Ordinal) ? "/v1" : "";

    // "Gemini API reference": models.generateContent, models.streamGenerateContent and models.batchEmbedContents.
    private static string Gemini(string root, ProviderRequest request)
    {
        var act = request.Protocol == Protocol.OpenAiEmbeddings ? "batchEmbedContents"
            : request.IsStream ? "streamGenerateContent?alt=sse"
            : "generateContent";
        return $"{root}/models/{Uri.EscapeDataString(request.Deployment.Model)}:{act}";
    }

    // "Azure OpenAI REST API reference": the newer form names the deployment in the body, the older one in the address;
    // responses were never under a deployment.
    private static string Azure(string root, ProviderRequest request)
    {
        var version = request.Deployment.Provider.ApiVersion is { } named ? $"?api-version={Uri.EscapeDataString(named)}" : "";
        if (version.Length == 0 || root.EndsWith(AzureNewer, StringComparison.Ordinal))
        {
            return (root.EndsWith(AzureNewer, StringComparison.Ordinal) ? root : root + AzureNewer) + Path(request) + version;
        }

        root = root.EndsWith("/openai", StringComparison.Ordinal) ? root : root + "/openai";
        return request.Protocol == Protocol.OpenAiResponses
            ? root + Path(request) + version
            : $"{root}/deployments/{Uri.EscapeDataString(request.Deployment.Model)}{Path(request)}{version}";
    }
}
