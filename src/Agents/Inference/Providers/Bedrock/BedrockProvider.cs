using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.Primitives;

namespace Quoin.Inference.Internal;

/// <summary>
/// Amazon Bedrock. Anthropic's models are invoked with their vendor's own messages, as Bedrock takes them; all others
/// through Converse, and embeddings of Titan and Cohere by theirs. Requests are signed, or carry one of Bedrock's own keys.
/// Source: the "Amazon Bedrock API Reference" (InvokeModel, InvokeModelWithResponseStream, Converse, ConverseStream,
/// CountTokens), and "Anthropic Claude Messages API" of its guide.
/// </summary>
internal sealed class BedrockProvider(ProviderConnections connections, TimeProvider time) : IModelProvider
{
    private const string Service = "bedrock";

    public IReadOnlyList<ProviderKind> Kinds { get; } = [ProviderKind.Bedrock];

    public async Task<HttpResponseMessage> Send(ProviderRequest request, CancellationToken cancellationToken)
    {
        var (provider, model) = (request.Deployment.Provider, request.Deployment.Model);
        if (request.Act == ProviderAct.CountTokens)
        {
            return await CountTokens(request, cancellationToken);
        }

        if (request.Protocol == Protocol.OpenAiEmbeddings && EmbeddingCalls.VendorOf(provider.Kind, model) is { } vendor)
        {
            return await EmbeddingCalls.Send(
                vendor, request, (asked, token) => Post(request, "invoke", asked, token), cancellationToken);
        }

        var body = request.Protocol == Protocol.AnthropicMessages ? Invocation(request) : request.Body;
        var act = (request.Protocol, request.IsStream) switch
        {
            (Protocol.AnthropicMessages, false) => "invoke",
            (Protocol.AnthropicMessages, true) => "invoke-with-response-stream",
            (_, false) => "converse",
            _ => "converse-stream",
        };
        var response = await Post(request, act, body, cancellationToken);
        if (response.IsSuccessStatusCode && request.IsStream)
        {
            response.Content = BedrockEvents.Content(response.Content);
        }

        return response;
    }

    // CountTokens takes what InvokeModel does, whole and in base64, and answers in words of its own.
    private async Task<HttpResponseMessage> CountTokens(ProviderRequest request, CancellationToken cancellationToken)
    {
        var asked = JsonSerializer.SerializeToUtf8Bytes(
            new { input = new { invokeModel = new { body = Convert.ToBase64String(Invocation(request, isCount: true).Span) } } });
        var response = await Post(request, "count-tokens", asked, cancellationToken);
        if (response.IsSuccessStatusCode)
        {
            await response.Content.LoadIntoBufferAsync(Limits.ErrorBytesMax, cancellationToken);
            using var counted = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellationToken));
            var tokens = counted.RootElement.Member("inputTokens") is { ValueKind: JsonValueKind.Number } number
                ? number.GetInt64()
                : throw new InvalidDataException("The answer does not say 'inputTokens'.");
            response.Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(new { input_tokens = tokens }));
        }

        return response;
    }

    private async Task<HttpResponseMessage> Post(
        ProviderRequest request, string act, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var (provider, model) = (request.Deployment.Provider, request.Deployment.Model);
        var path = $"{provider.BaseUrl.AbsolutePath.TrimEnd('/')}/model/{Uri.EscapeDataString(model)}/{act}";
        using var message = new HttpRequestMessage(
            HttpMethod.Post, new Uri(provider.BaseUrl.GetLeftPart(UriPartial.Authority) + path));
        message.Content = new LeavingContent(body, request.Leaving);
        Sign(message, path, body, provider);
        return await connections.Send(message, cancellationToken);
    }

    private static ReadOnlyMemory<byte> Invocation(ProviderRequest request, bool isCount = false) => ClaudeInvocation.Body(
        request.Body, request.IsNative ? request.ClientHeaders["anthropic-beta"] : StringValues.Empty, isCount);

    private void Sign(HttpRequestMessage message, string path, ReadOnlyMemory<byte> body, ModelProvider provider)
    {
        if (provider.Credential is not { } credential)
        {
            return;
        }

        if (CredentialsOf(credential) is not { } credentials)
        {
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", credential);
            return;
        }

        var at = time.GetUtcNow();
        var host = provider.BaseUrl.IsDefaultPort ? provider.BaseUrl.Host : provider.BaseUrl.Authority;
        List<(string, string)> headers =
            [("content-type", "application/json"), ("host", host), ("x-amz-date", AwsSignature.DateOf(at))];
        if (credentials.SessionToken is { } token)
        {
            headers.Add(("x-amz-security-token", token));
            message.Headers.Add("x-amz-security-token", token);
        }

        message.Headers.Add("x-amz-date", AwsSignature.DateOf(at));
        var signed = new AwsRequest("POST", path, [], headers, AwsSignature.Hash(body.Span));
        message.Headers.TryAddWithoutValidation(
            "Authorization", AwsSignature.Authorization(signed, credentials, RegionOf(provider), Service, at));
    }

    // AWS' keys are written as key:secret or key:secret:token; Bedrock's own keys have no colon.
    private static AwsCredentials? CredentialsOf(string credential) => credential.Split(':', 3) switch
    {
        [var key, var secret] => new AwsCredentials(key, secret),
        [var key, var secret, var token] => new AwsCredentials(key, secret, token),
        _ => null,
    };

    // Its addresses are bedrock-runtime.eu-central-1.amazonaws.com and the like.
    private static string RegionOf(ModelProvider provider) =>
        provider.BaseUrl.Host.Split('.') is [_, var region, "amazonaws", ..] ? region : provider.Region ?? "us-east-1";
}
