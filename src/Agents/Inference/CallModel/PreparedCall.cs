using System.Buffers;

namespace Quoin.Inference.Internal;

/// <summary>A call that is understood, and not yet made.</summary>
/// <param name="Call">As the money knows it.</param>
/// <param name="Head">What is known of the request.</param>
/// <param name="Body">The request.</param>
/// <param name="Candidates">Who may answer.</param>
/// <param name="Bounds">What it can use at most.</param>
internal sealed record PreparedCall(
    ModelCall Call, RequestHead Head, ReadOnlyMemory<byte> Body, CandidateSet Candidates, UsageBounds Bounds)
{
    /// <summary>What decides between deployments: the same for all calls of a session.</summary>
    public required ulong ChoiceKey { get; init; }

    /// <summary>The bound of one answer's output that the reservation allows; null where it allows all that was asked for.</summary>
    public long? OutputTokensMax { get; init; }

    /// <summary>All the output that is reserved for: more is not believed of what nobody counted.</summary>
    public long OutputTokensMost => OutputTokensMax is { } each
        ? Math.Min(each * Head.Answers, Bounds.OutputTokensMost)
        : Bounds.OutputTokensMost;

    /// <summary>What it waits for before anything of it leaves; null until it is admitted.</summary>
    public Clearance? Clearance { get; init; }

    /// <summary>What is to be done with what is asked and answered; null, as nearly always, for nothing.</summary>
    public ContentRun? Content { get; init; }

    /// <summary>Bytes of text that go to the provider, for the case that it does not count.</summary>
    public long InputBytes => Head.TextBytes;

    /// <summary>What the input is probably worth, for clients that want to know before anyone has counted.</summary>
    public ModelUsage InputEstimate => new() { InputTokens = Estimate.Tokens(InputBytes), OutputTokens = 1, IsEstimated = true };

    /// <summary>What its answer says of itself where the provider says nothing.</summary>
    public AnswerHead AnswerHead => new(Call.Id.ToString(), Call.Model, Call.StartedAt);

    /// <summary>The request as a candidate is to get it.</summary>
    /// <exception cref="RefusedRequestException">The candidate's protocol cannot say it.</exception>
    public ReadOnlyMemory<byte> BodyFor(Candidate candidate)
    {
        var (deployment, protocol) = candidate;
        var client = Call.Protocol;
        if (protocol != client)
        {
            var translated = new ArrayBufferWriter<byte>(Body.Length + 256);
            var target = new TranslationTarget(
                deployment.Model, deployment.OutputTokensMax, deployment.Provider.IsOpenAi, OutputTokensMax);
            Translation.Request(client, protocol, Body, target, translated);
            return translated.WrittenMemory;
        }

        // Whoever answered instead would have another price, and no rule of the key's would hold for it.
        if (Head.ChoosesOthers is { } member && deployment.Provider.Kind is (ProviderKind.LiteLlm or ProviderKind.OpenRouter))
        {
            throw JsonMembers.Unsupported($"'{member}' is not supported: ask for each model by its own name.");
        }

        // Usage in a stream is asked for always: without it nobody would know what was used.
        var asksUsage = Head is { IsStream: true, WantsUsage: false } && protocol is Protocol.OpenAiChat or Protocol.OpenAiCompletions;
        (string, long)? bound = OutputTokensMax is { } tokens ? (BoundName(deployment.Provider), tokens) : null;
        if (!asksUsage && bound is null && deployment.Model == Head.Model)
        {
            return Body;
        }

        var patched = new ArrayBufferWriter<byte>(Body.Length + 256);
        Head.Patch(Body.Span, deployment.Model, bound, asksUsage && Head.IsStream, patched);
        return patched.WrittenMemory;
    }

    private string BoundName(ModelProvider provider) => Call.Protocol switch
    {
        Protocol.OpenAiResponses => "max_output_tokens",
        Protocol.OpenAiChat when provider.IsOpenAi => "max_completion_tokens",
        _ => "max_tokens",
    };
}
