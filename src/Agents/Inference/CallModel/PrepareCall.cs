using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>Understands a request: whose it is, which model it names, who can answer it, what it can use at most.</summary>
internal sealed class PrepareCall(
    Routes routes, Organisations organisations, InferenceOptions options, IdSource ids, TimeProvider time)
{
    private static readonly string[] SessionHeaders = ["x-session-id", "x-claude-code-session-id"];

    /// <summary>The models an organisation may name.</summary>
    public async ValueTask<IReadOnlyDictionary<string, ModelRoute>> Models(OrgId org, CancellationToken cancellationToken)
    {
        var all = await routes.All();
        return await HasDemo(org, cancellationToken)
            ? all.Concat(DemoModels.All.Where(demo => !all.ContainsKey(demo.Key)))
                .ToDictionary(model => model.Key, model => model.Value, StringComparer.Ordinal)
            : all;
    }

    /// <summary>Who can answer a request in a protocol.</summary>
    /// <exception cref="RefusedRequestException">There is no such model, or nobody who speaks what the client does.</exception>
    public async ValueTask<IReadOnlyList<Candidate>> Candidates(
        OrgId org, string model, Protocol protocol, CancellationToken cancellationToken)
    {
        var route = (await routes.All()).GetValueOrDefault(model);
        if (route is null && DemoModels.All.TryGetValue(model, out var demo) && await HasDemo(org, cancellationToken))
        {
            route = demo;
        }

        if (route is null)
        {
            throw new RefusedRequestException(
                InferenceProblems.ModelNotFound, $"There is no model '{Shown(model)}'. GET /v1/models lists those there are.");
        }

        List<Candidate> candidates =
        [
            .. route.Deployments
                .Select(one => (Deployment: one, Protocol: one.Provider.ProtocolFor(protocol)))
                .Where(one => one.Protocol is not null)
                .Select(one => new Candidate(one.Deployment, one.Protocol!.Value)),
        ];
        return candidates.Count > 0
            ? candidates
            : throw new RefusedRequestException(
                InferenceProblems.UnsupportedByModel, $"The model '{Shown(model)}' is not offered on this endpoint.");
    }

    /// <summary>Understands a call.</summary>
    /// <exception cref="RefusedRequestException">It is none.</exception>
    public async ValueTask<PreparedCall> Prepare(HttpContext context, Protocol protocol, ReadOnlyMemory<byte> body)
    {
        var caller = context.Caller();
        var head = RequestHead.Read(body.Span);
        var candidates = await Candidates(caller.RequiredOrg, head.Model, protocol, context.RequestAborted);
        var call = new ModelCall(
            ids.Next<CallId>(),
            caller.RequiredOrg,
            caller.BillingAccount ?? await DefaultAccount(caller.RequiredOrg, context.RequestAborted),
            caller.Actor,
            protocol,
            head.Model,
            [.. candidates.Select(candidate => candidate.Deployment.Name)],
            head.IsStream,
            time.GetUtcNow())
        {
            Session = SessionOf(context.Request.Headers),
            User = head.User is { Length: <= Limits.NameLettersMax } user ? user : null,
        };
        return new PreparedCall(call, head, body, candidates, BoundsOf(head, protocol, candidates));
    }

    /// <summary>What a call can use at most, whoever answers.</summary>
    private static UsageBounds BoundsOf(RequestHead head, Protocol protocol, IReadOnlyList<Candidate> candidates)
    {
        var inputMax = candidates.Max(candidate => candidate.Deployment.InputTokensMax);
        var input = head.HasReferences
            ? inputMax
            : Math.Min(inputMax, head.TextBytes + (head.Images * Limits.PictureTokensMost) + Limits.InputTokensAdded);
        if (protocol == Protocol.OpenAiEmbeddings)
        {
            return new UsageBounds(input, 0, 0);
        }

        var outputMax = candidates.Max(candidate => candidate.Deployment.OutputTokensMax);
        var each = Math.Min(head.OutputTokensMax ?? outputMax, outputMax);
        var least = Math.Min(each, Limits.OutputTokensLeast);
        return new UsageBounds(input, each * head.Answers, least * head.Answers);
    }

    private async ValueTask<bool> HasDemo(OrgId org, CancellationToken cancellationToken) =>
        options.Demo && (await organisations.Find(org, cancellationToken))?.Mode == OrganisationMode.Test;

    private async ValueTask<BillingAccountId> DefaultAccount(OrgId org, CancellationToken cancellationToken) =>
        (await organisations.Find(org, cancellationToken))?.DefaultBillingAccount.Id
        ?? throw new InvalidOperationException($"{org} was let in and does not exist.");

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
