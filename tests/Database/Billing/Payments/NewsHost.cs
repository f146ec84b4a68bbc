using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Payments;

/// <summary>
/// Two replicas on one database and a provider that sends them news. Nothing runs in the background: a test says when what
/// was stored is gone through, and by which replica.
/// </summary>
public sealed class NewsHost : IAsyncLifetime
{
    private int told;

    /// <summary>The database.</summary>
    public TestDatabase Database { get; } = new();

    /// <summary>The system clock of both.</summary>
    public SettableClock Clock { get; } = new(new DateTimeOffset(2026, 4, 1, 12, 0, 0, TimeSpan.Zero));

    /// <summary>The provider of both.</summary>
    public ScriptedProvider Provider { get; private set; } = null!;

    /// <summary>One replica.</summary>
    public TestHost First { get; private set; } = null!;

    /// <summary>The other one.</summary>
    public TestHost Second { get; private set; } = null!;

    /// <summary>The version of the plan that the price <c>price_plan</c> pays.</summary>
    public Guid Plan { get; } = Ids.Next();

    /// <summary>Ids of what the tests write themselves.</summary>
    public static IdSource Ids { get; } = new(TimeProvider.System);

    /// <inheritdoc />
    public async Task InitializeAsync()
    {
        await Database.InitializeAsync();
        Provider = new ScriptedProvider(Clock);
        First = await Start();
        Second = await Start();
        await Run(
            """
            insert into payments.plan_prices
                (plan_price_id, plan_version_id, provider, mode, component, usage_type, interval_unit, interval_count,
                currency, amount_minor, provider_price_id, is_active, created_at, updated_at)
            values ($1, $1, 'scripted', 'test', 'base', 'licensed', 'month', 1, 'USD', 2000, 'price_plan', true, $2, $2)
            """,
            Plan,
            Clock.GetUtcNow());
    }

    /// <inheritdoc />
    public async Task DisposeAsync()
    {
        await Second.DisposeAsync();
        await First.DisposeAsync();
        await Database.DisposeAsync();
    }

    /// <summary>A new organisation with an account that may buy.</summary>
    public async Task<Buyer> CreateBuyer()
    {
        var org = await First.CreateOrganisation();
        return new Buyer(this, org.Id, org.BillingAccount, Provider.NewId("cus")) { Key = org.Key };
    }

    /// <summary>The next event about something; a second later than the one before unless it says when.</summary>
    public ProviderEvent Event(string type, ProviderEventSubject subject, DateTimeOffset? at = null, string? id = null)
    {
        var number = Interlocked.Increment(ref told);
        return new ProviderEvent(
            id ?? $"evt_{number:D6}_{NewsHost.Ids.Next():N}", type, at ?? Clock.GetUtcNow().AddSeconds(number), IsLive: false, subject);
    }

    /// <summary>Sends news to the door, as the provider does.</summary>
    public async Task<HttpStatusCode> Deliver(ProviderEvent news, TestHost? to = null)
    {
        var body = Provider.BodyOf(news);
        return (await Post(body, ScriptedProvider.SignatureOf(body), to)).StatusCode;
    }

    /// <summary>Sends bytes to the door.</summary>
    public async Task<HttpResponseMessage> Post(byte[] body, string? signature, TestHost? to = null)
    {
        using var client = (to ?? First).Client(null);
        using var content = new ByteArrayContent(body);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/webhooks/stripe") { Content = content };
        if (signature is not null)
        {
            request.Headers.Add("Stripe-Signature", signature);
        }

        return await client.SendAsync(request);
    }

    /// <summary>Goes through what is stored, until nothing is due.</summary>
    public Task Process(TestHost? by = null) =>
        (by ?? First).Get<Pumps>().RunUntilIdle("payments.webhooks", CancellationToken.None);

    /// <summary>Sends news and goes through it.</summary>
    public async Task Tell(string type, ProviderEventSubject subject, DateTimeOffset? at = null, string? id = null)
    {
        (await Deliver(Event(type, subject, at, id))).ShouldBe(HttpStatusCode.OK);
        await Process();
    }

    /// <summary>Runs jobs until none is due: one turn takes only so many.</summary>
    public async Task<int> RunJobs(TestHost? by = null)
    {
        var (sum, count) = (0, 0);
        do
        {
            count = await (by ?? First).Get<JobRunner>().RunDue(CancellationToken.None);
            sum += count;
        }
        while (count > 0);
        return sum;
    }

    /// <summary>One value of a row, as text.</summary>
    public async Task<string?> Ask(string sql, params object?[] values)
    {
        await using var command = Database.Owner.Sql(sql, values);
        var value = await command.ExecuteScalarAsync();
        return value is null or DBNull ? null : Convert.ToString(value, System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Changes rows, as the owner.</summary>
    public async Task Run(string sql, params object?[] values)
    {
        await using var command = Database.Owner.Sql(sql, values);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>An event's state and what came of it, as <c>processed/applied</c>.</summary>
    public Task<string?> StateOf(string eventId) => Ask(
        "select concat_ws('/', state, coalesce(effect, split_part(error, ':', 1))) from payments.webhook_events where "
            + "provider_event_id = $1",
        eventId);

    /// <summary>One more replica.</summary>
    /// <param name="options">What its operator sets of payments; nothing where it is left out.</param>
    public Task<TestHost> Start(PaymentsOptions? options = null) => TestHost.Start(
        Database,
        "api",
        Clock,
        configure: services =>
        {
            services.AddSingleton<IPaymentProviders>(
                provider => new ScriptedProviders(Provider, provider.GetRequiredService<Organisations>()));
            if (options is not null)
            {
                services.AddSingleton(options);
            }
        });
}

/// <summary>An account that buys, and what the provider makes of it.</summary>
public sealed record Buyer(NewsHost Host, OrgId Org, BillingAccountId Account, string Customer)
{
    /// <summary>A key of the organisation.</summary>
    public string Key { get; init; } = string.Empty;

    /// <summary>What stands on everything of an operation.</summary>
    public IReadOnlyDictionary<string, string> Metadata(string? operation = null)
    {
        var metadata = new Dictionary<string, string>
        {
            ["org_id"] = Org.ToString(),
            ["billing_account_id"] = Account.ToString(),
        };
        if (operation is not null)
        {
            metadata["operation_key"] = operation;
        }

        return metadata;
    }

    /// <summary>Some operation's key.</summary>
    public static string NewOperation() =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(NewsHost.Ids.Next().ToString())));

    /// <summary>A subscription at the provider.</summary>
    public ProviderSubscription Subscription(string? operation = null, string status = "active", DateTimeOffset? createdAt = null)
    {
        var made = Host.Provider.MakeSubscription(Customer, Metadata(operation), status: status);
        var dated = made with { CreatedAt = createdAt ?? made.CreatedAt };
        Host.Provider.KeptSubscriptions[made.Id] = dated;
        return dated;
    }

    /// <summary>A checkout as the provider says after its page was used or ended.</summary>
    public ProviderCheckout Checkout(
        string operation,
        ProviderCheckoutStatus status = ProviderCheckoutStatus.Complete,
        CheckoutPurpose purpose = CheckoutPurpose.Subscription,
        string? subscription = null,
        string? payment = null,
        string? id = null)
    {
        var now = Host.Clock.GetUtcNow();
        var checkout = new ProviderCheckout(
            id ?? Host.Provider.NewId("cs"),
            purpose,
            status,
            IsPaid: status == ProviderCheckoutStatus.Complete,
            null,
            now,
            now.AddHours(24),
            Customer,
            subscription,
            payment,
            null,
            2_000,
            "USD",
            Metadata(operation));
        Host.Provider.Checkouts[checkout.Id] = checkout;
        return checkout;
    }

    /// <summary>An invoice as the provider says.</summary>
    public ProviderInvoice Invoice(
        string status = "paid", string? subscription = null, string? payment = null, bool named = true, string? id = null)
    {
        var now = Host.Clock.GetUtcNow();
        var invoice = new ProviderInvoice(
            id ?? Host.Provider.NewId("in"),
            Customer,
            subscription,
            "Q-1",
            status,
            2_000,
            status == "paid" ? 2_000 : 0,
            status == "paid" ? 0 : 2_000,
            "USD",
            now,
            null,
            status == "paid" ? now : null,
            payment,
            null,
            null,
            named ? Metadata() : new Dictionary<string, string>());
        Host.Provider.KeptInvoices[invoice.Id] = invoice;
        return invoice;
    }

    /// <summary>A payment as the provider says.</summary>
    public ProviderPayment Payment(
        ProviderPaymentStatus status = ProviderPaymentStatus.Succeeded,
        string? id = null,
        string? operation = null,
        string? invoice = null,
        bool named = true)
    {
        var payment = new ProviderPayment(
            id ?? Host.Provider.NewId("pi"),
            Host.Provider.NewId("ch"),
            Customer,
            invoice,
            status,
            2_000,
            0,
            "USD",
            status == ProviderPaymentStatus.Failed ? "Declined." : null,
            null,
            Host.Clock.GetUtcNow(),
            named ? Metadata(operation) : new Dictionary<string, string>());
        Host.Provider.KeptPayments[payment.Id] = payment;
        return payment;
    }

    /// <summary>A request of the account that asked the provider and does not know the answer yet.</summary>
    public async Task<string> PendingRequest(string action = "checkout", string? flow = "subscription")
    {
        var operation = NewOperation();
        var now = Host.Clock.GetUtcNow();
        await Host.Run(
            """
            insert into payments.requests
                (org_id, request_id, billing_account_id, action, flow, client_key, fingerprint, normalized, actor,
                operation_key, provider, mode, provider_key, replay_deadline_at, expires_upper_bound_at, status, lease_owner,
                lease_version, lease_expires_at, lease_beat_at, recovery_attempts, created_at, updated_at)
            values ($1, $2, $3, $4, $5, $6, $7, '{}', 'test', $6, 'scripted', 'test', $6, $8, $9, 'pending', 'somebody', 1, $10,
                $11, 0, $11, $11)
            """,
            Org.Value,
            NewsHost.Ids.Next(),
            Account.Value,
            action,
            flow,
            operation,
            new byte[32],
            now.AddHours(23),
            now.AddHours(24),
            now.AddSeconds(120),
            now);
        return operation;
    }

    /// <summary>A request that ended, with its checkout as it stands here.</summary>
    public async Task<(string Operation, string ProviderId)> GivenCheckout(
        string status = "open", string flow = "subscription", string? providerId = "", DateTimeOffset? expiresAt = null)
    {
        var operation = await PendingRequest(flow: flow);
        await Host.Run(
            "update payments.requests set status = 'succeeded', response = '{}', finished_at = $2, lease_expires_at = "
                + "null where operation_key = $1",
            operation,
            Host.Clock.GetUtcNow());
        return (operation, await GivenCheckoutRow(operation, status, flow, providerId, expiresAt));
    }

    /// <summary>A checkout of an operation, as it stands here.</summary>
    public async Task<string> GivenCheckoutRow(
        string operation, string status, string flow, string? providerId, DateTimeOffset? expiresAt = null)
    {
        var id = providerId is "" ? Host.Provider.NewId("cs") : providerId;
        var now = Host.Clock.GetUtcNow();
        await Host.Run(
            """
            insert into payments.checkouts
                (org_id, checkout_id, billing_account_id, flow, provider, mode, provider_checkout_id, request_id, operation_key,
                is_of_link, status, metadata, expires_at, completed_at, created_at, updated_at)
            select org_id, $2, billing_account_id, $3, 'scripted', 'test', $4, request_id, operation_key, false, $5, '{}', $6,
                case when $5 = 'completed_pending_subscription' then $7::timestamptz end, $7, $7
            from payments.requests
            where operation_key = $1
            """,
            operation,
            NewsHost.Ids.Next(),
            flow,
            id,
            status,
            expiresAt ?? now.AddHours(24),
            now);
        return id ?? string.Empty;
    }

    /// <summary>A checkout's status here.</summary>
    public Task<string?> CheckoutStatus(string operation) =>
        Host.Ask("select status from payments.checkouts where operation_key = $1", operation);

    /// <summary>A request's status here.</summary>
    public Task<string?> RequestStatus(string operation) =>
        Host.Ask("select concat_ws('/', status, failure_code) from payments.requests where operation_key = $1", operation);

    /// <summary>A subscription's status here, with a star when it is the current one.</summary>
    public Task<string?> SubscriptionStatus(string id) => Host.Ask(
        "select status || case when is_current then '*' else '' end from payments.subscriptions where provider_subscription_id = $1", id);

    /// <summary>How many remediations the account has.</summary>
    public Task<string?> Remediations() =>
        Host.Ask("select count(*) from payments.remediations where billing_account_id = $1", Account.Value);
}
