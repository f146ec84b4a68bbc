using System.CommandLine;
using System.Globalization;
using Microsoft.AspNetCore.Connections;
using Quoin.Platform;
using Quoin.Server.Hosting;

namespace Quoin.Server.Commands;

/// <summary><c>quoin serve</c>: runs a replica until it is told to stop.</summary>
internal static class ServeCommand
{
    private static readonly Option<string?> Data = CommandFlow.DataOption();

    private static readonly Option<string?> Urls = new("--urls")
    {
        Description = "Addresses to listen on, separated by semicolons. Default: http://localhost:8080.",
        HelpName = "URLS",
    };

    private static readonly Option<int?> Port = new("--port")
    {
        Description = "Short for --urls http://127.0.0.1:PORT; 0 takes any free port.",
        HelpName = "PORT",
    };

    private static readonly Option<bool> Demo = new("--demo")
    {
        Description = "Let simulators of outside services start. They serve test-mode organisations only.",
    };

    private static readonly Option<string> Roles = new("--roles")
    {
        Description = "What this replica runs: any of api, worker and gateway, separated by commas.",
        HelpName = "ROLES",
        DefaultValueFactory = _ => string.Join(',', HostRoles.Names),
    };

    public static Command Create()
    {
        var command = new Command(
            "serve",
            "Run a replica. With QUOIN_DATABASE it works on that PostgreSQL; without, it starts a private one in its data "
            + "folder. Any number of replicas share one database; any of them may be stopped at any time.")
        {
            Urls, Port, Data, Demo, Roles,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(Urls) is not null && result.GetValue(Port) is not null)
            {
                result.AddError("Give --urls or --port, not both.");
            }

            // An option left out has its default only after validation.
            if (result.GetValue(Roles) is { } roles && HostRoles.Parse(roles) is null)
            {
                result.AddError($"--roles takes any of {string.Join(", ", HostRoles.Names)}, separated by commas.");
            }
        });
        command.SetWork((parsed, cancellationToken) => Serve(SettingsOf(parsed), cancellationToken));
        return command;
    }

    private static HostSettings SettingsOf(ParseResult parsed)
    {
        var settings = HostSettings.FromEnvironment(parsed.GetValue(Data), parsed.GetValue(Demo)) with
        {
            Demo = parsed.GetValue(Demo),
            Roles = HostRoles.Parse(parsed.GetValue(Roles)!)!,
        };
        if (parsed.GetValue(Port) is { } port)
        {
            return settings with { Urls = [string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")] };
        }

        return parsed.GetValue(Urls) is { } urls
            ? settings with { Urls = urls.Split(';', StringSplitOptions.RemoveEmptyEntries) }
            : settings;
    }

    private static async Task Serve(HostSettings settings, CancellationToken cancellationToken)
    {
        using var logging = LoggerFactory.Create(QuoinHost.ConfigureLogging);
        await using var database = await Database.Open(settings, logging, cancellationToken);
        await database.Migrate(cancellationToken);
        await using var payments = await DemoPayments.Start(settings, cancellationToken);
        await using var app = QuoinHost.Build(payments?.Configure(settings) ?? settings, database.ConnectionString);
        try
        {
            await app.StartAsync(cancellationToken);
        }
        catch (IOException failure) when (failure.InnerException is AddressInUseException)
        {
            throw new CommandException(
                $"{string.Join(" ", settings.Urls)} is taken by another program. Choose another address with --port or --urls.",
                failure);
        }

        if (payments is not null)
        {
            await payments.Tell(app.Urls.First(), cancellationToken);
            Log.Simulating(app.Logger, payments.Address);
        }

        Log.Listening(app.Logger, string.Join(" ", app.Urls));
        await app.WaitForShutdownAsync(cancellationToken);
    }
}
