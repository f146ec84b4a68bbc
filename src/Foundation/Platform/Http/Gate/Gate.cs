using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Quoin.Platform;

/// <summary>
/// Lets a request through to its endpoint, or not. Runs after routing, reads what the endpoint states
/// (<see cref="EndpointAccess"/>), asks who the caller is, keeps it to its rate, and remembers it for the handler.
/// </summary>
internal sealed class Gate(RequestDelegate next, Rates? rates = null, RequestRateOptions? rate = null)
{
    private readonly RateLimit limit = (rate ?? RequestRateOptions.Default).Limit;

    public Task InvokeAsync(HttpContext context)
    {
        var endpoint = context.GetEndpoint();
        var access = endpoint?.Metadata.GetMetadata<EndpointAccess>();
        if (access is null)
        {
            // Only routing itself makes endpoints that are no route (405, 415); EndpointCheck lets no other one start.
            return endpoint is RouteEndpoint route && !EndpointCheck.IsFramework(route)
                ? throw new InvalidOperationException($"'{route.DisplayName}' does not state who may call it.")
                : next(context);
        }

        var redirects = endpoint!.Metadata.GetMetadata<RedirectsToSignIn>() is not null;
        return access is { Permission: null, AnyCaller: false } && !redirects ? next(context) : Check(context, access, redirects);
    }

    private async Task Check(HttpContext context, EndpointAccess access, bool redirects)
    {
        if (IsFromAnotherSite(context.Request))
        {
            await new Problem(PlatformProblems.CrossSiteRequest, "The browser says that another site sent this.").ExecuteAsync(context);
            return;
        }

        var source = context.RequestServices.GetRequiredService<ICallerSource>();
        var outcome = await source.Identify(context, context.RequestAborted);
        if (outcome is not CallerOutcome.Known { Caller: var caller })
        {
            await TurnAway(context, outcome, redirects);
        }
        else if (rates is not null && await rates.Take(limit, RequesterOf(caller), context.RequestAborted) is { } wait)
        {
            await ProblemPage.Answer(context, TooMany(wait));
        }
        else if (redirects && PlaceOfChoice(context.Request, access, caller) is { } place)
        {
            context.Response.Redirect(place);
        }
        else if (Refusal(access, caller) is { } problem)
        {
            await ProblemPage.Answer(context, problem);
        }
        else
        {
            context.SetCaller(caller);
            await next(context);
        }
    }

    // An organisation shares one rate among all its keys and people; the operator's machines have one each.
    private static string RequesterOf(Caller caller) =>
        caller is { Realm: Realm.Organisation, Org: { } org } ? org.ToString() : caller.Actor;

    private static Problem TooMany(TimeSpan wait)
    {
        var seconds = Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
        return new Problem(PlatformProblems.TooManyRequests, $"The next request may come in {seconds} s.", seconds);
    }

    private static Problem? Refusal(EndpointAccess access, Caller caller)
    {
        if (access.Permission is { } permission && !caller.May(permission))
        {
            return Selection(permission, caller) ?? new Problem(
                PlatformProblems.PermissionDenied,
                $"This needs the permission '{permission}'.",
                members: new Dictionary<string, object?> { ["permission"] = permission.Name });
        }

        return access.NeedsOrg && caller.Org is null
            ? Selection(access.Permission, caller)
                ?? new Problem(PlatformProblems.OrganisationRequired, "Nothing says which organisation to act in.")
            : null;
    }

    // A person has no organisation's permissions until it is clear which one is meant.
    private static Problem? Selection(Permission? permission, Caller caller)
    {
        var choices = caller.Org is null
            ? caller.Choices.Where(choice => permission is null || choice.Permissions.Contains(permission)).ToList()
            : [];
        return choices.Count == 0
            ? null
            : new Problem(
                PlatformProblems.OrganisationSelectionRequired,
                $"You may do this in {choices.Count} organisations.",
                members: new Dictionary<string, object?>
                {
                    ["organisation_ids"] = choices.Select(choice => choice.Org.ToString()).ToArray(),
                });
    }

    // A page is asked for by a click, not by a program: it goes on to the organisation the person has belonged to
    // longest, and says in its address which one it shows.
    private static string? PlaceOfChoice(HttpRequest request, EndpointAccess access, Caller caller)
    {
        var isOpen = caller is { Realm: Realm.Organisation, Org: null }
            && access.Permission is { } permission
            && !caller.May(permission)
            && (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method));
        return !isOpen ? null
            : caller.Choices is [var first, ..] ? request.Path + request.QueryString.Add("org", first.Org.ToString())
            : RedirectsToSignIn.ChooseOrganisationPath;
    }

    private static Task TurnAway(HttpContext context, CallerOutcome outcome, bool redirects)
    {
        var problem = outcome is CallerOutcome.Refused refused
            ? new Problem(refused.Code, refused.Detail)
            : new Problem(PlatformProblems.Unauthenticated, "The request carries no credentials.");
        if (problem.Code.Status != StatusCodes.Status401Unauthorized)
        {
            return ProblemPage.Answer(context, problem);
        }

        if (redirects && (HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method)))
        {
            var here = Uri.EscapeDataString(context.Request.Path + context.Request.QueryString);
            context.Response.Redirect($"{RedirectsToSignIn.Path}?return_to={here}");
            return Task.CompletedTask;
        }

        // RFC 6750, section 3: an error code only where credentials were sent.
        context.Response.Headers.WWWAuthenticate =
            outcome is CallerOutcome.Refused ? "Bearer realm=\"quoin\", error=\"invalid_token\"" : "Bearer realm=\"quoin\"";
        return ProblemPage.Answer(context, problem);
    }

    // A cookie travels with requests that other sites cause. Keys in the Authorization header do not.
    private static bool IsFromAnotherSite(HttpRequest request) =>
        !HttpMethods.IsGet(request.Method)
        && !HttpMethods.IsHead(request.Method)
        && request.Headers.Authorization.Count == 0
        && request.Headers["Sec-Fetch-Site"] is ["cross-site" or "same-site"];
}
