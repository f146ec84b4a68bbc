using System.Globalization;
using System.Net.Http.Headers;

namespace Quoin.Inference.Internal;

/// <summary>Asks vendors for embeddings who have words of their own, and answers in OpenAI's.</summary>
internal static class EmbeddingCalls
{
    // Bedrock's count of what it read, whatever the model says.
    private const string TokensHeader = "x-amzn-bedrock-input-token-count";

    /// <summary>Who answers a model that embeds, where it is not OpenAI's protocol that is spoken; null for all others.</summary>
    public static EmbeddingVendor? VendorOf(ProviderKind kind, string model) => kind switch
    {
        ProviderKind.Gemini when model.Contains("embed", StringComparison.Ordinal) => EmbeddingVendor.Gemini,
        ProviderKind.Bedrock when model.Contains("titan-embed", StringComparison.Ordinal) => EmbeddingVendor.Titan,
        ProviderKind.Bedrock when model.Contains("cohere.embed", StringComparison.Ordinal) => EmbeddingVendor.Cohere,
        _ => null,
    };

    /// <summary>Asks in as many requests as there must be, one after the other; the first that fails is the answer.</summary>
    /// <param name="vendor">Whom.</param>
    /// <param name="request">What for.</param>
    /// <param name="send">Sends one of the vendor's requests.</param>
    /// <param name="cancellationToken">Stops asking.</param>
    /// <exception cref="RefusedRequestException">The vendor has no words for the request.</exception>
    public static async Task<HttpResponseMessage> Send(
        EmbeddingVendor vendor,
        ProviderRequest request,
        Func<byte[], CancellationToken, Task<HttpResponseMessage>> send,
        CancellationToken cancellationToken)
    {
        var model = request.Deployment.Model;
        var parts = new List<EmbeddingPart>();
        HttpResponseMessage? response = null;
        try
        {
            foreach (var body in EmbeddingTranslation.Requests(vendor, model, request.Body))
            {
                response?.Dispose();
                response = await send(body, cancellationToken);
                if (!response.IsSuccessStatusCode)
                {
                    break;
                }

                await response.Content.LoadIntoBufferAsync(Limits.AnswerBytesMax, cancellationToken);
                parts.Add(new EmbeddingPart(
                    await response.Content.ReadAsByteArrayAsync(cancellationToken), TokensOf(response)));
            }

            if (response!.IsSuccessStatusCode)
            {
                response.Content = new ByteArrayContent(EmbeddingTranslation.Answer(vendor, model, request.Body, parts))
                {
                    Headers = { ContentType = new MediaTypeHeaderValue("application/json") },
                };
            }

            var answer = response;
            response = null;
            return answer;
        }
        finally
        {
            response?.Dispose();
        }
    }

    private static long? TokensOf(HttpResponseMessage response) =>
        response.Headers.TryGetValues(TokensHeader, out var values)
        && long.TryParse(values.FirstOrDefault(), NumberStyles.None, CultureInfo.InvariantCulture, out var tokens)
            ? tokens
            : null;
}
