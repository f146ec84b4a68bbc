using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Limiting;
using Quoin.Metering;
using Quoin.Payments;
using Quoin.Platform;
using Quoin.Pricing;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Payments;

/// <summary>Payments as one replica of the host has them, with a provider that does what a test says.</summary>
internal sealed class PaymentsReplica : IAsyncDisposable
{
    private readonly TestDatabase database;
    private readonly TestReplica replica;
    private readonly ScriptedProvider? scripted;
    private readonly string providerName;

    public PaymentsReplica(TestDatabase database, SettableClock clock, ScriptedProvider provider, PaymentsOptions? options = null)
        : this(database, clock, (IPaymentProvider)provider, options) => scripted = provider;

    public PaymentsReplica(TestDatabase database, SettableClock clock, IPaymentProvider provider, PaymentsOptions? options = null)
    {
        this.database = database;
        Clock = clock;
        providerName = provider.Name;
        replica = new TestReplica(database, clock, services =>
        {
            services.AddSingleton(options ?? new PaymentsOptions());
            services.AddSingleton<IPaymentProviders>(built =>
                new ScriptedProviders(provider, built.GetRequiredService<Organisations>()));
            services.AddAccounts();
            services.AddLedger();
            services.AddMetering();
            services.AddPricing();
            services.AddLimits();
            services.AddPayments();
        });
    }

    public SettableClock Clock { get; }

    public ScriptedProvider Provider => scripted ?? throw new InvalidOperationException("The provider is a real one.");

    public PaymentRecovery Recovery => replica.Get<PaymentRecovery>();

    public T Get<T>()
        where T : notnull => replica.Get<T>();

    public TestReplica Services => replica;

    public Task Start() => replica.Start();

    public ValueTask DisposeAsync() => replica.DisposeAsync();

    public async Task<BillingAccountProfile> CreateAccount()
    {
        var outcome = await Get<Organisations>().Create(
            new NewOrganisation("Acme", OrganisationMode.Test), "test", CancellationToken.None);
        return ((CreateOrganisationOutcome.Created)outcome).Organisation.DefaultBillingAccount;
    }

    /// <summary>Gives the newest version of a seeded plan a price at the provider; once per database is enough.</summary>
    public async Task<string> PricePlan(string family = "starter", string currency = "USD", string? price = null)
    {
        var version = (await Get<Plans>().Catalogue(CancellationToken.None)).Newest(family, Currency.Usd)!;
        price ??= $"price_{family}";
        await Execute(
            """
            insert into payments.plan_prices
                (plan_price_id, plan_version_id, provider, mode, component, usage_type, interval_unit, interval_count,
                currency, amount_minor, provider_price_id, is_active, created_at, updated_at)
            values ($1, $2, $6, 'test', 'base', 'licensed', 'month', 1, $3, $7, $4, true, $5, $5)
            on conflict do nothing
            """,
            Get<IdSource>().Next(),
            version.Id.Value,
            currency,
            price,
            Clock.GetUtcNow(),
            providerName,
            MinorUnits.Of(version.Fee));
        return price;
    }

    public Task<PaymentRequestOutcome> Buy(
        BillingAccountProfile account, string key, string plan = "starter", string success = "/done") =>
        Get<Checkouts>().Open(
            new NewCheckout(account, CheckoutFlow.Subscription, plan, null, success, "/cancelled"),
            key,
            "usr_test",
            CancellationToken.None);

    public Task<PaymentRequestOutcome> PayOnce(BillingAccountProfile account, string key, long amount = 1_000) =>
        Get<Checkouts>().Open(
            new NewCheckout(
                account, CheckoutFlow.OneOff, null, new OneOffItem("Setup fee", amount), "/done", "/cancelled"),
            key,
            "usr_test",
            CancellationToken.None);

    /// <summary>The only request of an account with a key.</summary>
    public async Task<JsonObject> Request(BillingAccountProfile account, string key) => (await Rows(
        """
        select row_to_json(r)::text
        from payments.requests r
        where org_id = $1
          and client_key = $2
        """,
        account.OrganisationId.Value,
        key)).ShouldHaveSingleItem();

    /// <summary>The checkouts of an account, oldest first.</summary>
    public Task<IReadOnlyList<JsonObject>> CheckoutsOf(BillingAccountProfile account) => Rows(
        """
        select row_to_json(c)::text
        from payments.checkouts c
        where org_id = $1
          and billing_account_id = $2
        order by created_at, checkout_id
        """,
        account.OrganisationId.Value,
        account.Id.Value);

    /// <summary>The jobs of a name about an organisation.</summary>
    public Task<IReadOnlyList<JsonObject>> Jobs(OrgId org, string name) => Rows(
        """
        select row_to_json(j)::text
        from platform.jobs j
        where org_id = $1
          and name = $2
        """,
        org.Value,
        name);

    /// <summary>Moves the clock past a request's lease and goes on with it.</summary>
    public async Task<PaymentRequestOutcome> RecoverLater(BillingAccountProfile account, string key, TimeSpan? after = null)
    {
        Clock.Advance(after ?? TimeSpan.FromSeconds(121));
        return await RecoverNow(account, key);
    }

    public async Task<PaymentRequestOutcome> RecoverNow(BillingAccountProfile account, string key)
    {
        var request = await Request(account, key);
        return await Recovery.Recover(
            account.OrganisationId, new PaymentRequestId(Guid.Parse((string)request["request_id"]!)), CancellationToken.None);
    }

    /// <summary>Writes a current subscription, as a projection would.</summary>
    public async Task<string> Subscribe(BillingAccountProfile account, string status = "active", bool isCurrent = true)
    {
        var (customer, subscription) = (Provider.NewId("cus"), Provider.NewId("sub"));
        var customerRow = Get<IdSource>().Next();
        var hasCustomer = (await Rows(
            "select row_to_json(c)::text from payments.customers c where org_id = $1 and is_active",
            account.OrganisationId.Value)).Count > 0;
        await Execute(
            """
            insert into payments.customers
                (org_id, customer_id, billing_account_id, provider, mode, provider_customer_id, is_active, created_at,
                updated_at)
            values ($1, $2, $3, 'scripted', 'test', $4, $5, $6, $6)
            """,
            account.OrganisationId.Value,
            customerRow,
            account.Id.Value,
            customer,
            !hasCustomer,
            Clock.GetUtcNow());
        await Execute(
            """
            insert into payments.subscriptions
                (org_id, subscription_id, billing_account_id, customer_id, provider, mode, provider_subscription_id,
                status, provider_status, is_current, ends_with_period, is_paused, created_at, updated_at)
            values ($1, $2, $3, $4, 'scripted', 'test', $5, $6, $6, $7, false, false, $8, $8)
            """,
            account.OrganisationId.Value,
            Get<IdSource>().Next(),
            account.Id.Value,
            customerRow,
            subscription,
            status,
            isCurrent,
            Clock.GetUtcNow());
        return subscription;
    }

    public async Task Execute(string sql, params object[] values)
    {
        await using var command = database.Owner.Sql(sql, values);
        await command.ExecuteNonQueryAsync();
    }

    public async Task<IReadOnlyList<JsonObject>> Rows(string sql, params object[] values)
    {
        await using var command = database.Owner.Sql(sql, values);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<JsonObject>();
        while (await reader.ReadAsync())
        {
            rows.Add(JsonNode.Parse(reader.GetString(0))!.AsObject());
        }

        return rows;
    }
}

/// <summary>Saying what a request ended as.</summary>
internal static class PaymentRequestOutcomes
{
    public static CheckoutAnswer ShouldBeOpened(this PaymentRequestOutcome outcome) =>
        System.Text.Json.JsonSerializer.Deserialize<CheckoutAnswer>(
            outcome.ShouldBeOfType<PaymentRequestOutcome.Answered>().Response, JsonConventions.Options)!;

    public static PaymentRequestOutcome.Refused ShouldBeRefused(this PaymentRequestOutcome outcome, ProblemCode code)
    {
        var refused = outcome.ShouldBeOfType<PaymentRequestOutcome.Refused>();
        refused.Code.ShouldBe(code.Code);
        return refused;
    }
}
