using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Quoin.Kernel;

namespace Quoin.Limiting.Internal;

/// <summary>
/// Money reserved ahead on this replica, for lines of requests that come so fast that a reservation each would wait for the
/// ones before it. Whoever draws on an allowance writes one row, of which nothing else depends, and waits for nobody's
/// lock. An allowance is drawn on for a second at most, followed by another one while it is still there, and what is free of
/// it is given back as it closes.
/// </summary>
internal sealed class Allowances : IAsyncDisposable
{
    private readonly IdSource ids;
    private readonly ILogger<Allowances> logger;
    private readonly ConcurrentDictionary<SpendLine, Line> lines = new();
    private readonly ConcurrentDictionary<ReservationKey, Draw> open = new();
    private readonly ConcurrentDictionary<Allowance, Line> drawn = new();
    private readonly ConcurrentDictionary<Allowance, bool> closing = new();
    private readonly Timer watch;
    private Func<ReserveWork, Task<SpendOutcome>>? reserve;
    private Func<SpendWork, Task<bool>>? write;
    private bool isStopping;

    public Allowances(IdSource ids, ILogger<Allowances> logger)
    {
        (this.ids, this.logger) = (ids, logger);
        watch = new Timer(static all => ((Allowances)all!).Watch(), this, Timeout.Infinite, Timeout.Infinite);
    }

    /// <summary>Begins, once it is known how allowances are reserved and how work about them is written.</summary>
    public void Start(Func<ReserveWork, Task<SpendOutcome>> reserving, Func<SpendWork, Task<bool>> writing)
    {
        (reserve, write) = (reserving, writing);
        watch.Change(Limits.AllowancesWatchedEvery, Limits.AllowancesWatchedEvery);
    }

    /// <summary>Draws a request on an allowance; null where there is none that will do. Notes that the request came.</summary>
    public Draw? TryDraw(ReserveWork work)
    {
        var line = LineOf(work);
        if (line is null)
        {
            return null;
        }

        var draw = line.Current?.TryDraw(work);
        if (line.Current is { } current && (draw is null || current.IsHalfOver))
        {
            Open(line, work, current.NeededMicros);
        }
        else if (line.Current is null && line.IsBusy)
        {
            Open(line, work, neededMicros: 0);
        }

        if (draw is not null)
        {
            open[KeyOf(draw)] = draw;
        }

        return draw;
    }

    /// <summary>What is drawn under a key and not over; null for nothing.</summary>
    public Draw? Find(OrgId org, string key) => open.GetValueOrDefault(new ReservationKey(org, key));

    /// <summary>Ends a draw, of which so much is taken. False where it had ended.</summary>
    public bool TryEnd(Draw draw, long takenMicros)
    {
        open.TryRemove(KeyOf(draw), out _);
        return draw.Allowance.TryEnd(draw, takenMicros);
    }

    /// <summary>Opens a draw again that had ended with all it set aside, as that could not be written down.</summary>
    public void Reopen(Draw draw)
    {
        draw.Allowance.Reopen(draw);
        open[KeyOf(draw)] = draw;
    }

    /// <summary>
    /// Gives back what is free of an organisation's allowances here, so that what is decided next knows all there is.
    /// </summary>
    /// <returns>Whether there was any.</returns>
    public async Task<bool> GiveBack(OrgId org)
    {
        var own = drawn.Where(one => one.Key.Org == org).Select(one => one.Value.Take(one.Key)).OfType<Allowance>().ToArray();
        await Task.WhenAll(own.Select(Close));
        return own.Length > 0;
    }

    /// <summary>Closes all of them; nothing is reserved ahead any more.</summary>
    public async ValueTask DisposeAsync()
    {
        isStopping = true;
        await watch.DisposeAsync();
        await Task.WhenAll(drawn.Select(one => one.Value.Take(one.Key)).OfType<Allowance>().Select(Close));
    }

    private static ReservationKey KeyOf(Draw draw) => new(draw.Org, draw.Request.Key);

    private Line? LineOf(ReserveWork work)
    {
        var key = SpendLine.Of(work.Request);
        if (!lines.TryGetValue(key, out var line))
        {
            if (lines.Count >= Limits.SpendLinesMax)
            {
                return null;
            }

            line = lines.GetOrAdd(key, new Line());
        }

        line.Count();
        return line;
    }

    // In the background: nobody waits for it. Where it is refused, as little is left, it is not tried again for a while.
    private void Open(Line line, ReserveWork like, long neededMicros)
    {
        if (isStopping || !line.TryBegin())
        {
            return;
        }

        _ = Task.Run(() => Open(line, Ahead(like, neededMicros)), CancellationToken.None);
    }

    private async Task Open(Line line, ReserveWork ahead)
    {
        Allowance? made = null;
        try
        {
            if (await reserve!(ahead) is SpendOutcome.Reserved { Ticket: not null } reserved)
            {
                made = new Allowance(ahead, reserved);
            }
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // Nobody waits for it, so nobody else would hear.
            Log.NotReservedAhead(logger, ahead.Org, failure);
        }

        if (made is not null)
        {
            drawn[made] = line;
        }

        if (line.End(made) is { } before)
        {
            await Close(before);
        }

        if (isStopping && made is not null && line.Take(made) is { } late)
        {
            await Close(late);
        }
    }

    private ReserveWork Ahead(ReserveWork like, long neededMicros)
    {
        var most = like.Request.Most;
        var wanted = Math.Max((decimal)neededMicros * 2, (decimal)most.Micros * Limits.AllowanceFirstRequests);
        var least = (decimal)most.Micros * Limits.AllowanceLeastRequests;
        return like.Ahead(
            $"{Limits.AllowanceKeyPrefix}{ids.Next():n}",
            most with { Micros = (long)Math.Min(Limits.BudgetMicrosMax, wanted) },
            most with { Micros = (long)Math.Min(Limits.BudgetMicrosMax, least) });
    }

    // What fails is tried again at the next look; what never succeeds lapses, as if this process had died.
    private async Task Close(Allowance allowance)
    {
        allowance.TryClose();
        drawn.TryRemove(allowance, out _);
        closing[allowance] = true;
        try
        {
            await write!(new CloseWork(allowance));
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            Log.AllowanceNotClosed(logger, allowance.Key, allowance.Org, failure);
        }
    }

    private void Watch()
    {
        foreach (var (allowance, line) in drawn)
        {
            if (allowance.IsStale && line.Take(allowance) is { } stale)
            {
                _ = Close(stale);
            }
        }

        foreach (var (allowance, _) in closing)
        {
            if (allowance.IsOver || allowance.Age > allowance.HeldFor)
            {
                Forget(allowance);
            }
            else if (allowance.MustCloseAgain)
            {
                _ = Close(allowance);
            }
        }

        foreach (var (key, line) in lines)
        {
            if (line.IsIdle)
            {
                lines.TryRemove(key, out _);
            }
        }
    }

    // Draws that are still open then were taken over with it, or never used.
    private void Forget(Allowance allowance)
    {
        closing.TryRemove(allowance, out _);
        foreach (var (key, _) in allowance.IsOver ? [] : open.Where(draw => draw.Value.Allowance == allowance))
        {
            open.TryRemove(key, out _);
        }
    }

    /// <summary>The requests of one line, as they come.</summary>
    private sealed class Line
    {
        private readonly Lock gate = new();
        private Allowance? current;
        private long countedFrom = Stopwatch.GetTimestamp();
        private long notBefore;
        private int count;
        private bool isOpening;

        public Allowance? Current
        {
            get
            {
                lock (gate)
                {
                    return current;
                }
            }
        }

        /// <summary>Whether requests come fast enough.</summary>
        public bool IsBusy
        {
            get
            {
                lock (gate)
                {
                    return count >= Limits.AllowanceFrom;
                }
            }
        }

        /// <summary>Whether none came for a while.</summary>
        public bool IsIdle
        {
            get
            {
                lock (gate)
                {
                    return current is null && !isOpening && Stopwatch.GetElapsedTime(countedFrom) > Limits.SpendLineIdleLongest;
                }
            }
        }

        public void Count()
        {
            lock (gate)
            {
                if (Stopwatch.GetElapsedTime(countedFrom) > Limits.AllowanceDrawnFor)
                {
                    (count, countedFrom) = (0, Stopwatch.GetTimestamp());
                }

                count++;
            }
        }

        /// <summary>Whether another one may be made now: only one at a time, and not one right after the other.</summary>
        public bool TryBegin()
        {
            lock (gate)
            {
                if (isOpening || Stopwatch.GetTimestamp() < notBefore)
                {
                    return false;
                }

                isOpening = true;
                return true;
            }
        }

        /// <summary>Takes the new one, if there is one.</summary>
        /// <returns>The one before, which is to be closed.</returns>
        public Allowance? End(Allowance? made)
        {
            lock (gate)
            {
                var pause = made is null ? Limits.AllowanceRefusedFor : Limits.AllowanceOpenedEvery;
                (isOpening, notBefore) = (false, Stopwatch.GetTimestamp() + (long)(pause.TotalSeconds * Stopwatch.Frequency));
                if (made is null)
                {
                    return null;
                }

                (var before, current) = (current, made);
                return before;
            }
        }

        /// <summary>Takes one away, if it is the one that is drawn on.</summary>
        public Allowance? Take(Allowance allowance)
        {
            lock (gate)
            {
                if (current != allowance)
                {
                    return null;
                }

                current = null;
                return allowance;
            }
        }
    }
}
