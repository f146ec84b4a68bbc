using System.Globalization;

namespace Quoin.ConsolePages.Overview;

/// <summary>One colour of a chart.</summary>
/// <param name="Name">What it stands for.</param>
/// <param name="Color">Its place among the colours; null for the one that stands for all others.</param>
/// <param name="Values">Its height, step by step.</param>
/// <param name="Texts">The same in words, exact.</param>
public sealed record ChartSeries(string Name, int? Color, double[] Values, string[] Texts)
{
    /// <summary>The colour, as the style sheet has it.</summary>
    public string Fill => Color is { } place
        ? string.Create(CultureInfo.InvariantCulture, $"var(--series-{place})")
        : "var(--series-rest)";
}

/// <summary>One bar of a series.</summary>
/// <param name="Step">Which step it stands for, from zero.</param>
/// <param name="Value">How high it is.</param>
public sealed record ChartBar(double Step, double Value);
