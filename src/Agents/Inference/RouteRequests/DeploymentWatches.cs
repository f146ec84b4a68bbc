using System.Collections.Concurrent;
using Quoin.Kernel;

namespace Quoin.Inference.Internal;

/// <summary>
/// What this replica sees of deployments, kept while routes are read anew. A customer's own credential has a watch of its
/// own: what its provider says to one customer says nothing to the others.
/// </summary>
internal sealed class DeploymentWatches(TimeProvider time)
{
    private readonly ConcurrentDictionary<(ProviderModel Deployment, OrgId? Owner), DeploymentWatch> watches = new();

    /// <summary>Those of the operator's credentials.</summary>
    public IEnumerable<(ProviderModel Deployment, DeploymentWatch Watch)> Shared =>
        watches.Where(one => one.Key.Owner is null).Select(one => (one.Key.Deployment, one.Value));

    /// <summary>The watch of a deployment.</summary>
    /// <param name="deployment">The deployment.</param>
    /// <param name="owner">Whose credential it is asked with; null for the operator's.</param>
    public DeploymentWatch Of(ProviderModel deployment, OrgId? owner = null)
    {
        // Beyond, all is forgotten: what fails is found to fail again within a few calls.
        if (watches.Count >= Limits.WatchesMax && !watches.ContainsKey((deployment, owner)))
        {
            watches.Clear();
        }

        return watches.GetOrAdd((deployment, owner), static (_, clock) => new DeploymentWatch(clock), time);
    }
}
