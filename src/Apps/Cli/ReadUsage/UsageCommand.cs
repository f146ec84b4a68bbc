using System.CommandLine;
using System.Globalization;
using Spectre.Console;

namespace Quoin.Cli;

/// <summary><c>quoin usage</c>: what was used, over time.</summary>
internal static class UsageCommand
{
    private static readonly Option<DateTimeOffset?> From = new("--from")
    {
        Description = "The first instant, as 2026-01-31T00:00:00Z. Default: thirty days before --to.",
        HelpName = "INSTANT",
    };

    private static readonly Option<DateTimeOffset?> To = new("--to")
    {
        Description = "The first instant after. Default: now.",
        HelpName = "INSTANT",
    };

    private static readonly Option<string> Window = new("--window")
    {
        Description = "The step: quarter_hour, hour or day, UTC.",
        HelpName = "STEP",
        DefaultValueFactory = _ => "day",
    };

    private static readonly Option<string[]> GroupBy = new("--group-by")
    {
        Description = "A dimension to tell apart; may be given more than once.",
        HelpName = "NAME",
        DefaultValueFactory = _ => ["model"],
    };

    public static Command Create()
    {
        var command = new Command("usage", "Show what was used, by time and dimension.") { From, To, Window, GroupBy };
        command.Subcommands.Add(VerifyUsageCommand.Create());
        command.AddConnection();
        command.SetWork(Show);
        return command;
    }

    private static async Task<int> Show(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var api = new ApiClient(parsed.Connection(), TimeProvider.System);
        var usage = await api.Get<UsageListAnswer>("/v1/usage?" + Query(parsed), cancellationToken);
        var table = OutputTable.Of("from", "meter", "of", "quantity", "events");
        foreach (var point in usage.Data)
        {
            table.AddRow(
                new Text(point.WindowStart.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)),
                new Text(point.Meter),
                new Text(string.Join(", ", point.Dimensions.Values)),
                OutputTable.Right(point.Quantity.ToString("#,0.######", CultureInfo.InvariantCulture)),
                OutputTable.Right(point.EventCount.ToString("n0", CultureInfo.InvariantCulture)));
        }

        OutputTable.Write(table, "Nothing was used in this time.");
        return ExitCodes.Done;
    }

    private static string Query(ParseResult parsed)
    {
        var parts = parsed.GetRequiredValue(GroupBy)
            .Select(name => ("group_by", name))
            .Prepend(("window", parsed.GetRequiredValue(Window)));
        if (parsed.GetValue(From) is { } from)
        {
            parts = parts.Append(("from", Text(from)));
        }

        if (parsed.GetValue(To) is { } to)
        {
            parts = parts.Append(("to", Text(to)));
        }

        return string.Join('&', parts.Select(part => $"{part.Item1}={Uri.EscapeDataString(part.Item2)}"));
    }

    private static string Text(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);
}
