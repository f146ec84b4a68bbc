using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>Passes on what a provider says is wrong with a request, in the client's protocol.</summary>
internal static class ProviderMistakes
{
    private const string Unexplained = "The provider refused the request.";

    /// <summary>Answers the client.</summary>
    public static async Task Answer(HttpContext context, PreparedCall call, ProviderAnswer answer)
    {
        ReadOnlyMemory<byte> body = default;
        try
        {
            body = (await PlainDelivery.ReadAll(answer.Response, answer.Patience, Limits.ErrorBytesMax)).WrittenMemory;
        }
        catch (Exception exception) when (Dispatch.IsOfProvider(exception) && !answer.Patience.IsClientGone)
        {
            // The status alone says enough.
        }

        var (message, isOfProtocol) = MessageOf(body.Span);
        if (isOfProtocol && answer.Candidate.Protocol == call.Call.Protocol)
        {
            context.Response.StatusCode = answer.Status;
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = body.Length;
            await context.Response.Body.WriteAsync(body, context.RequestAborted);
            return;
        }

        var code = InferenceProblems.ProviderRefused with { Status = answer.Status };
        await new Problem(code, message ?? Unexplained).ExecuteAsync(context);
    }

    // Every vendor has {"error":{"message"}}; some have {"error":"…"}, Bedrock {"message":"…"}.
    private static (string? Message, bool IsOfProtocol) MessageOf(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            using var document = JsonDocument.ParseValue(ref reader);
            var error = document.RootElement.Member("error");
            var message = error is { ValueKind: JsonValueKind.Object } inner ? inner.Member("message") : error;
            message ??= document.RootElement.Member("message");
            return message is { ValueKind: JsonValueKind.String } text
                ? (text.GetString(), error is { ValueKind: JsonValueKind.Object })
                : default;
        }
        catch (JsonException)
        {
            return default;
        }
    }
}
