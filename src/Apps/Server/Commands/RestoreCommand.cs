using System.CommandLine;
using Quoin.Platform;
using Quoin.Server.Hosting;

namespace Quoin.Server.Commands;

/// <summary><c>quoin restore FILE</c>: a database as it was when the file was written, brought to this release.</summary>
internal static class RestoreCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "A file written by `quoin backup`." }.AcceptExistingOnly();
        var data = CommandFlow.DataOption();
        var force = new Option<bool>("--force") { Description = "Delete everything the database holds first." };
        var command = new Command(
            "restore",
            "Restore a backup into an empty database, then apply this release's migrations. Stop every host first. "
            + "Accounts and keys work only with the master key of the time of the backup.")
        {
            file, data, force,
        };
        command.SetWork(async (parsed, cancellationToken) =>
        {
            using var logging = LoggerFactory.Create(QuoinHost.ConfigureToolLogging);
            await using var database = await Database.Open(
                HostSettings.FromEnvironment(parsed.GetValue(data)), logging, cancellationToken);
            var outcome = await new DatabaseBackup(database.ConnectionString)
                .Restore(parsed.GetRequiredValue(file).FullName, parsed.GetValue(force), cancellationToken);
            if (outcome is not BackupOutcome.Restored)
            {
                throw new CommandException(outcome.Message);
            }

            var migrated = await database.Migrate(cancellationToken);
            Console.WriteLine($"{outcome.Message} {migrated.Message}");
        });
        return command;
    }
}
