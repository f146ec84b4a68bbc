using Microsoft.Extensions.DependencyInjection;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Payments;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Tests.Database.Billing.Payments;

/// <summary>What tests of money ask of the books and of plans.</summary>
internal static class MoneyTests
{
    /// <summary>A plan of 49 dollars a month.</summary>
    public static readonly PlanVersionId Starter = new(new Guid("01900000-0000-7000-8000-0000000000a2"));

    /// <summary>A plan of 199 dollars a month.</summary>
    public static readonly PlanVersionId Growth = new(new Guid("01900000-0000-7000-8000-0000000000a3"));

    /// <summary>Gives plans prices at the provider.</summary>
    public static async Task PricePlans(this NewsHost host)
    {
        foreach (var (plan, price, amount) in new[] { (Starter, "price_starter", 4_900), (Growth, "price_growth", 19_900) })
        {
            await host.Run(
                """
                insert into payments.plan_prices
                    (plan_price_id, plan_version_id, provider, mode, component, usage_type, interval_unit, interval_count,
                    currency, amount_minor, provider_price_id, is_active, created_at, updated_at)
                values ($1, $1, 'scripted', 'test', 'base', 'licensed', 'month', 1, 'USD', $2, $3, true, $4, $4)
                on conflict do nothing
                """,
                plan.Value,
                (long)amount,
                price,
                host.Clock.GetUtcNow());
        }
    }

    /// <summary>What stands on an account of the chart, in micros; grants together.</summary>
    public static async Task<long> Balance(this Buyer buyer, AccountKind kind) =>
        (await buyer.Host.First.Get<Quoin.Ledger.Ledger>().Balances(buyer.Org, buyer.Account, CancellationToken.None))
            .Where(one => one.Kind == kind)
            .Sum(one => one.Balance.Micros);

    /// <summary>The facts in the books of an organisation, oldest first, as <c>payment_received</c>.</summary>
    public static async Task<string[]> Facts(this Buyer buyer)
    {
        var text = await buyer.Host.Ask(
            "select string_agg(kind, ' ' order by transfer_id) from ledger.transfers where org_id = $1", buyer.Org.Value);
        return text?.Split(' ') ?? [];
    }

    /// <summary>Kinds of what was found not to fit, as <c>amount_mismatch</c>.</summary>
    public static Task<string?> Findings(this Buyer buyer) => buyer.Host.Ask(
        "select string_agg(kind, ' ' order by kind) from payments.findings where org_id = $1", buyer.Org.Value);

    /// <summary>Opens and renews billing periods as time does.</summary>
    public static async Task RunPeriods(this Buyer buyer)
    {
        var now = await buyer.Host.First.Get<OrganisationClock>().Now(buyer.Org, CancellationToken.None);
        foreach (var kind in buyer.Host.First.Get<IEnumerable<IDueWork>>().Where(kind => kind.Name == "charging.periods"))
        {
            await kind.RunUpTo(buyer.Org, now, CancellationToken.None);
        }
    }

    /// <summary>The plan in force now, by its family; null when there is none.</summary>
    public static async Task<Assignment?> Plan(this Buyer buyer)
    {
        await using var connection = await buyer.Host.Database.App.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var plans = await buyer.Host.First.Get<Plans>().Of(
            transaction, new BillingAccountKey(buyer.Org, buyer.Account), CancellationToken.None);
        var now = await buyer.Host.First.Get<OrganisationClock>().Now(buyer.Org, CancellationToken.None);
        return plans.At(AssignmentKind.Plan, now);
    }

    /// <summary>Buys credit and pays it.</summary>
    public static async Task<ProviderPayment> Buy(this Buyer buyer, long minor)
    {
        var host = buyer.Host;
        var account = await host.First.Get<Organisations>().FindBillingAccount(buyer.Org, buyer.Account, CancellationToken.None);
        var outcome = await host.First.Get<TopUps>().Open(
            new NewTopUp(account!, MinorUnits.ToMoney(minor, Currency.Usd), "/done", "/cancelled"),
            NewsHost.Ids.Next().ToString(),
            "usr_test",
            CancellationToken.None);
        var opened = System.Text.Json.Nodes.JsonNode.Parse(outcome.ShouldBeOfType<PaymentRequestOutcome.Answered>().Response)!;
        var checkout = host.Provider.Checkouts[(string)opened["checkout"]!["provider_checkout_id"]!];
        var payment = buyer.Payment() with { AmountMinor = minor, Metadata = checkout.Metadata };
        host.Provider.KeptPayments[payment.Id] = payment;
        await host.Tell("payment_intent.succeeded", new ProviderEventSubject.Payment(payment));
        return payment;
    }

    /// <summary>Where the organisation stands.</summary>
    public static Task<string?> State(this Buyer buyer) =>
        buyer.Host.Ask("select status from limits.billing_states where org_id = $1", buyer.Org.Value);
}
