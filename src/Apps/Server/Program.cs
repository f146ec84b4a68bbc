using System.CommandLine;
using Quoin.Cli;
using Quoin.Server.Commands;

var root = new RootCommand("Quoin: an open platform to run AI as a business, billed to the micro.")
{
    ServeCommand.Create(),
    MigrateCommand.Create(),
    AdminCommand.Create(),
    LedgerCommand.Create(),
    BackupCommand.Create(),
    RestoreCommand.Create(),
    DemoCommand.Create(),
};
foreach (var command in CliCommands.All())
{
    root.Subcommands.Add(command);
}

// A stopping host gets this long to finish requests and to leave its database tidy.
var configuration = new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) };
return await root.Parse(args).InvokeAsync(configuration);
