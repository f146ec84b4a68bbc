using System.Globalization;
using System.Text.RegularExpressions;

namespace Quoin.Kernel;

/// <summary>
/// A duration as ISO 8601-1 writes it (section 5.5.2.4): <c>P1Y2M3DT4H5M6S</c> or <c>P2W</c>, whole numbers only. Months
/// and years are the calendar's, so it means something only from an instant on.
/// </summary>
/// <param name="Months">Its years and months, in months.</param>
/// <param name="Rest">Its weeks, days and smaller parts.</param>
public readonly partial record struct CalendarDuration(int Months, TimeSpan Rest)
{
    /// <summary>Reads one; null when it is none, or says nothing.</summary>
    public static CalendarDuration? Read(string text)
    {
        var match = Pattern().Match(text);
        if (!match.Success || text.EndsWith('P') || text.EndsWith('T'))
        {
            return null;
        }

        long Part(string name) => match.Groups[name] is { Success: true } part
            ? long.Parse(part.ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture)
            : 0;

        var days = (Part("weeks") * 7) + Part("days");
        var seconds = (((Part("hours") * 60) + Part("minutes")) * 60) + Part("seconds");
        return new CalendarDuration(
            (int)((Part("years") * 12) + Part("months")), TimeSpan.FromDays(days) + TimeSpan.FromSeconds(seconds));
    }

    /// <summary>The instant so much later; null beyond the end of time.</summary>
    public DateTimeOffset? After(DateTimeOffset instant)
    {
        try
        {
            return instant.AddMonths(Months) + Rest;
        }
        catch (ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    // At most six digits: every part stays far below what its type holds.
    [GeneratedRegex(
        @"^P((?<years>[0-9]{1,6})Y)?((?<months>[0-9]{1,6})M)?((?<weeks>[0-9]{1,6})W)?((?<days>[0-9]{1,6})D)?"
        + @"(T((?<hours>[0-9]{1,6})H)?((?<minutes>[0-9]{1,6})M)?((?<seconds>[0-9]{1,6})S)?)?\z",
        RegexOptions.ExplicitCapture,
        1000)]
    private static partial Regex Pattern();
}
