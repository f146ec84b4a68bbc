using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>
/// Answers what LiteLLM's routes refuse, and lets no key of a project keep the others of its organisation, and none that is held
/// to something make or change one that may do more.
/// </summary>
internal sealed class LiteLlmRefusals(LiteLlmKeys keys) : IEndpointFilter
{
    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var (http, caller) = (context.HttpContext, context.HttpContext.Caller());
        var isKeeping = http.GetEndpoint()?.Metadata.GetMetadata<EndpointAccess>()?.Permission == Permission.VirtualKeysManage;
        if (isKeeping && caller.BillingAccount is not null)
        {
            return new Problem(PlatformProblems.PermissionDenied, "A key of a project does this for nobody else.");
        }

        try
        {
            if (isKeeping && HttpMethods.IsPost(http.Request.Method) && await keys.IsHeld(caller, http.RequestAborted))
            {
                return new Problem(
                    PlatformProblems.PermissionDenied,
                    "A key that is held to models, limits or a budget makes and changes no others: use one that is not.");
            }

            foreach (var body in context.Arguments.OfType<JsonElement>())
            {
                body.RefuseUnwritable();
            }

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
