using System.CommandLine;
using Quoin.Platform;
using Quoin.Server.Hosting;

namespace Quoin.Server.Commands;

/// <summary><c>quoin backup FILE</c>: one consistent file of everything in the database.</summary>
internal static class BackupCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "Where to write the backup." };
        var data = CommandFlow.DataOption();
        var command = new Command(
            "backup",
            "Write everything in the database to one file, in PostgreSQL's custom format. Hosts may keep running; the file "
            + "shows one instant. The master key is not in it.")
        {
            file, data,
        };
        command.SetWork(async (parsed, cancellationToken) =>
        {
            using var logging = LoggerFactory.Create(QuoinHost.ConfigureToolLogging);
            await using var database = await Database.Open(
                HostSettings.FromEnvironment(parsed.GetValue(data)), logging, cancellationToken);
            var outcome = await new DatabaseBackup(database.ConnectionString)
                .Write(parsed.GetRequiredValue(file).FullName, cancellationToken);
            Console.WriteLine(outcome is BackupOutcome.Written ? outcome.Message : throw new CommandException(outcome.Message));
        });
        return command;
    }
}
