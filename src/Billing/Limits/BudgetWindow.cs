using System.Globalization;
using Quoin.Kernel;
using Quoin.Pricing;

namespace Quoin.Limiting;

/// <summary>What kind of window a budget has.</summary>
public enum BudgetWindowKind
{
    /// <summary>The calendar day, UTC.</summary>
    Day,

    /// <summary>The week from Monday, UTC.</summary>
    Week,

    /// <summary>The calendar month, UTC.</summary>
    Month,

    /// <summary>The calendar year, UTC.</summary>
    Year,

    /// <summary>The organisation's billing period.</summary>
    BillingPeriod,

    /// <summary>All time.</summary>
    Total,

    /// <summary>A fixed length, again and again from the budget's start on.</summary>
    Every,
}

/// <summary>In which spans of time a budget counts.</summary>
/// <param name="Kind">What kind.</param>
/// <param name="Length">How long, of <see cref="BudgetWindowKind.Every"/>; null of all others.</param>
public sealed record BudgetWindow(BudgetWindowKind Kind, TimeSpan? Length = null)
{
    /// <summary>All time.</summary>
    public static readonly BudgetWindow Total = new(BudgetWindowKind.Total);

    /// <summary>The calendar month.</summary>
    public static readonly BudgetWindow Month = new(BudgetWindowKind.Month);

    /// <summary>A fixed length, again and again.</summary>
    public static BudgetWindow Every(TimeSpan length) => new(BudgetWindowKind.Every, length);

    /// <summary>
    /// The text of a window: <c>day</c>, <c>week</c>, <c>month</c>, <c>year</c>, <c>billing_period</c>, <c>total</c>, or a
    /// number with <c>s</c>, <c>m</c>, <c>h</c> or <c>d</c>, such as <c>30d</c>.
    /// </summary>
    public override string ToString() => Kind switch
    {
        BudgetWindowKind.BillingPeriod => "billing_period",
        BudgetWindowKind.Every => LengthText(Length!.Value),
        _ => Kind.ToString().ToLowerInvariant(),
    };

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    /// <returns>Null where the text is no window, or a length out of bounds.</returns>
    public static BudgetWindow? Parse(string text)
    {
        foreach (var kind in Enum.GetValues<BudgetWindowKind>())
        {
            var window = new BudgetWindow(kind);
            if (kind != BudgetWindowKind.Every && window.ToString() == text)
            {
                return window;
            }
        }

        if (text.Length < 2 || !int.TryParse(text.AsSpan(..^1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
        {
            return null;
        }

        var unit = text[^1] switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            'd' => TimeSpan.FromDays(1),
            _ => TimeSpan.Zero,
        };
        return unit > TimeSpan.Zero
            && count <= Limits.BudgetWindowLongest / unit
            && count * unit is var length
            && length >= Limits.BudgetWindowShortest
                ? Every(length)
                : null;
    }

    /// <summary>The window that holds an instant.</summary>
    /// <param name="at">The instant, by the organisation's clock.</param>
    /// <param name="startsAt">Where windows of a fixed length begin.</param>
    /// <param name="billingPeriod">The organisation's billing period at that instant.</param>
    public Period At(DateTimeOffset at, DateTimeOffset startsAt, Period billingPeriod) => Kind switch
    {
        BudgetWindowKind.Day => LimitWindows.Of(QuotaInterval.Day, at, billingPeriod),
        BudgetWindowKind.Week => LimitWindows.Of(QuotaInterval.Week, at, billingPeriod),
        BudgetWindowKind.Month => LimitWindows.Of(QuotaInterval.Month, at, billingPeriod),
        BudgetWindowKind.Year => LimitWindows.Of(QuotaInterval.Year, at, billingPeriod),
        BudgetWindowKind.BillingPeriod => billingPeriod,
        BudgetWindowKind.Total => LimitWindows.Standing,
        _ => Repeated(at, startsAt, Length!.Value),
    };

    private static Period Repeated(DateTimeOffset at, DateTimeOffset startsAt, TimeSpan length)
    {
        var turns = (at - startsAt).Ticks / length.Ticks;
        var start = startsAt + (Math.Max(0, turns) * length);
        return new Period(start, start + length);
    }

    private static string LengthText(TimeSpan length)
    {
        var seconds = (long)length.TotalSeconds;
        var (count, unit) = seconds switch
        {
            _ when seconds % 86_400 == 0 => (seconds / 86_400, 'd'),
            _ when seconds % 3_600 == 0 => (seconds / 3_600, 'h'),
            _ when seconds % 60 == 0 => (seconds / 60, 'm'),
            _ => (seconds, 's'),
        };
        return string.Create(CultureInfo.InvariantCulture, $"{count}{unit}");
    }
}
