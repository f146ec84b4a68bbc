namespace Quoin.ConsolePages.Overview;

/// <summary>
/// Where things lie in a chart of columns, in CSS pixels. The drawing itself is Radzen's; it is made on the server, for
/// the width the reader's browser told, so that it is there with the page and needs no script.
/// </summary>
/// <param name="Width">The place there is.</param>
/// <param name="Count">Columns.</param>
public readonly record struct ChartGeometry(int Width, int Count)
{
    /// <summary>The place of the value axis' labels.</summary>
    public const int Axis = 48;

    /// <summary>Above the plot, a part of Radzen's drawing that nothing stands in.</summary>
    public const int Head = 32;

    /// <summary>The plot's height.</summary>
    public const int PlotHeight = 196;

    /// <summary>Below the plot: the labels of time.</summary>
    public const int Foot = 32;

    // Radzen keeps as much free at the right as above; the drawing is made that much wider and cut off.
    private const int RightMargin = 32;
    private const double ColumnShare = 0.72;
    private const double NarrowColumnShare = 0.88;
    private const double NarrowStep = 5;
    private const double ColumnWidthMax = 26;

    /// <summary>The width of Radzen's drawing.</summary>
    public int DrawingWidth => Width + RightMargin;

    /// <summary>The height of Radzen's drawing.</summary>
    public static int DrawingHeight => Head + PlotHeight + Foot;

    /// <summary>From one column's middle to the next one's.</summary>
    public double Step => (double)(Width - Axis) / Count;

    /// <summary>A column's width.</summary>
    public double ColumnWidth => Math.Min(Step * (Step < NarrowStep ? NarrowColumnShare : ColumnShare), ColumnWidthMax);

    /// <summary>A column's middle, from the chart's left edge.</summary>
    public double MiddleOf(int column) => Axis + ((column + 0.5) * Step);
}
