using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Notifications;
using Quoin.Platform;
using Quoin.Pricing;
using Quoin.Server.Hosting;

namespace Quoin.Tests.Support;

/// <summary>One replica of Quoin inside the test process: the whole program on a real socket and a real database.</summary>
public sealed class TestHost : IAsyncDisposable
{
    /// <summary>All replicas of a test share their master key, as all replicas of a deployment do.</summary>
    public static readonly string MasterKey = Convert.ToBase64String(Enumerable.Range(0, 32).Select(index => (byte)index).ToArray());

    private readonly WebApplication app;

    private TestHost(WebApplication app) => this.app = app;

    /// <summary>Whence its clients come.</summary>
    public System.Net.IPAddress Visitor => Visitors.Of(Get<TimeProvider>());

    /// <summary>Where it listens.</summary>
    public Uri Address => new(app.Urls.First());

    /// <summary>One of its services.</summary>
    public T Get<T>()
        where T : notnull => app.Services.GetRequiredService<T>();

    /// <summary>Starts a replica on a database.</summary>
    /// <param name="database">The database; replicas may share it.</param>
    /// <param name="roles">What it runs; everything where it is left out.</param>
    /// <param name="clock">Its system clock; the real one where it is left out.</param>
    /// <param name="notifications">How it tells organisations; by nothing but public webhooks where it is left out.</param>
    /// <param name="configure">Changes registrations of modules' seams.</param>
    /// <param name="port">Where it listens; on any free port where it is left out.</param>
    /// <param name="trustedProxies">Networks whose word on a visitor's address is believed; none where it is left out.</param>
    public static async Task<TestHost> Start(
        TestDatabase database,
        string? roles = null,
        TimeProvider? clock = null,
        NotificationOptions? notifications = null,
        Action<IServiceCollection>? configure = null,
        int port = 0,
        IReadOnlyList<System.Net.IPNetwork>? trustedProxies = null)
    {
        var settings = new HostSettings
        {
            DataFolder = Path.GetTempPath(),
            Database = database.ConnectionString,
            Urls = [$"http://127.0.0.1:{port}"],
            MasterKey = MasterKey,
            Roles = roles is null ? HostRoles.All : HostRoles.Parse(roles)!,
            Notifications = notifications ?? new NotificationOptions(),
            Accounts = new AccountsOptions { SignUp = SignUpPolicy.Open },
            TrustedProxies = trustedProxies ?? [],
        };
        var app = QuoinHost.Build(settings, database.ConnectionString, services =>
        {
            if (clock is not null)
            {
                services.Replace(ServiceDescriptor.Singleton(clock));
            }

            configure?.Invoke(services);
        });
        await app.StartAsync();
        return new TestHost(app);
    }

    /// <summary>A new organisation, in test mode where nothing else is said, with a client that holds a key of it.</summary>
    public async Task<TestOrganisation> CreateOrganisation(
        Settlement settlement = Settlement.Postpaid, OrganisationMode mode = OrganisationMode.Test)
    {
        var created = await Get<Organisations>().Create(
            new NewOrganisation("Acme", mode, Settlement: settlement), "test", CancellationToken.None);
        var profile = ((CreateOrganisationOutcome.Created)created).Organisation;
        var key = await Get<Keys>().CreateForOrganisation(profile.Id, new NewKey("test"), "test", CancellationToken.None);
        return new TestOrganisation(profile, ((CreateKeyOutcome.Created)key).Key.Secret);
    }

    /// <summary>A client of this replica that sends a key.</summary>
    public HttpClient Client(string? key)
    {
        var client = new HttpClient(Visitors.From(Visitor)) { BaseAddress = Address };
        if (key is not null)
        {
            client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }

        return client;
    }

    /// <summary>A client that holds an operator key with every role.</summary>
    public async Task<HttpClient> OperatorClient()
    {
        var created = await Get<Keys>().CreateForOperator(
            new NewOperatorKey("test", [OperatorRole.Admin]), "test", CancellationToken.None);
        return Client(((CreateKeyOutcome.Created)created).Key.Secret);
    }

    /// <summary>Publishes prices in the default dollar book: two dollars fifty in, ten out, a million tokens of gpt-4o.</summary>
    public Task PublishUsualPrices() => PublishPrices(
        new NewPrice("llm.input_tokens", Dimensions.Of("model", "gpt-4o"), 2.50m, 1_000_000, null),
        new NewPrice("llm.output_tokens", Dimensions.Of("model", "gpt-4o"), 10m, 1_000_000, null));

    /// <summary>Publishes prices in the default dollar book, which is made on first use.</summary>
    public async Task PublishPrices(params NewPrice[] prices)
    {
        var books = Get<PriceBooks>();
        var book = (await books.Books(CancellationToken.None)).FirstOrDefault()
            ?? ((CreateBookOutcome.Created)await books.Create("Test", Currency.Usd, true, "test", CancellationToken.None)).Book;
        var outcome = await books.Publish(book.Id, prices, "test", CancellationToken.None);
        if (outcome is not PublishOutcome.Published)
        {
            throw new InvalidOperationException($"Publishing ended as {outcome}.");
        }
    }

    /// <summary>Rates all that waits, on this thread: for replicas without the worker role.</summary>
    public Task RateAll() => Get<Pumps>().RunUntilIdle(Metering.Metering.UnratedChannel, CancellationToken.None);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await app.StopAsync();
        await app.DisposeAsync();
    }
}

/// <summary>An organisation of a test, and the secret of its key.</summary>
/// <param name="Profile">The organisation.</param>
/// <param name="Key">Its key's secret.</param>
public sealed record TestOrganisation(OrganisationProfile Profile, string Key)
{
    /// <summary>Its id.</summary>
    public OrgId Id => Profile.Id;

    /// <summary>Its default billing account.</summary>
    public BillingAccountId BillingAccount => Profile.DefaultBillingAccount.Id;
}
