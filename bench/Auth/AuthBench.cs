using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Quoin.Accounts;
using Quoin.Bench.Ingest;
using Quoin.Platform;
using Quoin.Server.Hosting;

namespace Quoin.Bench.Auth;

/// <summary>
/// What a key costs a request on a warm host: the same answer from an endpoint for anyone and from one that asks for a
/// permission, request by request in turn over one kept connection. With it come the organisation's rate and the key's
/// last use.
/// </summary>
internal sealed class AuthBench(BenchOptions options)
{
    private const int WarmUpSeconds = 3;

    public async Task Run(CancellationToken cancellationToken)
    {
        await using var cluster = await BenchCluster.Start(cancellationToken);
        var database = await cluster.CreateDatabase();
        await using var app = Host(database, cluster.Folder);
        await app.StartAsync(cancellationToken);
        var key = await Key(app.Services, cancellationToken);
        var address = new Uri(app.Urls.First());
        var (open, guarded) = (Request(address, "/bench/open", null), Request(address, "/bench/guarded", key));
        using var connection = await LoadConnection.Open(address, cancellationToken);
        await Measure(connection, open, guarded, WarmUpSeconds, cancellationToken);
        var rounds = new List<(double Added50, double Added99, double Open50)>();
        for (var number = 1; number <= options.Rounds; number++)
        {
            var (without, with) = await Measure(connection, open, guarded, options.Seconds, cancellationToken);
            var (open50, open99) = (Figures.Percentile(without, 0.50), Figures.Percentile(without, 0.99));
            rounds.Add((Figures.Percentile(with, 0.50) - open50, Figures.Percentile(with, 0.99) - open99, open50));
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"round {number}: {with.Count} pairs, anyone {open50:0.0} us, "
                + $"added {rounds[^1].Added50:0.0} us (p99 {rounds[^1].Added99:0.0})"));
        }

        Figures.Print("auth.open_p50_us", Figures.Median(rounds.Select(round => round.Open50)));
        Figures.Print("auth.key_p50_us", Figures.Median(rounds.Select(round => round.Added50)));
        Figures.Print("auth.key_p99_us", Figures.Median(rounds.Select(round => round.Added99)));
        await app.StopAsync(cancellationToken);
    }

    private static WebApplication Host(string database, string folder)
    {
        var settings = new HostSettings
        {
            DataFolder = folder,
            Database = database,
            Urls = ["http://127.0.0.1:0"],
            Roles = HostRoles.Parse("api")!,
        };
        var app = QuoinHost.Build(settings, database, services => services.AddLogging(logging => logging.ClearProviders()));
        app.MapGet("/bench/open", Answer).AllowsAnyone();
        app.MapGet("/bench/guarded", Answer).Requires(Permission.UsageRead);
        return app;
    }

    private static IResult Answer() => TypedResults.Text("ok");

    private static async Task<string> Key(IServiceProvider services, CancellationToken cancellationToken)
    {
        var made = await services.GetRequiredService<Organisations>().Create(
            new NewOrganisation("Bench", OrganisationMode.Test), "bench", cancellationToken);
        var org = ((CreateOrganisationOutcome.Created)made).Organisation.Id;
        var created = await services.GetRequiredService<Keys>().CreateForOrganisation(
            org, new NewKey("bench"), "bench", cancellationToken);
        return ((CreateKeyOutcome.Created)created).Key.Secret;
    }

    private static byte[] Request(Uri address, string path, string? key) => Encoding.ASCII.GetBytes(
        $"GET {path} HTTP/1.1\r\nHost: {address.Authority}\r\n{(key is null ? "" : $"Authorization: Bearer {key}\r\n")}\r\n");

    private static async Task<(List<double> Open, List<double> Guarded)> Measure(
        LoadConnection connection, byte[] open, byte[] guarded, int seconds, CancellationToken cancellationToken)
    {
        var (without, with) = (new List<double>(), new List<double>());
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed.TotalSeconds < seconds)
        {
            without.Add(await Timed(connection, open, cancellationToken));
            with.Add(await Timed(connection, guarded, cancellationToken));
        }

        return (without, with);
    }

    private static async Task<double> Timed(LoadConnection connection, byte[] request, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        var status = await connection.Send(request, cancellationToken);
        var micros = Stopwatch.GetElapsedTime(started).TotalMicroseconds;
        return status == 200 ? micros : throw new InvalidOperationException($"The host answered {status}.");
    }
}
