namespace Quoin.Inference.Internal;

/// <summary>Calls and failures in slots of ten seconds, the last minutes' worth of them.</summary>
internal sealed class SlidingCounts(TimeProvider time)
{
    public const int SlotsPerMinute = 6;
    public const int AllSlots = SlotsPerMinute * Limits.HealthMinutes;

    private const int SecondsPerSlot = 60 / SlotsPerMinute;

    private readonly Slot[] slots = new Slot[AllSlots];

    /// <summary>Counts a call.</summary>
    public void Add(bool isFailure)
    {
        var epoch = Epoch();
        ref var slot = ref slots[epoch % AllSlots];
        var known = Volatile.Read(ref slot.Epoch);
        if (known != epoch && Interlocked.CompareExchange(ref slot.Epoch, epoch, known) == known)
        {
            Volatile.Write(ref slot.Calls, 0);
            Volatile.Write(ref slot.Failures, 0);
        }

        Interlocked.Increment(ref slot.Calls);
        if (isFailure)
        {
            Interlocked.Increment(ref slot.Failures);
        }
    }

    /// <summary>What the newest slots hold.</summary>
    public (long Calls, long Failures) Sum(int newest)
    {
        var epoch = Epoch();
        var (calls, failures) = (0L, 0L);
        for (var index = 0; index < AllSlots; index++)
        {
            ref var slot = ref slots[index];
            if (Volatile.Read(ref slot.Epoch) is var at && at > epoch - newest && at <= epoch)
            {
                calls += Volatile.Read(ref slot.Calls);
                failures += Volatile.Read(ref slot.Failures);
            }
        }

        return (calls, failures);
    }

    // Never zero, which is the slot that nobody has used.
    private long Epoch() => (time.GetTimestamp() / time.TimestampFrequency / SecondsPerSlot) + 1;

    private struct Slot
    {
        public long Epoch;
        public int Calls;
        public int Failures;
    }
}
