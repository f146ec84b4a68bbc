using System.CommandLine;
using Quoin.Kernel;
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
            catch (Exception failure) when (failure is CommandException or MigrationFailedException or MasterKeyException)
            {
                await Console.Error.WriteLineAsync($"quoin: {failure.Message}");
                return 1;
            }
        });

    /// <summary>Runs a command's work with the services of a replica that takes no requests, on the migrated database.</summary>
    public static void SetWorkOnServices(
        this Command command, Func<IServiceProvider, ParseResult, CancellationToken, Task> work)
    {
        var data = DataOption();
        command.Options.Add(data);
        command.SetWork(async (parsed, cancellationToken) =>
        {
            var settings = HostSettings.FromEnvironment(parsed.GetValue(data));
            await OnServices(settings, services => work(services, parsed, cancellationToken), cancellationToken);
        });
    }

    /// <summary>Does something with the services of a replica that takes no requests, then lets go of the database.</summary>
    public static async Task OnServices(
        HostSettings settings, Func<IServiceProvider, Task> work, CancellationToken cancellationToken)
    {
        using var logging = LoggerFactory.Create(LogErrorsAside);
        await using var database = await Database.Open(settings, logging, cancellationToken);
        await database.Migrate(cancellationToken);
        await using var app = QuoinHost.Build(settings, database.ConnectionString);
        await work(app.Services);
    }

    // What such a command prints is its answer, which scripts read.
    private static void LogErrorsAside(ILoggingBuilder logging) => logging
        .SetMinimumLevel(LogLevel.Warning)
        .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);

    /// <summary>Reads an id a person gave; null when they gave none.</summary>
    /// <exception cref="CommandException">It is no id of this kind.</exception>
    public static TId? ReadId<TId>(string? text)
        where TId : struct, IId<TId>
    {
        if (text is null)
        {
            return null;
        }

        return Id.TryParse<TId>(text, out var id)
            ? id
            : throw new CommandException($"'{text}' is no {TId.Prefix}_… id.");
    }
}
