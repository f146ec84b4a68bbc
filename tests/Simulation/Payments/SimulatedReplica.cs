using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Limiting;
using Quoin.Metering;
using Quoin.Payments;
using Quoin.Payments.Stripe;
using Quoin.Platform;
using Quoin.Pricing;
using Quoin.Tests.Support;

namespace Quoin.Tests.Simulation.Payments;

/// <summary>One replica of payments, from its start to its death: real services, a real adapter, ids and chance of a seed.</summary>
internal sealed class SimulatedReplica : IAsyncDisposable
{
    private readonly TestReplica services;
    private readonly StripeProvider stripe;

    private SimulatedReplica(string name, int seed, PaymentsDatabase database, SimulatedClock clock, Uri address)
    {
        Name = name;
        var settings = new StripeSettings
        {
            SecretKey = SimulatorFixture.SecretKey,
            WebhookSecrets = [SimulatorFixture.WebhookSecret],
            Address = address,
            RetryDelay = TimeSpan.FromMilliseconds(1),
        };
        stripe = new StripeProvider(settings, clock, new Jitter(new Random(seed)), NullLoggerFactory.Instance);
        var watched = WatchedProvider.Of(stripe);
        services = new TestReplica(database.Database, clock, add =>
        {
            add.AddSingleton(new IdSource(clock, new Random(seed)));
            add.AddSingleton(new Jitter(new Random(seed + 1)));
            add.AddSingleton(new Replica(name));
            add.AddSingleton(new PaymentsOptions { RecoveriesSideBySide = 1, NewsSideBySide = 1 });
            add.AddSingleton<IPaymentProviders>(new TestModeOnly(watched));
            add.AddRouting();
            add.AddAccounts();
            add.AddLedger();
            add.AddSingleton<IActorOrigin, OwnOrigin>();
            add.AddMetering();
            add.AddPricing();
            add.AddLimits();

            // Other modules' jobs do nothing for payments and would take most of the time.
            foreach (var job in add.Where(one => one.ServiceType.FullName == "Quoin.Platform.JobDefinition").ToList())
            {
                add.Remove(job);
            }

            add.AddPayments();
        });
    }

    public string Name { get; }

    public T Get<T>()
        where T : notnull => services.Get<T>();

    /// <summary>Starts one.</summary>
    public static async Task<SimulatedReplica> Start(
        string name, int seed, PaymentsDatabase database, SimulatedClock clock, Uri address)
    {
        var replica = new SimulatedReplica(name, seed, database, clock, address);
        await replica.services.Prepare();
        return replica;
    }

    public async ValueTask DisposeAsync()
    {
        await services.DisposeAsync();
        stripe.Dispose();
    }

    // All organisations here are of the test mode.
    private sealed class TestModeOnly(IPaymentProvider provider) : IPaymentProviders
    {
        public IPaymentProvider? Of(PaymentMode mode) => mode == PaymentMode.Test ? provider : null;

        public Task<PaymentMode?> ModeOf(OrgId org, CancellationToken cancellationToken) =>
            Task.FromResult<PaymentMode?>(PaymentMode.Test);
    }

    // Nobody acts with a key here.
    private sealed class OwnOrigin : IActorOrigin
    {
        public ValueTask<string> Of(string actor, CancellationToken cancellationToken) => ValueTask.FromResult(actor);
    }
}
