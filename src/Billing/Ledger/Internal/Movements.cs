namespace Quoin.Ledger.Internal;

/// <summary>The movements of one transfer while they are decided: one an account, unless two are meant.</summary>
internal sealed class Movements
{
    private readonly List<Movement> all = new(capacity: 4);

    /// <summary>All that move something.</summary>
    public IReadOnlyList<Movement> All => all;

    /// <summary>What an account has changed by so far.</summary>
    public long On(ChartAccount account)
    {
        long micros = 0;
        foreach (var movement in all)
        {
            micros += ReferenceEquals(movement.Account, account) ? movement.Micros : 0;
        }

        return micros;
    }

    /// <summary>Adds to an account's movement.</summary>
    public void Add(ChartAccount account, long micros, long spentMicros = 0)
    {
        var index = all.FindIndex(movement => ReferenceEquals(movement.Account, account));
        if (index < 0)
        {
            AddApart(new Movement(account, micros, spentMicros));
            return;
        }

        var sum = all[index] with { Micros = all[index].Micros + micros, SpentMicros = all[index].SpentMicros + spentMicros };
        if (sum.Micros == 0)
        {
            all.RemoveAt(index);
        }
        else
        {
            all[index] = sum;
        }
    }

    /// <summary>Adds a movement of its own; it may change only what counts as spent.</summary>
    public void AddApart(Movement movement)
    {
        if (movement.Micros != 0 || movement.SpentMicros != 0)
        {
            all.Add(movement);
        }
    }

    /// <summary>What was owed on the overdraft is from now on counted as paid from the grant.</summary>
    public void MarkRepaid(ChartAccount grant, ChartAccount overdraft, long micros)
    {
        for (var index = 0; index < all.Count; index++)
        {
            var isGrant = ReferenceEquals(all[index].Account, grant);
            var isOverdraft = ReferenceEquals(all[index].Account, overdraft);
            all[index] = all[index] with { SpentMicros = isGrant ? micros : isOverdraft ? -micros : all[index].SpentMicros };
        }
    }
}
