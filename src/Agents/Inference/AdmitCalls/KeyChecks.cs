using Quoin.Inference.Internal;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>
/// What a key is held to besides money: its models, and how much it may do in a minute and at the same time. Calls a minute
/// are counted over all replicas together; tokens by what has been settled, known within a second; calls at the same time by
/// each replica for itself.
/// </summary>
internal sealed class KeyChecks(Rates rates, OpenCalls open)
{
    // Ten seconds' worth at once; replicas draw a small part of that at a time.
    private const int BurstsPerMinute = 6;
    private const int DrawsPerBurst = 32;

    /// <summary>Counts a call among those of its key; why it may not be made, or null where it may.</summary>
    public async ValueTask<AdmissionOutcome?> Enter(ModelCall call, KeyPolicy policy, CancellationToken cancellationToken)
    {
        if (Refusal(call.Model, policy) is { } refused)
        {
            return refused;
        }

        if (!open.TryEnter(policy))
        {
            return Limited("key", $"{policy.ParallelMax} calls at the same time", TimeSpan.FromSeconds(1));
        }

        return policy is { RequestsPerMinute: null, Spenders.Count: 0 } or { Root: null }
            ? null
            : await TakeAll(call.Org.ToString(), policy, cancellationToken);
    }

    /// <summary>Why a caller may not call a model; null where they may, as far as that needs no counting.</summary>
    public static AdmissionOutcome.Refused? Refusal(string model, KeyPolicy policy)
    {
        if (policy.IsBlocked)
        {
            return new AdmissionOutcome.Refused(InferenceProblems.KeyBlocked, "This key is blocked.");
        }

        if (policy.Models is { } models && !models.Contains(model))
        {
            return new AdmissionOutcome.Refused(
                InferenceProblems.ModelNotAllowed, $"This key may not call {model}.");
        }

        if (policy.TokensPerMinute is { } tokens && policy.TokensUsed >= tokens)
        {
            return TooManyTokens("key", tokens);
        }

        foreach (var spender in policy.Spenders)
        {
            if (Refusal(model, spender) is { } refused)
            {
                return refused;
            }
        }

        return null;
    }

    private static AdmissionOutcome.Refused? Refusal(string model, SpenderPolicy spender) => spender switch
    {
        { IsBlocked: true } => new AdmissionOutcome.Refused(
            InferenceProblems.KeyBlocked, $"The {Named(spender.Kind)} is blocked."),
        { Models: { } models } when !models.Contains(model) => new AdmissionOutcome.Refused(
            InferenceProblems.ModelNotAllowed, $"The {Named(spender.Kind)} may not call {model}."),
        { TokensPerMinute: { } tokens } when spender.TokensUsed >= tokens => TooManyTokens(spender.Kind, tokens),
        _ => null,
    };

    // The key's own first: what its team may is not used up by a key that may not.
    private async ValueTask<AdmissionOutcome?> TakeAll(string org, KeyPolicy policy, CancellationToken cancellationToken)
    {
        AdmissionOutcome? refused = null;
        var isTaken = false;
        try
        {
            if (policy is { RequestsPerMinute: { } requests, Root: { } key })
            {
                refused = await Take("key", $"{org}/{key}", requests, cancellationToken);
            }

            foreach (var spender in policy.Spenders)
            {
                if (refused is null && spender.RequestsPerMinute is { } together)
                {
                    refused = await Take(spender.Kind, $"{org}/{spender.Counter}", together, cancellationToken);
                }
            }

            isTaken = refused is null;
            return refused;
        }
        finally
        {
            if (!isTaken)
            {
                open.Leave(policy);
            }
        }
    }

    private async ValueTask<AdmissionOutcome.Refused?> Take(
        string who, string counter, int requests, CancellationToken cancellationToken) =>
        await rates.Take(LimitOf(requests), counter, cancellationToken) is { } wait
            ? Limited(who, $"{requests} calls a minute", wait)
            : null;

    private static AdmissionOutcome.Refused TooManyTokens(string who, long tokens) =>
        Limited(who, $"{tokens} tokens a minute", TimeSpan.FromMinutes(1) / BurstsPerMinute);

    private static string Named(string kind) => kind == CallScopes.CustomerKind ? $"{kind} of this call" : $"{kind} of this key";

    private static RateLimit LimitOf(int requestsPerMinute)
    {
        var burst = Math.Max(1, requestsPerMinute / BurstsPerMinute);
        return new RateLimit("inference.key", burst, TimeSpan.FromMinutes(1) / requestsPerMinute)
        {
            Share = Math.Max(1, burst / DrawsPerBurst),
        };
    }

    private static AdmissionOutcome.Refused Limited(string who, string limit, TimeSpan wait) => new(
        InferenceProblems.KeyRateLimited,
        who == "key" ? $"This key is held to {limit}." : $"The {Named(who)} is held to {limit}.",
        Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)));
}
