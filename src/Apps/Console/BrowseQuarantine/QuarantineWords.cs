using Quoin.Kernel;

namespace Quoin.ConsolePages.BrowseQuarantine;

/// <summary>Why usage cannot be rated, and what to do about it, for people.</summary>
public static class QuarantineWords
{
    /// <summary>A reason's name.</summary>
    public static string Title(string reason) => reason switch
    {
        "no_price" => "No price matches",
        "overflow" => "It comes to more than can be",
        "failed" => "Rating it broke",
        _ => "It cannot be rated",
    };

    /// <summary>What to do about it.</summary>
    public static string ToDo(string reason, bool isOperator) => (reason, isOperator) switch
    {
        ("no_price", true) => "Publish a price that matches its meter and dimensions; it is then rated on its own.",
        ("no_price", false) => "Whoever runs this Quoin has to publish a price for it.",
        ("overflow", true) => "A price or a quantity is out of any proportion. Look at the events: "
            + "void the wrong ones, or correct the price from now on.",
        ("overflow", false) => "A quantity is out of any proportion. Look at the events you sent.",
        (_, true) => "The host's log names the cause by the type below. When it is put right, rate it again.",
        (_, false) => "Whoever runs this Quoin has to put it right; the cause is in the log.",
    };

    /// <summary>Dimensions in one line.</summary>
    public static string Of(Dimensions dimensions) =>
        dimensions.ToDictionary() is { Count: > 0 } values
            ? string.Join(", ", values.Select(pair => $"{pair.Key} = {pair.Value}"))
            : "no dimensions";
}
