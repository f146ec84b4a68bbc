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
        if (policy.Models is { } models && !models.Contains(call.Model))
        {
            return new AdmissionOutcome.Refused(
                InferenceProblems.ModelNotAllowed, $"This key may not call {call.Model}.");
        }

        if (policy.TokensPerMinute is { } tokens && policy.TokensUsed >= tokens)
        {
            return Limited($"{tokens} tokens a minute", TimeSpan.FromMinutes(1) / BurstsPerMinute);
        }

        if (!open.TryEnter(policy))
        {
            return Limited($"{policy.ParallelMax} calls at the same time", TimeSpan.FromSeconds(1));
        }

        if (policy is not { RequestsPerMinute: { } requests, Root: { } key })
        {
            return null;
        }

        var wait = await Take(policy, requests, $"{call.Org}/{key}", cancellationToken);
        return wait is null ? null : Limited($"{requests} calls a minute", wait.Value);
    }

    private async ValueTask<TimeSpan?> Take(
        KeyPolicy policy, int requests, string key, CancellationToken cancellationToken)
    {
        var isTaken = false;
        try
        {
            var wait = await rates.Take(LimitOf(requests), key, cancellationToken);
            isTaken = wait is null;
            return wait;
        }
        finally
        {
            if (!isTaken)
            {
                open.Leave(policy);
            }
        }
    }

    private static RateLimit LimitOf(int requestsPerMinute)
    {
        var burst = Math.Max(1, requestsPerMinute / BurstsPerMinute);
        return new RateLimit("inference.key", burst, TimeSpan.FromMinutes(1) / requestsPerMinute)
        {
            Share = Math.Max(1, burst / DrawsPerBurst),
        };
    }

    private static AdmissionOutcome.Refused Limited(string limit, TimeSpan wait) => new(
        InferenceProblems.KeyRateLimited,
        $"This key is held to {limit}.",
        Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)));
}
