using Quoin.Kernel;

namespace Quoin.Limiting.Internal;

/// <summary>A budget while it is locked: changed in place, then written.</summary>
/// <param name="budget">Its terms.</param>
/// <param name="windowStart">The window that counted last.</param>
/// <param name="reservedMicros">What is set aside in it.</param>
/// <param name="spentMicros">What was spent in it.</param>
/// <param name="toldPercent">The highest threshold that was told of it.</param>
/// <param name="changedAt">When its terms changed last.</param>
internal sealed class OpenBudget(
    Budget budget,
    DateTimeOffset windowStart,
    decimal reservedMicros,
    decimal spentMicros,
    int toldPercent,
    DateTimeOffset changedAt)
{
    public Budget Budget => budget;

    public DateTimeOffset ChangedAt => changedAt;

    /// <summary>How it stands in the database, as far as is known.</summary>
    public BudgetCounts Stored { get; private set; } = new(windowStart, reservedMicros, spentMicros, toldPercent);

    public DateTimeOffset WindowStart { get; private set; } = windowStart;

    public decimal ReservedMicros { get; private set; } = reservedMicros;

    public decimal SpentMicros { get; private set; } = spentMicros;

    public int ToldPercent { get; private set; } = toldPercent;

    public bool IsChanged { get; private set; }

    /// <summary>What was spent in windows that are over, to be added to their rows.</summary>
    public List<(DateTimeOffset WindowStart, decimal Micros)> Past { get; } = [];

    /// <summary>How far it is used in the window that holds an instant. One that is over counts no longer.</summary>
    public BudgetStanding StandingAt(DateTimeOffset at, Period billingPeriod)
    {
        var window = WindowAt(at, billingPeriod);
        return window.Start > WindowStart
            ? new BudgetStanding(budget, window, 0, 0)
            : new BudgetStanding(budget, window, ReservedMicros, SpentMicros);
    }

    /// <summary>Sets money aside in the window that holds an instant.</summary>
    public void Reserve(DateTimeOffset at, Period billingPeriod, long micros)
    {
        var start = WindowAt(at, billingPeriod).Start;
        if (start > WindowStart)
        {
            if (SpentMicros != 0)
            {
                Past.Add((WindowStart, SpentMicros));
            }

            (WindowStart, ReservedMicros, SpentMicros, ToldPercent) = (start, 0, 0, 0);
        }

        ReservedMicros += micros;
        IsChanged = true;
    }

    /// <summary>Gives money back that was set aside in a window; in one that is over nothing counts it any more.</summary>
    public void GiveBack(DateTimeOffset inWindow, long micros)
    {
        if (inWindow == WindowStart)
        {
            ReservedMicros -= micros;
            IsChanged = true;
        }
    }

    /// <summary>Counts what was spent, in the window in which it was set aside.</summary>
    public void Spend(DateTimeOffset inWindow, decimal micros)
    {
        if (inWindow == WindowStart)
        {
            SpentMicros += micros;
            IsChanged = true;
        }
        else if (micros != 0)
        {
            Past.Add((inWindow, micros));
        }
    }

    /// <summary>What changed is in the database now.</summary>
    public void MarkWritten()
    {
        Stored = new BudgetCounts(WindowStart, ReservedMicros, SpentMicros, ToldPercent);
        IsChanged = false;
        Past.Clear();
    }

    /// <summary>When the window that counts ends; null where it never does, or where only the billing period says.</summary>
    public DateTimeOffset? EndsAt => budget.Window.Kind is BudgetWindowKind.Total or BudgetWindowKind.BillingPeriod
        ? null
        : budget.Window.At(WindowStart, budget.StartsAt, default).End;

    /// <summary>The thresholds it has reached and that were not told yet, which are told now.</summary>
    public IReadOnlyList<int> TakeReached()
    {
        var amount = budget.Amount.Micros;
        int[] reached =
        [
            .. budget.ThresholdsPercent.Where(percent =>
                percent > ToldPercent && SpentMicros > 0 && SpentMicros * 100 >= (decimal)amount * percent),
        ];
        if (reached.Length > 0)
        {
            ToldPercent = reached.Max();
        }

        return reached;
    }

    // Replicas' clocks differ: a window that has begun somewhere is not left again.
    private Period WindowAt(DateTimeOffset at, Period billingPeriod)
    {
        var window = budget.Window.At(at, budget.StartsAt, billingPeriod);
        if (window.Start >= WindowStart)
        {
            return window;
        }

        var begun = budget.Window.At(WindowStart, budget.StartsAt, billingPeriod);
        return new Period(WindowStart, begun.End > WindowStart ? begun.End : window.End);
    }
}

/// <summary>What counts in a budget.</summary>
internal readonly record struct BudgetCounts(
    DateTimeOffset WindowStart, decimal ReservedMicros, decimal SpentMicros, int ToldPercent);
