using System.Globalization;
using Microsoft.AspNetCore.Http;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>Answers what LiteLLM's routes refuse, and lets no key of a project keep the others of its organisation.</summary>
internal sealed class LiteLlmRefusals : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var access = context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<EndpointAccess>();
        if (access?.Permission == Permission.VirtualKeysManage && context.HttpContext.Caller().BillingAccount is not null)
        {
            return new Problem(PlatformProblems.PermissionDenied, "A key of a project does this for nobody else.");
        }

        try
        {
            return await next(context);
        }
        catch (RefusedRequestException refused)
        {
            return new Problem(refused.Code, refused.Message);
        }
    }
}

/// <summary>Lets what changes keys, teams, users and customers wait for its turn.</summary>
internal sealed class LiteLlmTurns(ChangesInTurn turns) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        await turns.Run(
            context.HttpContext.Caller().RequiredOrg, () => next(context).AsTask(), context.HttpContext.RequestAborted);
}

/// <summary>Says what a call cost in the headers that LiteLLM's clients look for, beside our own.</summary>
internal sealed class LiteLlmHeaders : IEndpointFilter
{
    private const string CostHeader = "x-quoin-cost-micros";

    public ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        context.HttpContext.Response.OnStarting(Write, context.HttpContext);
        return next(context);
    }

    private static Task Write(object state)
    {
        var headers = ((HttpContext)state).Response.Headers;
        headers["x-litellm-call-id"] = headers["x-request-id"];
        if (headers[CostHeader] is [{ } text]
            && decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var micros))
        {
            headers["x-litellm-response-cost"] = ExactNumber.Format(Dollars.Of(micros));
        }

        return Task.CompletedTask;
    }
}
