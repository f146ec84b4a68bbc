using Microsoft.AspNetCore.Http;

namespace Quoin.Inference.Internal;

/// <summary>The surfaces that answer with models.</summary>
internal static class GatewayEndpoints
{
    /// <summary><c>POST /v1/chat/completions</c>.</summary>
    public static Task Chat(HttpContext context, CallModel handler) => handler.Run(context, Protocol.OpenAiChat);

    /// <summary><c>POST /v1/responses</c>.</summary>
    public static Task Responses(HttpContext context, CallModel handler) => handler.Run(context, Protocol.OpenAiResponses);

    /// <summary><c>POST /v1/messages</c>.</summary>
    public static Task Messages(HttpContext context, CallModel handler) => handler.Run(context, Protocol.AnthropicMessages);

    /// <summary><c>POST /v1/completions</c>.</summary>
    public static Task Completions(HttpContext context, CallModel handler) => handler.Run(context, Protocol.OpenAiCompletions);

    /// <summary><c>POST /v1/embeddings</c>.</summary>
    public static Task Embeddings(HttpContext context, CallModel handler) => handler.Run(context, Protocol.OpenAiEmbeddings);

    /// <summary><c>HEAD /</c>: agents look whether anybody is there before they call.</summary>
    public static void Head(HttpContext context) => context.Response.StatusCode = StatusCodes.Status200OK;
}
