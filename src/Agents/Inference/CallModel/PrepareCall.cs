using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>Understands a request: whose it is, which model it names, who can answer it, what it can use at most.</summary>
internal sealed class PrepareCall(
    Routes routes,
    OrgRouting orgs,
    DeploymentWatches watches,
    KeyPolicies policies,
    CallContents contents,
    Organisations organisations,
    InferenceOptions options,
    IdSource ids,
    TimeProvider time)
{
    private static readonly string[] SessionHeaders = ["x-session-id", "x-claude-code-session-id"];
    private static readonly string[] TagHeaders = ["x-quoin-tags", "x-litellm-tags"];

    /// <summary>The models a caller may name.</summary>
    public async ValueTask<IEnumerable<ModelRoute>> Models(Caller caller, CancellationToken cancellationToken)
    {
        var table = await routes.Table();
        var all = table.Models;
        var policy = await policies.Of(caller.RequiredOrg, caller.Actor, cancellationToken);
        IEnumerable<ModelRoute> models = all.Values;
        if (await IsInTestMode(caller.RequiredOrg, cancellationToken))
        {
            var own = await OwnOf(table, caller.RequiredOrg, cancellationToken);
            models = models.Where(model => model.Deployments.Any(one => one.ShadowPercent == 0 && MayTest(one, own)));
            models = options.Demo ? models.Concat(DemoModels.All.Values.Where(demo => !all.ContainsKey(demo.Model))) : models;
        }

        return policy.Models is { } allowed ? models.Where(model => allowed.Contains(model.Model)) : models;
    }

    /// <summary>Who can answer a request in a protocol.</summary>
    /// <exception cref="RefusedRequestException">
    /// There is no such model, nobody who speaks what the client does, or nobody whom the caller's rules allow.
    /// </exception>
    public async ValueTask<CandidateSet> Candidates(
        Caller caller, string model, Protocol protocol, IHeaderDictionary headers, CancellationToken cancellationToken)
    {
        var table = await routes.Table();
        var route = table.Models.GetValueOrDefault(model);
        if (route is null
            && DemoModels.All.TryGetValue(model, out var demo)
            && options.Demo
            && await IsInTestMode(caller.RequiredOrg, cancellationToken))
        {
            route = demo;
        }

        if (route is null)
        {
            throw new RefusedRequestException(
                InferenceProblems.ModelNotFound, $"There is no model '{Shown(model)}'. GET /v1/models lists those there are.");
        }

        var candidates = route.For(protocol);
        if (candidates.All.Count == 0)
        {
            throw new RefusedRequestException(
                InferenceProblems.UnsupportedByModel, $"The model '{Shown(model)}' is not offered on this endpoint.");
        }

        var policy = await policies.Of(caller.RequiredOrg, caller.Actor, cancellationToken);
        var own = await OwnOf(table, caller.RequiredOrg, cancellationToken);
        if (!candidates.ServesTestMode && await IsInTestMode(caller.RequiredOrg, cancellationToken))
        {
            candidates = InTestMode(candidates, model, own);
        }

        var tags = TagsOf(headers);
        return policy.Routing.IsNone && ReferenceEquals(own, OrgRoutes.None) && tags is null
            ? candidates
            : Narrowed(candidates, caller.RequiredOrg, policy.Routing, own, tags);
    }

    // Money in test mode is play money, and what providers ask is not.
    private static CandidateSet InTestMode(CandidateSet all, string model, OrgRoutes own)
    {
        List<Candidate> allowed = [.. all.All.Where(one => MayTest(one.Deployment, own))];
        return allowed.Count > 0
            ? new CandidateSet(allowed, [.. all.Shadows.Where(one => one.Deployment.ServesTestMode)])
            : throw new RefusedRequestException(
                InferenceProblems.ModelNotFound,
                $"The model '{Shown(model)}' is not for organisations in test mode; the operator may give a deployment "
                + $"of it the tag {Deployment.TestModeTag}.");
    }

    private static bool MayTest(Deployment deployment, OrgRoutes own) =>
        deployment.ServesTestMode || own.Credentials.ContainsKey(deployment.Provider.Name);

    private ValueTask<OrgRoutes> OwnOf(RouteTable table, OrgId org, CancellationToken cancellationToken) =>
        table.HasOwn ? orgs.Of(org, cancellationToken) : new(OrgRoutes.None);

    // Rules hold. What a request's tags ask for is a wish: many clients send tags that no deployment has.
    private CandidateSet Narrowed(
        CandidateSet all, OrgId org, RoutingRule rule, OrgRoutes own, IReadOnlyList<string>? tags)
    {
        List<Candidate> allowed =
            [.. all.All.Where(one => rule.Allows(one.Deployment) && own.Rule.Allows(one.Deployment))];
        if (allowed.Count == 0)
        {
            throw new RefusedRequestException(
                InferenceProblems.NoDeploymentAllowed, "No deployment of the model has the tags and the region that are required.");
        }

        if (tags is not null && allowed.FindAll(one => one.Deployment.Tags.Any(tags.Contains)) is { Count: > 0 } wished)
        {
            allowed = wished;
        }

        // A customer with a contract of its own has not agreed that others read its calls, too.
        return new CandidateSet(
            [.. allowed.Select(one => Owned(one, org, own))],
            own.Credentials.Count > 0
                ? []
                : [.. all.Shadows.Where(one => rule.Allows(one.Deployment) && own.Rule.Allows(one.Deployment))]);
    }

    private Candidate Owned(Candidate candidate, OrgId org, OrgRoutes own)
    {
        var deployment = candidate.Deployment;
        if (!own.Credentials.TryGetValue(deployment.Provider.Name, out var credential))
        {
            return candidate;
        }

        var name = deployment.Name.AsOwn();
        return candidate with
        {
            Deployment = deployment with
            {
                Provider = deployment.Provider with { Credential = credential },
                Name = name,
                Watch = watches.Of(name, org),
            },
        };
    }

    /// <summary>Reads a request as its caller and their organisation want it to go on.</summary>
    /// <exception cref="RefusedRequestException">It is none, or may not be sent.</exception>
    public async ValueTask<UnderstoodRequest> Understand(HttpContext context, Protocol protocol, ReadOnlyMemory<byte> body)
    {
        var caller = context.Caller();
        var head = RequestHead.Read(body.Span, protocol);
        var policy = await policies.Of(caller.RequiredOrg, caller.Actor, context.RequestAborted);
        var model = policy.ModelAliases?.GetValueOrDefault(head.Model) ?? head.Model;
        var content = await contents.Look(context, body, model, policy);
        if (content is { Redacted: > 0 })
        {
            body = content.Body;
            head = RequestHead.Read(body.Span, protocol);
        }

        return new UnderstoodRequest(body, head, model, policy, content);
    }

    /// <summary>Understands a call.</summary>
    /// <exception cref="RefusedRequestException">It is none.</exception>
    public async ValueTask<PreparedCall> Prepare(HttpContext context, Protocol protocol, ReadOnlyMemory<byte> sent)
    {
        var caller = context.Caller();
        var (body, head, model, policy, content) = await Understand(context, protocol, sent);
        var candidates = await Candidates(caller, model, protocol, context.Request.Headers, context.RequestAborted);
        var call = new ModelCall(
            ids.Next<CallId>(),
            caller.RequiredOrg,
            caller.BillingAccount ?? await DefaultAccount(caller.RequiredOrg, context.RequestAborted),
            caller.Actor,
            protocol,
            model,
            candidates.Names,
            head.IsStream,
            time.GetUtcNow())
        {
            Session = SessionOf(context.Request.Headers),
            User = UserOf(head, context.Request.Headers),
        };
        if (content is not null)
        {
            await contents.Recall(context, protocol, model, candidates, content);
        }

        return new PreparedCall(call, head, body, candidates, BoundsOf(head, protocol, candidates))
        {
            Content = content,
            ChoiceKey = (policy.Session ?? call.Session) is { } session
                ? WeightedChoice.KeyOf(session)
                : WeightedChoice.KeyOf(call.Id.Value),
        };
    }

    /// <summary>What a call can use at most, whoever answers.</summary>
    private static UsageBounds BoundsOf(RequestHead head, Protocol protocol, CandidateSet candidates)
    {
        var inputMax = candidates.InputTokensMax * head.Texts;
        var input = head.HasReferences
            ? inputMax
            : Math.Min(inputMax, head.TextBytes + (head.Images * Limits.PictureTokensMost) + Limits.InputTokensAdded);
        if (protocol == Protocol.OpenAiEmbeddings)
        {
            return new UsageBounds(input, 0, 0);
        }

        var outputMax = candidates.OutputTokensMax;
        var each = Math.Min(head.OutputTokensMax ?? outputMax, outputMax);
        var least = Math.Min(each, Limits.OutputTokensLeast);
        return new UsageBounds(input, each * head.Answers, least * head.Answers);
    }

    private async ValueTask<bool> IsInTestMode(OrgId org, CancellationToken cancellationToken) =>
        (await organisations.Find(org, cancellationToken))?.Mode == OrganisationMode.Test;

    private async ValueTask<BillingAccountId> DefaultAccount(OrgId org, CancellationToken cancellationToken) =>
        (await organisations.Find(org, cancellationToken))?.DefaultBillingAccount.Id
        ?? throw new InvalidOperationException($"{org} was let in and does not exist.");

    // LiteLLM's clients name tags in a header of its name, separated by commas.
    private static List<string>? TagsOf(IHeaderDictionary headers)
    {
        List<string>? tags = null;
        foreach (var header in TagHeaders)
        {
            if (headers[header] is [{ Length: > 0 } names])
            {
                tags ??= [];
                tags.AddRange(names
                    .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                    .Take(Limits.RoutingNamesMax));
            }
        }

        return tags;
    }

    // LiteLLM's clients may name whom they call for in a header, too.
    private static string? UserOf(RequestHead head, IHeaderDictionary headers) =>
        head.User is { Length: <= Limits.NameLettersMax } user ? user
        : headers["x-litellm-end-user-id"] is [{ Length: > 0 and <= Limits.NameLettersMax } named] ? named
        : null;

    // Agents say in headers of their own which session a call belongs to: OpenCode, Claude Code, Codex.
    private static string? SessionOf(IHeaderDictionary headers)
    {
        foreach (var header in SessionHeaders)
        {
            if (headers[header] is [{ Length: > 0 and <= Limits.NameLettersMax } session])
            {
                return session;
            }
        }

        return headers["x-codex-turn-metadata"] is [{ Length: > 0 } metadata] ? CodexSession(metadata) : null;
    }

    private static string? CodexSession(string metadata)
    {
        try
        {
            using var document = JsonDocument.Parse(metadata);
            return document.RootElement.Member("session_id") is { ValueKind: JsonValueKind.String } id
                && id.GetString() is { Length: > 0 and <= Limits.NameLettersMax } session
                    ? session
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Shown(string model) =>
        model.Length <= Limits.NameLettersMax ? model : model[..Limits.NameLettersMax] + "…";
}

/// <summary>A request as it goes on.</summary>
/// <param name="Body">Its bytes, without what its organisation wants nobody else to see.</param>
/// <param name="Head">What is known of it.</param>
/// <param name="Model">The model that is called, which may be another than the client names.</param>
/// <param name="Policy">What its caller is held to.</param>
/// <param name="Content">What is to be done with its content; null, as nearly always, for nothing.</param>
internal sealed record UnderstoodRequest(
    ReadOnlyMemory<byte> Body, RequestHead Head, string Model, KeyPolicy Policy, ContentRun? Content);
