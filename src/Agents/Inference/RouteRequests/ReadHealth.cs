using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Quoin.Inference.Internal;

/// <summary><c>GET /v1/inference/health</c>.</summary>
internal static class ReadHealth
{
    public static async Task<Ok<HealthReport>> Endpoint(ProviderHealth health) => TypedResults.Ok(await health.Read());
}
