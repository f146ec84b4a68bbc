using System.CommandLine;
using Quoin.Server.Hosting;

namespace Quoin.Server.Commands;

/// <summary><c>quoin migrate</c>: brings the database to this release's state and ends.</summary>
internal static class MigrateCommand
{
    public static Command Create()
    {
        var data = CommandFlow.DataOption();
        var command = new Command(
            "migrate",
            "Apply this release's migrations and end. `quoin serve` does the same as it starts; run this first where "
            + "the host may not change tables. Safe to run at any time and by many at once.")
        {
            data,
        };
        command.SetWork(async (parsed, cancellationToken) =>
        {
            using var logging = LoggerFactory.Create(QuoinHost.ConfigureToolLogging);
            await using var database = await Database.Open(
                HostSettings.FromEnvironment(parsed.GetValue(data)), logging, cancellationToken);
            var outcome = await database.Migrate(cancellationToken);
            Console.WriteLine(outcome.Message);
        });
        return command;
    }
}
