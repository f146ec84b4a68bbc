namespace Quoin.Limiting.Internal;

/// <summary>
/// Decides a group of works in order, on counters that are locked: pure, so that what two hosts do at once is what one
/// would do after the other. It is told what stands, and afterwards says what changed.
/// </summary>
/// <param name="now">The system's time: leases of holders are the system's.</param>
internal sealed class LimitBook(DateTimeOffset now)
{
    private readonly Dictionary<CounterKey, Counter> counters = [];
    private readonly Dictionary<ReservationKey, Entry> reservations = [];
    private readonly Dictionary<(CounterKey Counter, int Percent), RecordWork> reached = [];

    /// <summary>A locked counter.</summary>
    public void Open(CounterKey key, decimal used) => counters[key] = new Counter(used);

    /// <summary>What meters counted for a counter, beside what is promised on it.</summary>
    public void AddMetered(CounterKey key, decimal quantity) => counters[key].Metered = quantity;

    /// <summary>A promise that is stored.</summary>
    public void Open(Reservation reservation) => reservations[reservation.Key] = new Entry(reservation, IsNew: false);

    /// <summary>Counters a group needs and that are not open: new ones, or those of a promise made a moment ago.</summary>
    public IReadOnlyList<CounterKey> Missing(IEnumerable<LimitWork> works) =>
    [
        .. works.OfType<RecordWork>().Select(work => work.Counter)
            .Concat(reservations.Values.Select(entry => entry.Now.Counter))
            .Where(key => !counters.ContainsKey(key))
            .Distinct(),
    ];

    /// <summary>Counters that changed: what they held and what they hold.</summary>
    public IEnumerable<(CounterKey Key, decimal Before, decimal Used)> ChangedCounters =>
        counters.Where(pair => pair.Value.Used != pair.Value.Before)
            .Select(pair => (pair.Key, pair.Value.Before, pair.Value.Used));

    /// <summary>Promises that are new.</summary>
    public IEnumerable<Reservation> NewReservations =>
        reservations.Values.Where(entry => entry.IsNew).Select(entry => entry.Now);

    /// <summary>Promises that were stored and stand otherwise now.</summary>
    public IEnumerable<Reservation> ChangedReservations =>
        reservations.Values.Where(entry => !entry.IsNew && entry.Now != entry.Stored).Select(entry => entry.Now);

    /// <summary>Thresholds that totals reached or are beyond, each with the last work that saw it.</summary>
    public IReadOnlyDictionary<(CounterKey Counter, int Percent), RecordWork> Reached => reached;

    /// <summary>How much counts on a counter.</summary>
    public decimal TotalOf(CounterKey key) => counters[key].Total;

    /// <summary>Decides a group, in order.</summary>
    public void Decide(IEnumerable<LimitWork> works)
    {
        GiveBackExpired();
        foreach (var work in works)
        {
            switch (work)
            {
                case RecordWork record:
                    record.Outcome = Record(record);
                    break;
                case ChangeWork change:
                    change.Outcome = Change(change);
                    break;
            }
        }
    }

    private void GiveBackExpired()
    {
        foreach (var entry in reservations.Values.ToArray())
        {
            if (entry.Now is { State: ReservationState.Held, ExpiresAt: { } end } && end <= now)
            {
                End(entry.Now, ReservationState.Expired);
            }
        }
    }

    private RecordOutcome Record(RecordWork work)
    {
        if (reservations.TryGetValue(work.Key, out var first))
        {
            return Repeated(work, first.Now);
        }

        var counter = counters[work.Counter];
        var answer = LimitDecision.Of(work.Terms, counter.Total, work.Amount, work.ResetsAt);
        if (!answer.IsAllowed)
        {
            return new RecordOutcome.Refused(answer);
        }

        counter.Used += work.Amount;
        var expiresAt = now + work.HeldFor;
        var reservation = new Reservation(
            work.Key,
            work.Counter,
            work.Amount,
            counter.Total,
            work.Terms.IsMetered,
            expiresAt is null ? ReservationState.Recorded : ReservationState.Held,
            expiresAt,
            now,
            EndedAt: null,
            KeepUntil: work.ResetsAt is { } end ? Later(end, now + Limits.KeysKeptFor) : null);
        reservations[work.Key] = new Entry(reservation, IsNew: true);
        NoteThresholds(work, counter.Total);
        return new RecordOutcome.Recorded(answer with { Used = counter.Total }, expiresAt, IsReplay: false);
    }

    private static RecordOutcome Repeated(RecordWork work, Reservation first)
    {
        if (first.Counter.Code != work.Counter.Code || first.Amount != work.Amount)
        {
            return new RecordOutcome.KeyConflict();
        }

        if (!first.IsCounted)
        {
            return new RecordOutcome.KeyEnded(first.State);
        }

        var answer = LimitDecision.Of(work.Terms, first.UsedAfter - first.Amount, first.Amount, work.ResetsAt);
        return new RecordOutcome.Recorded(
            answer with { IsAllowed = true, Used = first.UsedAfter }, first.ExpiresAt, IsReplay: true);
    }

    private ReservationOutcome Change(ChangeWork work)
    {
        if (!reservations.TryGetValue(work.Key, out var entry))
        {
            return new ReservationOutcome.NotFound();
        }

        var reservation = entry.Now;
        return work.Change switch
        {
            // What is given back is given back, however it came to be.
            ReservationChange.Release when !reservation.IsCounted => Standing(reservation),
            _ when !reservation.IsCounted => new ReservationOutcome.Ended(reservation.State),
            ReservationChange.Release => Standing(End(reservation, ReservationState.Released)),

            // What meters count, they have counted by now.
            ReservationChange.Confirm when reservation.IsMetered => Standing(End(reservation, ReservationState.Released)),
            _ when reservation.State == ReservationState.Recorded => Standing(reservation),
            ReservationChange.Confirm => Standing(Put(reservation with
            {
                State = ReservationState.Recorded,
                ExpiresAt = null,
            })),
            _ => Standing(Put(reservation with { ExpiresAt = Later(reservation.ExpiresAt!.Value, now + work.HeldFor!.Value) })),
        };
    }

    private Reservation End(Reservation reservation, ReservationState state)
    {
        counters[reservation.Counter].Used -= reservation.Amount;
        return Put(reservation with
        {
            State = state,
            EndedAt = now,
            KeepUntil = Later(reservation.KeepUntil ?? now, now + Limits.KeysKeptFor),
        });
    }

    private Reservation Put(Reservation reservation)
    {
        reservations[reservation.Key] = reservations[reservation.Key] with { Now = reservation };
        return reservation;
    }

    private void NoteThresholds(RecordWork work, decimal total)
    {
        foreach (var percent in Limits.ThresholdsPercent)
        {
            if (percent <= LimitDecision.ThresholdReached(total, work.Terms.Limit))
            {
                reached[(work.Counter, percent)] = work;
            }
        }
    }

    private static ReservationOutcome.Standing Standing(Reservation reservation) =>
        new(reservation.State, reservation.State == ReservationState.Held ? reservation.ExpiresAt : null);

    private static DateTimeOffset Later(DateTimeOffset left, DateTimeOffset right) => left > right ? left : right;

    private sealed class Counter(decimal used)
    {
        public decimal Before { get; } = used;

        public decimal Used { get; set; } = used;

        public decimal Metered { get; set; }

        public decimal Total => Used + Metered;
    }

    private sealed record Entry(Reservation Now, bool IsNew)
    {
        public Reservation Stored { get; } = Now;
    }
}
