using System.Collections.Frozen;
using System.Diagnostics;
using Quoin.Kernel;
using Quoin.Ledger;

namespace Quoin.Limiting.Internal;

/// <summary>Requests that may share what was reserved ahead: who spends, who pays, and how strictly.</summary>
/// <param name="Org">Whose.</param>
/// <param name="BillingAccount">Who pays.</param>
/// <param name="Currency">In which currency.</param>
/// <param name="Posture">How strictly budgets hold.</param>
/// <param name="Scopes">The scopes, as text.</param>
internal readonly record struct SpendLine(
    OrgId Org, BillingAccountId BillingAccount, Currency Currency, SpendPosture Posture, string Scopes)
{
    public static SpendLine Of(SpendRequest request) => new(
        request.Org,
        request.BillingAccount,
        request.Most.Currency,
        request.Posture,
        string.Join('\n', request.Scopes.Select(scope => $"{scope.Kind}\t{scope.Id}")));
}

/// <summary>
/// A reservation made ahead for many requests of one line, on the replica that made it, which alone draws on it. What it
/// has in the database is what is free here, and what is promised: draws that are open, and what ended ones came to until
/// that is written. So memory never gives more than is reserved.
/// </summary>
internal sealed class Allowance
{
    private readonly Lock gate = new();
    private readonly long madeAt = Stopwatch.GetTimestamp();
    private readonly DateTimeOffset validUntil;
    private readonly long balanceMicros;
    private readonly bool hasBalance;
    private long left;
    private long promised;
    private long mostPromised;
    private int open;
    private bool isClosing;
    private bool isOver;
    private long drawnLast = Stopwatch.GetTimestamp();
    private UnsureFlush? unsure;

    /// <summary>Takes over what was reserved.</summary>
    /// <param name="work">The reservation.</param>
    /// <param name="reserved">How it ended.</param>
    public Allowance(ReserveWork work, SpendOutcome.Reserved reserved)
    {
        (Key, Org, HeldFor) = (work.Request.Key, work.Org, work.Request.HeldFor);
        (Ticket, Budgets) = (reserved.Ticket!, reserved.Budgets);
        Currency = reserved.Amount.Currency;
        left = AmountMicros = reserved.Amount.Micros;
        (hasBalance, balanceMicros) = (reserved.Balance is not null, reserved.Balance?.Micros ?? 0);
        validUntil = reserved.Budgets.Select(standing => standing.Window.End).Append(work.BillingPeriod.End).Min();
    }

    /// <summary>The reservation's key.</summary>
    public string Key { get; }

    public OrgId Org { get; }

    public Currency Currency { get; }

    /// <summary>What was reserved at first.</summary>
    public long AmountMicros { get; }

    /// <summary>What it counts in.</summary>
    public SpendTicket Ticket { get; }

    public HoldId Hold => Ticket.Hold;

    public IReadOnlyList<BudgetStanding> Budgets { get; }

    /// <summary>How long its holder is believed to live.</summary>
    public TimeSpan HeldFor { get; }

    /// <summary>Whether closing it failed: something of it is free, or nothing is drawn on it, and it is still there.</summary>
    public bool MustCloseAgain
    {
        get
        {
            lock (gate)
            {
                return isClosing && !isOver && Age > Limits.AllowanceDrawnFor * 2 && (left > promised || open + promised == 0);
            }
        }
    }

    /// <summary>Whether it is no reservation any more.</summary>
    public bool IsOver
    {
        get
        {
            lock (gate)
            {
                return isOver;
            }
        }
    }

    /// <summary>How long it is there.</summary>
    public TimeSpan Age => Stopwatch.GetElapsedTime(madeAt);

    /// <summary>Whether the next one should be made: half of its money or of its time is over.</summary>
    public bool IsHalfOver
    {
        get
        {
            lock (gate)
            {
                return left - promised < AmountMicros / 2 || Age > Limits.AllowanceDrawnFor / 2;
            }
        }
    }

    /// <summary>Whether nobody draws on it any more, or nobody may.</summary>
    public bool IsStale
    {
        get
        {
            lock (gate)
            {
                return Age > Limits.AllowanceDrawnFor || Stopwatch.GetElapsedTime(drawnLast) > Limits.AllowanceIdleLongest;
            }
        }
    }

    /// <summary>How much callers needed of it at one time, with what is used up.</summary>
    public long NeededMicros
    {
        get
        {
            lock (gate)
            {
                return Math.Max(mostPromised, AmountMicros - left + promised);
            }
        }
    }

    /// <summary>
    /// Whether what was drawn is surely reserved: its time, which others take it for dead after, is far from over. Asked
    /// after the draw is durable, so that a process that slept in between believes nothing.
    /// </summary>
    public bool IsSurelyHeld => Age < Limits.AllowanceDrawnFor + (HeldFor / 2);

    /// <summary>Draws a request's most on it; null where it is not enough, or not there any more.</summary>
    public Draw? TryDraw(ReserveWork work)
    {
        var most = work.Request.Most.Micros;
        lock (gate)
        {
            if (isClosing || left - promised < most || work.Now >= validUntil || work.Request.HeldFor > HeldFor
                || Age > Limits.AllowanceDrawnFor)
            {
                return null;
            }

            promised += most;
            mostPromised = Math.Max(mostPromised, promised);
            open++;
            drawnLast = Stopwatch.GetTimestamp();
            return new Draw(this, work) { Balance = Balance(left - promised) };
        }
    }

    /// <summary>Ends a draw: of what it set aside only what is taken stays promised. False where it had ended.</summary>
    public bool TryEnd(Draw draw, long takenMicros)
    {
        lock (gate)
        {
            if (draw.TakenMicros is not null)
            {
                return false;
            }

            draw.TakenMicros = takenMicros;
            promised -= draw.Micros - takenMicros;
            open--;
            return true;
        }
    }

    /// <summary>Opens a draw again that had ended with all it set aside, as that could not be written down.</summary>
    public void Reopen(Draw draw)
    {
        lock (gate)
        {
            if (!isOver)
            {
                (draw.TakenMicros, draw.IsDetached) = (null, false);
                open++;
            }
        }
    }

    /// <summary>Lets nobody draw on it any more. False where that was so already.</summary>
    public bool TryClose()
    {
        lock (gate)
        {
            return !isClosing && (isClosing = true);
        }
    }

    /// <summary>
    /// What a flush that takes something out of it gives back besides: of one that is closing all that is free, and all there
    /// is where nothing else is promised.
    /// </summary>
    /// <param name="storedMicros">What it has in the database, under its lock.</param>
    /// <param name="takenMicros">What the flush takes.</param>
    /// <returns>How much, and whether the reservation ends with it; null where the database knows better.</returns>
    public (long FreeMicros, bool Ends)? Give(long storedMicros, long takenMicros)
    {
        lock (gate)
        {
            if (storedMicros != left)
            {
                return null;
            }

            isClosing |= left == takenMicros;
            return isClosing ? (left - promised, open == 0 && promised == takenMicros) : (0, false);
        }
    }

    /// <summary>What a flush did is durable.</summary>
    public void Wrote(long takenMicros, long freeMicros, bool ends)
    {
        lock (gate)
        {
            left -= takenMicros + freeMicros;
            promised -= takenMicros;
            isOver |= ends;
        }
    }

    /// <summary>A flush ended, and nobody said whether it is durable.</summary>
    /// <param name="freeMicros">What it gave back.</param>
    /// <param name="ended">The draws it ended.</param>
    public void Unsure(long freeMicros, IEnumerable<Draw> ended)
    {
        lock (gate)
        {
            unsure = new UnsureFlush(freeMicros, [.. ended.Select(draw => (draw, draw.TakenMicros!.Value))]);
        }
    }

    /// <summary>Finds out, by what the database has now, whether a flush that nobody was sure of is durable.</summary>
    /// <param name="storedMicros">What it has in the database, under its lock.</param>
    /// <returns>The draws that are over by it: what is done about them is done as for any reservation.</returns>
    public IReadOnlySet<Draw> Learn(long storedMicros)
    {
        lock (gate)
        {
            var flush = unsure;
            unsure = null;
            if (flush is null || storedMicros == left || storedMicros != left - flush.Micros)
            {
                return FrozenSet<Draw>.Empty;
            }

            left -= flush.Micros;
            foreach (var (draw, taken) in flush.Ended)
            {
                // It may have been opened again meanwhile, and have ended otherwise.
                open -= draw.TakenMicros is null ? 1 : 0;
                promised -= draw.TakenMicros ?? draw.Micros;
                (draw.TakenMicros, draw.IsDetached) = (taken, true);
            }

            return flush.Ended.Select(one => one.Draw).ToFrozenSet();
        }
    }

    /// <summary>Somebody else has taken it over, or nobody knows: nothing is drawn on it or written of it any more.</summary>
    public void Abandon()
    {
        lock (gate)
        {
            (isClosing, isOver) = (true, true);
        }
    }

    private Money? Balance(long free) => hasBalance ? new Money(balanceMicros + free, Currency) : null;

    private sealed record UnsureFlush(long FreeMicros, IReadOnlyList<(Draw Draw, long TakenMicros)> Ended)
    {
        public long Micros => FreeMicros + Ended.Sum(one => one.TakenMicros);
    }
}

/// <summary>What one request draws on an allowance.</summary>
internal sealed class Draw(Allowance allowance, ReserveWork work)
{
    public Allowance Allowance => allowance;

    public OrgId Org => work.Org;

    public SpendRequest Request => work.Request;

    /// <summary>Held by whoever ends it and queues what becomes of it: who ends it first is written first.</summary>
    public Lock Gate { get; } = new();

    /// <summary>When, by the organisation's clock.</summary>
    public DateTimeOffset At => work.Now;

    /// <summary>How much is set aside for it.</summary>
    public long Micros => work.Request.Most.Micros;

    /// <summary>What may still be held after it; null where there is no limit.</summary>
    public Money? Balance { get; init; }

    /// <summary>Ends once it was written, or that failed: only then may anything be done about it.</summary>
    public Task Written { get; set; } = Task.CompletedTask;

    /// <summary>How much of the allowance is taken for it as it ends; null while it is open. Under the allowance's lock.</summary>
    public long? TakenMicros { get; set; }

    /// <summary>
    /// Whether it is a reservation of its own, is about to become one, or is over: then what is done about it later is done as
    /// for any reservation.
    /// </summary>
    public bool IsDetached { get; set; }

    /// <summary>The hold it has since it is a reservation of its own; null where it is none, or somebody else made it one.</summary>
    public HoldId? OwnHold { get; set; }
}
