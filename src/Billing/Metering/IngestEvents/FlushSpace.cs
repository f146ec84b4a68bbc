using System.Collections.Concurrent;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>
/// The memory of one flush, used again by the next: large arrays made anew for each would keep the garbage collector
/// busy with its slowest heap.
/// </summary>
internal sealed class FlushSpace(FlushSpaces owner) : IDisposable
{
    public Dictionary<(Guid Org, Guid Key), KeyGroup> ByKey { get; } = [];

    public List<KeyGroup> Groups { get; } = [];

    public List<Guid> SortKeys { get; } = [];

    public List<FoldOrigin> Origins { get; } = [];

    public BinaryCopyBuffer Rows { get; } = new(capacityBytes: 64 * 1024);

    /// <summary>Whether the flush stored levels, which are accrued after it.</summary>
    public bool HasLevels { get; set; }

    public void Dispose()
    {
        HasLevels = false;
        ByKey.Clear();
        Groups.Clear();
        SortKeys.Clear();
        Origins.Clear();
        owner.Return(this);
    }
}

/// <summary>Flush memory that is not in use; never more than there are writers, never larger than it is worth keeping.</summary>
internal sealed class FlushSpaces
{
    private const int KeptBytesMax = 16 * 1024 * 1024;

    private readonly ConcurrentBag<FlushSpace> free = [];

    public FlushSpace Rent() => free.TryTake(out var space) ? space : new FlushSpace(this);

    public void Return(FlushSpace space)
    {
        if (free.Count < Limits.Writers && space.Rows.Capacity <= KeptBytesMax)
        {
            free.Add(space);
        }
    }
}

/// <summary>All events of a flush with one key: the first may be stored, the others follow its fate.</summary>
internal sealed class KeyGroup(ParsedEvent first, EventPosition position)
{
    private Guid storedBody = first.BodyHash;
    private EventPosition storedAt = position;
    private List<ParsedEvent>? followers;

    public ParsedEvent First => first;

    public EventPosition Position { get; } = position;

    public bool IsNew => storedAt == Position;

    public void Follow(ParsedEvent parsed) => (followers ??= []).Add(parsed);

    public void FoundStored(Guid body, EventPosition at) => (storedBody, storedAt) = (body, at);

    /// <summary>Tells each event its verdict, once the flush is committed.</summary>
    public void Decide()
    {
        Decide(first, IsNew);
        followers?.ForEach(follower => Decide(follower, false));
    }

    private void Decide(ParsedEvent parsed, bool isNew)
    {
        parsed.Position = storedAt;
        parsed.Verdict = isNew ? Verdict.Accepted : parsed.BodyHash == storedBody ? Verdict.Duplicate : Verdict.Conflict;
    }
}
