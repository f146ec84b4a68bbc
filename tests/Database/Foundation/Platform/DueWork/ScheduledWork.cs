using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Tests.Database.Foundation.Platform.Timing;

/// <summary>
/// Due work that recurs for some organisations and writes down what it ran, and what the clock showed.
/// </summary>
internal sealed class ScheduledWork(string name, List<string> done, Func<OrgId, Task<DateTimeOffset>> clock) : IDueWork
{
    private readonly SortedDictionary<OrgId, (DateTimeOffset Next, TimeSpan Every)> schedule =
        new(Comparer<OrgId>.Create((left, right) => left.Value.CompareTo(right.Value)));

    public string Name => name;

    /// <summary>Organisations whose work throws.</summary>
    public HashSet<OrgId> Broken { get; } = [];

    public void Schedule(OrgId org, DateTimeOffset first, TimeSpan every)
    {
        lock (schedule)
        {
            schedule[org] = (first, every);
        }
    }

    public Task<DateTimeOffset?> NextDue(OrgId org, CancellationToken cancellationToken)
    {
        lock (schedule)
        {
            return Task.FromResult(schedule.TryGetValue(org, out var entry) ? entry.Next : (DateTimeOffset?)null);
        }
    }

    public async Task RunUpTo(OrgId org, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        if (Broken.Contains(org))
        {
            throw new InvalidOperationException("broken on purpose");
        }

        var shown = await clock(org);
        lock (schedule)
        {
            var (next, every) = schedule[org];
            done.Add($"{name} {next:MM-dd HH:mm} at {shown:MM-dd HH:mm}");
            schedule[org] = (next + every, every);
        }
    }

    public Task<IReadOnlyList<OrgId>> OrganisationsDue(
        DateTimeOffset instant, OrgId? after, int limit, CancellationToken cancellationToken)
    {
        lock (schedule)
        {
            return Task.FromResult<IReadOnlyList<OrgId>>(
            [
                .. schedule
                    .Where(entry => entry.Value.Next <= instant)
                    .Where(entry => after is null || entry.Key.Value.CompareTo(after.Value.Value) > 0)
                    .Select(entry => entry.Key)
                    .Take(limit),
            ]);
        }
    }
}
