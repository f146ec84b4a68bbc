using Spectre.Console;

namespace Quoin.Cli;

/// <summary>Tables on the standard output: aligned for a person, one row a line for a program.</summary>
internal static class OutputTable
{
    // Wide enough for every row: a pipe has no width, and a wrapped amount is read wrongly.
    private const int PipeWidth = 200;

    /// <summary>A table with headings.</summary>
    public static Table Of(params string[] headings)
    {
        var table = new Table().Border(TableBorder.Simple);
        foreach (var heading in headings)
        {
            table.AddColumn(new TableColumn(heading).NoWrap());
        }

        return table;
    }

    /// <summary>A number, with its last digit at the right edge.</summary>
    public static Text Right(string text) => new Text(text).RightJustified();

    /// <summary>Writes a table, or a sentence where it has no row.</summary>
    public static void Write(Table table, string whenEmpty)
    {
        if (table.Rows.Count == 0)
        {
            Console.WriteLine(whenEmpty);
            return;
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) });
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = PipeWidth;
        }

        console.Write(table);
    }
}
