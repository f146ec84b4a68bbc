using System.CommandLine;

namespace Quoin.Cli;

/// <summary>The command line's table of contents: the commands that are a client of the public API.</summary>
public static class CliCommands
{
    /// <summary>All of them, for the program to add beside its server-side ones.</summary>
    public static IEnumerable<Command> All() =>
    [
        LoginCommand.Create(),
        LogoutCommand.Create(),
        OrgCommand.Create(),
        KeysCommand.Create(),
        ReplayCommand.Create(),
        TraceCommand.Create(),
        EventsCommand.Create(),
        BalanceCommand.Create(),
        UsageCommand.Create(),
        PricesCommand.Create(),
        ClockCommand.Create(),
    ];
}
