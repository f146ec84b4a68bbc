using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Notifications;
using Quoin.Pricing;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Apps.Cli;

/// <summary>Two replicas of the whole host on one database, with prices for two models.</summary>
public sealed class TwoReplicas : IAsyncLifetime
{
    /// <summary>US dollars for a million input and output tokens.</summary>
    public static readonly IReadOnlyDictionary<string, (decimal Input, decimal Output)> Prices =
        new Dictionary<string, (decimal, decimal)> { ["gpt-4o"] = (2.50m, 10.00m), ["gpt-4o-mini"] = (0.15m, 0.60m) };

    private readonly List<TestHost> replicas = [];

    /// <summary>The database they share.</summary>
    public TestDatabase Database { get; } = new();

    /// <summary>Where they listen.</summary>
    public IReadOnlyList<string> Urls => [.. replicas.Select(replica => replica.Address.ToString())];

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        await Database.InitializeAsync();
        replicas.Add(await TestHost.Start(Database));
        replicas.Add(await TestHost.Start(Database));
        await replicas[0].PublishPrices(
        [
            .. Prices.SelectMany(price => new NewPrice[]
            {
                new("llm.input_tokens", Dimensions.Of("model", price.Key), price.Value.Input, 1_000_000, null),
                new("llm.output_tokens", Dimensions.Of("model", price.Key), price.Value.Output, 1_000_000, null),
            }),
        ]);
    }

    /// <summary>A service of the first replica.</summary>
    public T Get<T>()
        where T : notnull => replicas[0].Get<T>();

    /// <summary>A new organisation and a key of it.</summary>
    public async Task<(OrgId Org, string Key)> NewOrganisation()
    {
        var organisation = await replicas[0].CreateOrganisation();
        return (organisation.Id, organisation.Key);
    }

    /// <summary>A key of the operator.</summary>
    public async Task<string> NewOperatorKey()
    {
        var key = await replicas[0].Get<Keys>()
            .CreateForOperator(new NewOperatorKey("test", [OperatorRole.Admin]), "test", CancellationToken.None);
        return key.ShouldBeOfType<CreateKeyOutcome.Created>().Key.Secret;
    }

    /// <summary>Makes an operator and a link that signs them in, once.</summary>
    /// <returns>Its path and query.</returns>
    public async Task<string> NewSignInLink()
    {
        const string email = "op@example.com";
        var operators = replicas[0].Get<Operators>();
        await operators.Create(email, [OperatorRole.Admin], "test", CancellationToken.None);
        var link = await operators.CreateSignInLink(email, "test", CancellationToken.None);
        return link.ShouldBeOfType<CreateSignInLinkOutcome.Created>().Path;
    }

    /// <summary>The link in the newest mail with a subject to an address, once it has been written.</summary>
    /// <param name="address">To whom.</param>
    /// <param name="subject">The subject, or how it begins.</param>
    /// <param name="isWhole">Whether it is the whole subject.</param>
    public async Task<string> LinkMailedTo(string address, string subject, bool isWhole = true)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var mails = await replicas[0].Get<MailOutbox>().Latest(patience.Token);
            if (mails.FirstOrDefault(mail => mail.To == address
                && (isWhole ? mail.Subject == subject : mail.Subject.StartsWith(subject, StringComparison.Ordinal)))?.Text is { } text)
            {
                return text.Split('\n').First(line => line.StartsWith("http", StringComparison.Ordinal));
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);
        }
    }

    /// <summary>Runs <c>quoin</c> with a key against both replicas.</summary>
    public Task<(int ExitCode, string Output)> Quoin(string key, params string[] arguments) => QuoinProcess.Run(
        [.. arguments, .. Urls.SelectMany(url => new[] { "--url", url })], new() { ["QUOIN_KEY"] = key });

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        foreach (var replica in replicas)
        {
            await replica.DisposeAsync();
        }

        await Database.DisposeAsync();
    }
}
