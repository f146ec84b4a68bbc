using Quoin.Charging;
using Quoin.ConsolePages.Shell;
using Quoin.Platform;

namespace Quoin.ConsolePages;

/// <summary>How a rated line is called, and where it stands.</summary>
public static class LineText
{
    /// <summary>Its dimensions' values, or a word where it has none.</summary>
    public static string Of(RatedLine line)
    {
        var values = line.Dimensions.ToDictionary().Values.ToList();
        return values.Count == 0 ? "All usage" : string.Join(" · ", values);
    }

    /// <summary>The way down to it, for breadcrumbs: from the books where it is posted.</summary>
    public static IReadOnlyList<(string Name, string? Path)> Way(Frame frame, RatedLine line) =>
        line.Transfer is { } transfer && frame.Caller.May(Permission.LedgerRead)
            ? [("Ledger", frame.To(Places.Ledger)), ("Transfer", frame.To(Places.Of(transfer)))]
            : [("Rated lines", frame.To(Places.Lines))];
}
