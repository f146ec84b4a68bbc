namespace Quoin.Inference.Internal;

/// <summary>A deployment and the protocol to call it in.</summary>
internal sealed record Candidate(Deployment Deployment, Protocol Protocol);

/// <summary>Who may answer a call, made once and shared by all calls of a model in a protocol.</summary>
internal sealed class CandidateSet
{
    public CandidateSet(IReadOnlyList<Candidate> all, IReadOnlyList<Candidate> shadows)
    {
        (All, Shadows) = (all, shadows);
        Names = [.. all.Select(one => one.Deployment.Name)];
        Options = [.. all.Select(one => new ChoiceOption(
            one.Deployment.Tier,
            one.Deployment.Weight,
            WeightedChoice.KeyOf($"{one.Deployment.Name.Provider}/{one.Deployment.Name.Model}")))];
        ServesTestMode = all.Concat(shadows).All(one => one.Deployment.ServesTestMode);
        InputTokensMax = all.Count == 0 ? 0 : all.Max(one => one.Deployment.InputTokensMax);
        OutputTokensMax = all.Count == 0 ? 0 : all.Max(one => one.Deployment.OutputTokensMax);
    }

    /// <summary>All of them, as they were configured.</summary>
    public IReadOnlyList<Candidate> All { get; }

    /// <summary>Those who get copies, and whose answers nobody gets.</summary>
    public IReadOnlyList<Candidate> Shadows { get; }

    /// <summary>As usage names them.</summary>
    public IReadOnlyList<ProviderModel> Names { get; }

    /// <summary>As choosing sees them.</summary>
    public ChoiceOption[] Options { get; }

    /// <summary>Whether organisations in test mode may call all of them.</summary>
    public bool ServesTestMode { get; }

    /// <summary>The most input that one of them takes.</summary>
    public long InputTokensMax { get; }

    /// <summary>The most output that one of them gives.</summary>
    public long OutputTokensMax { get; }
}

/// <summary>A model as clients name it.</summary>
/// <param name="Model">The name.</param>
/// <param name="Deployments">Where it is, as configured.</param>
/// <param name="CreatedAt">Since when it is offered.</param>
internal sealed record ModelRoute(string Model, IReadOnlyList<Deployment> Deployments, DateTimeOffset CreatedAt)
{
    private readonly CandidateSet?[] sets = new CandidateSet?[Enum.GetValues<Protocol>().Length];

    /// <summary>Who can answer a client of a protocol.</summary>
    public CandidateSet For(Protocol client) => sets[(int)client] ??= new CandidateSet(
        [.. Speaking(client, Deployments.Where(one => one.ShadowPercent == 0))],
        [.. Speaking(client, Deployments.Where(one => one.ShadowPercent > 0))]);

    private static IEnumerable<Candidate> Speaking(Protocol client, IEnumerable<Deployment> deployments) => deployments
        .Select(one => (Deployment: one, Protocol: one.Provider.ProtocolFor(client, one.Model)))
        .Where(one => one.Protocol is not null)
        .Select(one => new Candidate(one.Deployment, one.Protocol!.Value));
}
