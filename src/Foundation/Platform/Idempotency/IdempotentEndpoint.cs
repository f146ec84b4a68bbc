using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Quoin.Platform;

/// <summary>How endpoints state that they take an <c>Idempotency-Key</c>.</summary>
public static class IdempotentEndpointExtensions
{
    /// <summary>
    /// POST, PUT and PATCH requests with an <c>Idempotency-Key</c> are done once: the same key and body get the first
    /// answer again (<c>Idempotency-Replayed: true</c>) for at least 24 hours, another body
    /// <c>idempotency_conflict</c>. For endpoints that identify their caller.
    /// </summary>
    public static TBuilder Idempotent<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder
    {
        builder.ReadsHeader(
            IdempotentRequests.Header,
            "Makes it safe to send the request again: within 24 hours the same key and body get the first answer.");
        builder.MayAnswer(
            PlatformProblems.IdempotencyKeyInvalid,
            PlatformProblems.IdempotencyConflict,
            PlatformProblems.IdempotencyInProgress,
            PlatformProblems.IdempotencyAnswerNotKept);

        // Around the endpoint's own delegate, not as a filter: filters run after the body was read for binding.
        builder.Finally(endpoint =>
        {
            var next = endpoint.RequestDelegate
                ?? throw new InvalidOperationException($"'{endpoint.DisplayName}' has no delegate to make idempotent.");
            endpoint.RequestDelegate = context =>
                context.RequestServices.GetRequiredService<IdempotentRequests>().Run(context, next);
        });
        return builder;
    }
}
