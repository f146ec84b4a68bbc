using Quoin.Kernel;

namespace Quoin.Ledger.Internal;

/// <summary>
/// Books as this process left them. They are asked for under lock, with the flush that the database says changed them
/// last; books any other flush has changed since, or that were never committed, are dropped. Two generations keep it
/// bounded: when the young one is full it becomes the old one, and what nobody asked for meanwhile is forgotten.
/// </summary>
/// <param name="flushesUntilTrusted">How many flushes must find books as they were left before one takes them unseen.</param>
internal sealed class BooksCache(int flushesUntilTrusted)
{
    private readonly Lock gate = new();
    private Dictionary<OrgId, OrgBooks> young = [];
    private Dictionary<OrgId, OrgBooks> old = [];
    private readonly Dictionary<OrgId, Occupation> occupied = [];
    private readonly Dictionary<OrgId, Occupation> flying = [];
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
            books = Remove(org);
        }

        books?.TimesFound += 1;
        return books?.ChangedBy == changedBy ? books : null;
    }

    /// <summary>
    /// Takes out, unseen, all that commands look at; null where some of it is not here or not trusted. Others may have
    /// changed the books since: what is decided upon them is to be written only if they are in the database as they are here.
    /// </summary>
    public FlushState? TakeAll(FlushNeeds needs)
    {
        if (!needs.MayBeRemembered)
        {
            return null;
        }

        var state = new FlushState();
        lock (gate)
        {
            foreach (var id in needs.Orgs)
            {
                var org = new OrgId(id);
                if (!(young.TryGetValue(org, out var books) || old.TryGetValue(org, out books)) || books.TimesFound < flushesUntilTrusted)
                {
                    return null;
                }

                state.Books.Add(org, books);
            }

            foreach (var ((org, key), withExhausted) in needs.Charts)
            {
                if (state.Books[org].Find(key) is not { } chart || (withExhausted && !chart.KnowsExhausted))
                {
                    return null;
                }
            }

            foreach (var org in state.Books.Keys)
            {
                Remove(org);
            }
        }

        return state;
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

    /// <summary>
    /// Says that a caller's transaction of this process works on the books of these organisations, until what is returned is
    /// disposed.
    /// </summary>
    /// <param name="orgs">The organisations.</param>
    /// <param name="landed">Ends when no flight is under way that had begun before.</param>
    public IDisposable Occupy(Guid[] orgs, out Task landed)
    {
        lock (gate)
        {
            landed = EndOf(flying, orgs);
            return new Occupation(gate, occupied, orgs);
        }
    }

    /// <summary>
    /// Says that what was decided upon remembered books is on its way to the database, until what is returned is disposed;
    /// null while somebody of this process works on some of them.
    /// </summary>
    /// <param name="orgs">The organisations.</param>
    /// <param name="free">Ends when nobody does any more.</param>
    public IDisposable? TryFly(Guid[] orgs, out Task free)
    {
        lock (gate)
        {
            free = EndOf(occupied, orgs);
            return free.IsCompleted ? new Occupation(gate, flying, orgs) : null;
        }
    }

    private static Task EndOf(Dictionary<OrgId, Occupation> occupations, Guid[] orgs) => occupations.Count == 0
        ? Task.CompletedTask
        : Task.WhenAll(orgs.Select(org => occupations.GetValueOrDefault(new OrgId(org))?.Ended ?? Task.CompletedTask));

    private OrgBooks? Remove(OrgId org)
    {
        if (young.Remove(org, out var books))
        {
            youngCharts -= books.ChartCount;
        }
        else
        {
            old.Remove(org, out books);
        }

        return books;
    }

    private sealed class Occupation : IDisposable
    {
        private readonly TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly Lock gate;
        private readonly Dictionary<OrgId, Occupation> all;
        private readonly OrgId[] orgs;

        // Under the gate.
        public Occupation(Lock gate, Dictionary<OrgId, Occupation> all, Guid[] orgs)
        {
            (this.gate, this.all, this.orgs) = (gate, all, Array.ConvertAll(orgs, org => new OrgId(org)));
            foreach (var org in this.orgs)
            {
                all[org] = this;
            }
        }

        public Task Ended => ended.Task;

        public void Dispose()
        {
            lock (gate)
            {
                foreach (var org in orgs)
                {
                    if (ReferenceEquals(all.GetValueOrDefault(org), this))
                    {
                        all.Remove(org);
                    }
                }
            }

            ended.TrySetResult();
        }
    }
}
