using Quoin.Kernel;
using Quoin.Payments;
using Quoin.Payments.KeepMethods;
using Quoin.Payments.ReadBilling;
using Quoin.Pricing;

namespace Quoin.ConsolePages.BuyPlans;

/// <summary>Plans a billing account may buy.</summary>
/// <param name="Place">Who buys.</param>
/// <param name="Plans">By fee.</param>
/// <param name="Catalogue">What each gives.</param>
/// <param name="Subscription">What it pays for now; null nothing.</param>
public sealed record PlansForSale(
    BillingPlace Place, IReadOnlyList<BillingPlan> Plans, PlanCatalogue Catalogue, BillingSubscription? Subscription)
{
    /// <summary>The version of a plan that is sold.</summary>
    public PlanVersion? VersionOf(BillingPlan plan) => Catalogue.Newest(plan.Plan, Place.Account.Currency);
}

/// <summary>A billing account's subscription.</summary>
/// <param name="Place">Whose.</param>
/// <param name="Subscription">Null where there is none.</param>
/// <param name="PlanName">What people call its plan; null where it is not known.</param>
public sealed record SubscriptionPage(BillingPlace Place, BillingSubscription? Subscription, string? PlanName);

/// <summary>A change to another plan, before it is asked for.</summary>
/// <param name="Place">Whose.</param>
/// <param name="PlanName">What people call the other plan.</param>
/// <param name="Preview">What it would be charged; null where it cannot be.</param>
public sealed record PlanChange(BillingPlace Place, string PlanName, SubscriptionChangePreview? Preview);

/// <summary>What a billing account was billed and paid.</summary>
/// <param name="Place">Whose.</param>
/// <param name="Overview">Invoices and payments.</param>
public sealed record PaidBills(BillingPlace Place, BillingOverview Overview);

/// <summary>The ways a billing account can pay.</summary>
/// <param name="Place">Whose.</param>
/// <param name="Methods">The default first.</param>
public sealed record MethodsPage(BillingPlace Place, IReadOnlyList<MethodAnswer> Methods);

/// <summary>Credit to buy, and what was bought.</summary>
/// <param name="Place">Who buys.</param>
/// <param name="Purchases">The newest first.</param>
/// <param name="Amount">What stands in the form.</param>
public sealed record CreditPage(BillingPlace Place, IReadOnlyList<Purchase> Purchases, string? Amount);

/// <summary>On the way to the provider's page.</summary>
/// <param name="Address">Where it is.</param>
public sealed record Leaving(string Address);

/// <summary>A customer came back and the payment is not known yet.</summary>
/// <param name="Again">Where to look again.</param>
/// <param name="IsOver">Whether the page no longer looks by itself.</param>
public sealed record Waiting(string Again, bool IsOver);
