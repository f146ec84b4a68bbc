using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary><c>GET /v1/models</c>, in the shape the client knows: Anthropic's where it sends its version, else OpenAI's.</summary>
internal static class ListModels
{
    private const string Owner = "quoin";

    public static async Task<IResult> Endpoint(HttpContext context, PrepareCall calls, CancellationToken cancellationToken)
    {
        var models = await calls.Models(context.Caller(), cancellationToken);
        var ordered = models.OrderBy(model => model.Model, StringComparer.Ordinal).ToList();
        return context.Request.Headers.ContainsKey("anthropic-version")
            ? TypedResults.Json(new
            {
                data = ordered.Select(model => new
                {
                    type = "model",
                    id = model.Model,
                    display_name = model.Model,
                    created_at = Rfc3339.Format(model.CreatedAt),
                }),
                has_more = false,
                first_id = ordered.FirstOrDefault()?.Model,
                last_id = ordered.LastOrDefault()?.Model,
            }, JsonSerializerOptions.Default)
            : TypedResults.Json(new
            {
                @object = "list",
                data = ordered.Select(model => new
                {
                    id = model.Model,
                    @object = "model",
                    created = model.CreatedAt.ToUnixTimeSeconds(),
                    owned_by = Owner,
                }),
            }, JsonSerializerOptions.Default);
    }
}
