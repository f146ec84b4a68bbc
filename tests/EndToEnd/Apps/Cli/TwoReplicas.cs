using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Pricing;
using Quoin.Server.Hosting;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Apps.Cli;

/// <summary>Two replicas of the whole host on one database, with prices for two models.</summary>
public sealed class TwoReplicas : IAsyncLifetime
{
    /// <summary>US dollars for a million input and output tokens.</summary>
    public static readonly IReadOnlyDictionary<string, (decimal Input, decimal Output)> Prices =
        new Dictionary<string, (decimal, decimal)> { ["gpt-4o"] = (2.50m, 10.00m), ["gpt-4o-mini"] = (0.15m, 0.60m) };

    private readonly List<WebApplication> replicas = [];
    private string folder = string.Empty;

    /// <summary>The database they share.</summary>
    public TestDatabase Database { get; } = new();

    /// <summary>Where they listen.</summary>
    public IReadOnlyList<string> Urls => [.. replicas.Select(replica => replica.Urls.Single())];

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        await Database.InitializeAsync();
        folder = Directory.CreateTempSubdirectory("quoin-test-").FullName;
        var settings = new HostSettings
        {
            DataFolder = folder,
            MasterKey = Convert.ToBase64String(new byte[32]),
            Urls = ["http://127.0.0.1:0"],
        };
        for (var count = 0; count < 2; count++)
        {
            var replica = QuoinHost.Build(
                settings, Database.ConnectionString, services => services.AddLogging(logging => logging.ClearProviders()));
            await replica.StartAsync();
            replicas.Add(replica);
        }

        await PublishPrices(replicas[0].Services.GetRequiredService<PriceBooks>());
    }

    /// <summary>A new organisation and a key of it.</summary>
    public async Task<(OrgId Org, string Key)> NewOrganisation()
    {
        var services = replicas[0].Services;
        var created = await services.GetRequiredService<Organisations>()
            .Create(new NewOrganisation("Replayed", OrganisationMode.Test), "system", default);
        var org = created.ShouldBeOfType<CreateOrganisationOutcome.Created>().Organisation.Id;
        var key = await services.GetRequiredService<Keys>().CreateForOrganisation(org, new NewKey("Test"), "system", default);
        return (org, key.ShouldBeOfType<CreateKeyOutcome.Created>().Key.Secret);
    }

    /// <summary>A key of the operator.</summary>
    public async Task<string> NewOperatorKey()
    {
        var key = await replicas[0].Services.GetRequiredService<Keys>()
            .CreateForOperator(new NewOperatorKey("Test", [OperatorRole.Admin]), "system", default);
        return key.ShouldBeOfType<CreateKeyOutcome.Created>().Key.Secret;
    }

    /// <summary>Runs <c>quoin</c> with a key against both replicas.</summary>
    public Task<(int ExitCode, string Output)> Quoin(string key, params string[] arguments) => QuoinProcess.Run(
        [.. arguments, .. Urls.SelectMany(url => new[] { "--url", url })], new() { ["QUOIN_KEY"] = key });

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        foreach (var replica in replicas)
        {
            await replica.StopAsync();
            await replica.DisposeAsync();
        }

        await Database.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private static async Task PublishPrices(PriceBooks books)
    {
        var book = (await books.Create("Test", Currency.Usd, isDefault: true, "system", default))
            .ShouldBeOfType<CreateBookOutcome.Created>().Book.Id;
        NewPrice[] prices =
        [
            .. Prices.SelectMany(price => new NewPrice[]
            {
                new("llm.input_tokens", Dimensions.Of("model", price.Key), price.Value.Input, 1_000_000, null),
                new("llm.output_tokens", Dimensions.Of("model", price.Key), price.Value.Output, 1_000_000, null),
            }),
        ];
        (await books.Publish(book, prices, "system", default)).ShouldBeOfType<PublishOutcome.Published>();
    }
}
