using System.Collections.Concurrent;
using Quoin.Kernel;

namespace Quoin.Charging.Internal;

/// <summary>
/// Organisations whose usage made a step throw a short while ago. They are rated alone from the start, or each of their
/// events would cost everybody a step.
/// </summary>
internal sealed class Suspects(TimeProvider time)
{
    private readonly ConcurrentDictionary<OrgId, long> seenAt = new();

    /// <summary>Whether an organisation is to be rated alone.</summary>
    public bool Has(OrgId org)
    {
        if (!seenAt.TryGetValue(org, out var seen))
        {
            return false;
        }

        if (time.GetElapsedTime(seen) < Limits.SuspectFor)
        {
            return true;
        }

        seenAt.TryRemove(new KeyValuePair<OrgId, long>(org, seen));
        return false;
    }

    /// <summary>Remembers one.</summary>
    public void Add(OrgId org)
    {
        if (seenAt.Count < Limits.SuspectsMax)
        {
            seenAt[org] = time.GetTimestamp();
        }
    }
}
