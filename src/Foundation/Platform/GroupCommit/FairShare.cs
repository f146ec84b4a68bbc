using Quoin.Kernel;

namespace Quoin.Platform;

/// <summary>
/// A budget of bytes shared by organisations without one crowding out the others. The rule is the dynamic threshold of
/// network switches (Choudhury and Hahne, 1998): an organisation may hold as much as is still free. Alone it reaches
/// half of the budget; with <c>n</c> busy ones each reaches <c>1/(n+1)</c>; a newcomer always finds room.
/// </summary>
/// <param name="budgetBytes">All that may be held at once.</param>
public sealed class FairShare(long budgetBytes)
{
    private readonly Lock gate = new();
    private readonly Dictionary<OrgId, long> held = [];
    private long inUse;

    /// <summary>Bytes held now, by everyone.</summary>
    public long HeldBytes
    {
        get
        {
            lock (gate)
            {
                return inUse;
            }
        }
    }

    /// <summary>Takes a share for an organisation; null when it is over its part and must come back later.</summary>
    public Reservation? TryReserve(OrgId org, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        lock (gate)
        {
            var free = budgetBytes - inUse;
            var ownAfter = held.GetValueOrDefault(org) + bytes;
            if (bytes > free || (ownAfter > bytes && ownAfter > free))
            {
                return null;
            }

            held[org] = ownAfter;
            inUse += bytes;
        }

        return new Reservation(this, org, bytes);
    }

    private void Return(OrgId org, long bytes)
    {
        lock (gate)
        {
            inUse -= bytes;
            if ((held[org] -= bytes) == 0)
            {
                held.Remove(org);
            }
        }
    }

    /// <summary>A share that is held until disposed; disposing twice is harmless.</summary>
    public sealed class Reservation : IDisposable
    {
        private readonly OrgId org;
        private readonly long bytes;
        private FairShare? owner;

        internal Reservation(FairShare owner, OrgId org, long bytes) => (this.owner, this.org, this.bytes) = (owner, org, bytes);

        /// <inheritdoc />
        public void Dispose() => Interlocked.Exchange(ref owner, null)?.Return(org, bytes);
    }
}
