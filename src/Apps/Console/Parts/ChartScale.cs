using System.Globalization;

namespace Quoin.ConsolePages.Parts;

/// <summary>A value axis from zero up, marked in steps of one, two or five.</summary>
/// <param name="Top">The value at its upper end.</param>
/// <param name="Step">From one mark to the next.</param>
public readonly record struct ChartScale(double Top, double Step)
{
    private const int MarksMost = 5;

    /// <summary>The marks, from zero.</summary>
    public IEnumerable<double> Marks
    {
        get
        {
            var (top, step) = (Top, Step);
            return Enumerable.Range(0, (int)Math.Round(top / step) + 1).Select(mark => mark * step);
        }
    }

    /// <summary>An axis that holds a value; of nothing, one from zero to one.</summary>
    public static ChartScale Of(double highest)
    {
        if (highest <= 0)
        {
            return new ChartScale(1, 1);
        }

        var power = Math.Pow(10, Math.Floor(Math.Log10(highest / MarksMost)));
        var step = new[] { power, 2 * power, 5 * power, 10 * power }.First(one => highest / one <= MarksMost);
        return new ChartScale(Math.Ceiling(highest / step) * step, step);
    }

    /// <summary>How high a value stands: from 0 to 100, for styles and drawings.</summary>
    public string Percent(double value) =>
        (Math.Clamp(value / Top, 0, 1) * 100).ToString("0.###", CultureInfo.InvariantCulture);
}
