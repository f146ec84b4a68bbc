using System.Buffers;
using System.Net.Http.Headers;
using System.Text.Json;

namespace Quoin.Inference.Internal;

/// <summary>
/// Amazon Bedrock. Anthropic's models are invoked with their vendor's own messages, which need three changes; all others
/// through Converse. Requests are signed, or carry one of Bedrock's own keys. Source: the "Amazon Bedrock API Reference"
/// (InvokeModel, InvokeModelWithResponseStream, Converse, ConverseStream), and "Anthropic Claude Messages API" of its guide.
/// </summary>
internal sealed class BedrockProvider(ProviderConnections connections, TimeProvider time) : IModelProvider
{
    private const string Service = "bedrock";
    private const string AnthropicVersion = "bedrock-2023-05-31";

    public IReadOnlyList<ProviderKind> Kinds { get; } = [ProviderKind.Bedrock];

    public async Task<HttpResponseMessage> Send(ProviderRequest request, CancellationToken cancellationToken)
    {
        var provider = request.Deployment.Provider;
        var body = request.Protocol == Protocol.AnthropicMessages ? Invocation(request) : request.Body;
        var act = (request.Protocol, request.IsStream) switch
        {
            (Protocol.AnthropicMessages, false) => "invoke",
            (Protocol.AnthropicMessages, true) => "invoke-with-response-stream",
            (_, false) => "converse",
            _ => "converse-stream",
        };
        var path = $"{provider.BaseUrl.AbsolutePath.TrimEnd('/')}/model/{Uri.EscapeDataString(request.Deployment.Model)}/{act}";
        using var message = new HttpRequestMessage(
            HttpMethod.Post, new Uri(provider.BaseUrl.GetLeftPart(UriPartial.Authority) + path));
        message.Content = new ReadOnlyMemoryContent(body);
        message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        Sign(message, path, body, provider);
        var response = await connections.Send(message, cancellationToken);
        if (response.IsSuccessStatusCode && request.IsStream)
        {
            response.Content = BedrockEvents.Content(response.Content);
        }

        return response;
    }

    // The address names the model and whether it streams; which features are wanted stands in the body, not in a header.
    private static ReadOnlyMemory<byte> Invocation(ProviderRequest request)
    {
        using var document = JsonMembers.Parse(request.Body);
        var output = new ArrayBufferWriter<byte>(request.Body.Length + 64);
        using var writer = new Utf8JsonWriter(output, SseWriter.JsonOptions);
        writer.WriteStartObject();
        writer.WriteString("anthropic_version", AnthropicVersion);
        foreach (var member in document.RootElement.EnumerateObject())
        {
            if (member.Name is not ("model" or "stream" or "anthropic_version"))
            {
                member.WriteTo(writer);
            }
        }

        if (request.IsNative
            && request.ClientHeaders["anthropic-beta"] is { Count: > 0 } betas
            && document.RootElement.Member("anthropic_beta") is null)
        {
            writer.WriteStartArray("anthropic_beta");
            foreach (var beta in betas.SelectMany(all => (all ?? "").Split(',', StringSplitOptions.TrimEntries)))
            {
                writer.WriteStringValue(beta);
            }

            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.Flush();
        return output.WrittenMemory;
    }

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
