namespace Quoin.Inference.Internal;

/// <summary>What a deployment must be to answer a caller.</summary>
/// <param name="RequiredTags">It has all of these.</param>
/// <param name="Regions">It stands in one of these; empty where any will do.</param>
internal sealed record RoutingRule(IReadOnlyList<string> RequiredTags, IReadOnlyList<string> Regions)
{
    /// <summary>Nothing is asked for.</summary>
    public static readonly RoutingRule None = new([], []);

    /// <summary>Whether it asks for nothing.</summary>
    public bool IsNone => RequiredTags.Count == 0 && Regions.Count == 0;

    /// <summary>Whether a deployment may answer.</summary>
    public bool Allows(Deployment deployment) =>
        RequiredTags.All(deployment.Tags.Contains)
        && (Regions.Count == 0 || (deployment.Region is { } region && Regions.Contains(region)));
}
