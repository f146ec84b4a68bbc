using System.CommandLine;
using Quoin.Platform;
using Quoin.Server.Hosting;

namespace Quoin.Server.Commands;

/// <summary>What the server-side commands share: the data folder's option, and how a failure is told.</summary>
internal static class CommandFlow
{
    /// <summary>The option <c>--data</c>.</summary>
    public static Option<string?> DataOption() => new("--data")
    {
        Description = "Folder of the embedded PostgreSQL and its secrets. Default: QUOIN_DATA, else "
            + "/var/lib/quoin/default for root and ~/.local/share/quoin/default for others. Unused with QUOIN_DATABASE.",
        HelpName = "FOLDER",
    };

    /// <summary>Runs a command's work; a failure its user can act on becomes one line and exit code 1.</summary>
    public static void SetWork(this Command command, Func<ParseResult, CancellationToken, Task> work) =>
        command.SetAction(async (parsed, cancellationToken) =>
        {
            try
            {
                await work(parsed, cancellationToken);
                return 0;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return 130;
            }
            catch (Exception failure) when (failure is CommandException or MigrationFailedException)
            {
                await Console.Error.WriteLineAsync($"quoin: {failure.Message}");
                return 1;
            }
        });
}
