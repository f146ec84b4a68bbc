using Quoin.Kernel;

namespace Quoin.Platform;

/// <summary>The time an organisation lives in: usage, periods, prices and expiry go by it.</summary>
public sealed class OrganisationClock(TimeProvider time)
{
    /// <summary>Now, for an organisation.</summary>
    public ValueTask<DateTimeOffset> Now(OrgId org, CancellationToken cancellationToken) =>
        ValueTask.FromResult(time.GetUtcNow());
}
