using Quoin.Inference.Internal;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>What deployments must be to answer an organisation's calls, and what that comes to.</summary>
/// <param name="RequiredTags">Tags they must have, all of them.</param>
/// <param name="Regions">Regions they must be in, one of them; empty where any will do.</param>
/// <param name="OtherTags">Further tags that some deployments have.</param>
/// <param name="OtherRegions">Further regions that some are in.</param>
/// <param name="Unanswered">Models that are offered and that nobody may answer then.</param>
public sealed record OwnRoutingRules(
    IReadOnlyList<string> RequiredTags,
    IReadOnlyList<string> Regions,
    IReadOnlyList<string> OtherTags,
    IReadOnlyList<string> OtherRegions,
    IReadOnlyList<string> Unanswered);

/// <summary>The door to an organisation's rules for who may answer its calls, for pages.</summary>
public sealed class OwnRouting
{
    private readonly KeepRoutingRules keeping;
    private readonly Routes routes;

    internal OwnRouting(KeepRoutingRules keeping, Routes routes) => (this.keeping, this.routes) = (keeping, routes);

    /// <summary>The rules as they are, and what could be asked for besides.</summary>
    public async Task<OwnRoutingRules> Read(OrgId org, CancellationToken cancellationToken)
    {
        var rule = await keeping.Rule(org, cancellationToken);
        var models = (await routes.Table()).Models.Values;
        Deployment[] deployments = [.. models.SelectMany(model => model.Deployments).Where(one => one.ShadowPercent == 0)];
        return new OwnRoutingRules(
            rule.RequiredTags,
            rule.Regions,
            Others(deployments.SelectMany(one => one.Tags).Where(tag => tag != Deployment.TestModeTag), rule.RequiredTags),
            Others(deployments.Select(one => one.Region).OfType<string>(), rule.Regions),
            [
                .. models
                    .Where(model => !model.Deployments.Any(one => one.ShadowPercent == 0 && rule.Allows(one)))
                    .Select(model => model.Model)
                    .Order(StringComparer.Ordinal),
            ]);
    }

    /// <summary>Says what deployments must be, on every replica within a second.</summary>
    /// <param name="org">Whose calls they answer.</param>
    /// <param name="requiredTags">Tags they must have, all of them.</param>
    /// <param name="regions">Regions they must be in, one of them; any where empty.</param>
    /// <param name="reason">Why, for the audit log.</param>
    /// <param name="caller">Who says so.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Why not, in a sentence; null where it is so.</returns>
    public async Task<string?> Set(
        OrgId org,
        IReadOnlyList<string> requiredTags,
        IReadOnlyList<string> regions,
        string reason,
        Caller caller,
        CancellationToken cancellationToken)
    {
        var rules = new RoutingRules(requiredTags, regions, reason);
        if (KeepRoutingRules.Check(rules).Sentence is { } wrong)
        {
            return wrong;
        }

        await keeping.Set(caller with { Org = org }, rules, cancellationToken);
        return null;
    }

    private static string[] Others(IEnumerable<string> all, IReadOnlyList<string> known) =>
        [.. all.Except(known, StringComparer.Ordinal).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
}
