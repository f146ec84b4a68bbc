using Quoin.Kernel;

namespace Quoin.Ledger.Internal;

/// <summary>
/// Books as this process left them. They are asked for under lock, with the flush that the database says changed them
/// last; books any other flush has changed since, or that were never committed, are dropped. Two generations keep it
/// bounded: when the young one is full it becomes the old one, and what nobody asked for meanwhile is forgotten.
/// </summary>
internal sealed class BooksCache
{
    private readonly Lock gate = new();
    private Dictionary<OrgId, OrgBooks> young = [];
    private Dictionary<OrgId, OrgBooks> old = [];
    private int youngCharts;

    /// <summary>Whether there are books of an organisation here: then the database has some, too, if others by now.</summary>
    public bool Has(OrgId org)
    {
        lock (gate)
        {
            return young.ContainsKey(org) || old.ContainsKey(org);
        }
    }

    /// <summary>Takes books out, to be changed; null when there are none, or others than the database has.</summary>
    public OrgBooks? Take(OrgId org, Guid changedBy)
    {
        OrgBooks? books;
        lock (gate)
        {
            if (young.Remove(org, out books))
            {
                youngCharts -= books.ChartCount;
            }
            else
            {
                old.Remove(org, out books);
            }
        }

        return books?.ChangedBy == changedBy ? books : null;
    }

    /// <summary>Puts books back, with the flush that changed them last.</summary>
    public void Put(OrgBooks books)
    {
        lock (gate)
        {
            if (youngCharts + books.ChartCount > Limits.RememberedChartsMax / 2)
            {
                (old, young, youngCharts) = (young, [], 0);
            }

            if (young.TryGetValue(books.Org, out var other))
            {
                youngCharts -= other.ChartCount;
            }

            young[books.Org] = books;
            youngCharts += books.ChartCount;
        }
    }
}
