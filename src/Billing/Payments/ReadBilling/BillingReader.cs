using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Payments.StartCheckout;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Payments.ReadBilling;

/// <summary>Plans that can be bought.</summary>
/// <param name="Plans">By short name.</param>
public sealed record BillingPlanList(IReadOnlyList<BillingPlan> Plans);

/// <summary>A plan that can be bought.</summary>
/// <param name="Plan">Its short name, to buy it by.</param>
/// <param name="Version">The version a checkout sells now.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Description">A sentence for people; may be empty.</param>
/// <param name="Fee">What a month of it costs.</param>
/// <param name="TrialDays">Days at the start that cost no fee, of an account's first subscription.</param>
/// <param name="Entitlements">Names of what it lets an account do.</param>
/// <param name="SellablePrice">Its price at the provider; null while it cannot be bought.</param>
public sealed record BillingPlan(
    string Plan,
    int Version,
    string Name,
    string Description,
    Money Fee,
    int TrialDays,
    IReadOnlyList<string> Entitlements,
    BillingPrice? SellablePrice);

/// <summary>A plan's price.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Currency">Three letters.</param>
/// <param name="AmountMinor">Minor units of the currency.</param>
/// <param name="Interval">The unit it recurs in.</param>
/// <param name="IntervalCount">After how many of them.</param>
public sealed record BillingPrice(
    PlanPriceId Id, Currency Currency, long AmountMinor, PriceInterval Interval, int IntervalCount);

/// <summary>What an account pays for, and what it paid.</summary>
/// <param name="BillingAccountId">Whose.</param>
/// <param name="Subscription">The current subscription; null when there is none.</param>
/// <param name="Invoices">The provider's invoices, the newest first; at most 25.</param>
/// <param name="Payments">Payments, the newest first; at most 25.</param>
public sealed record BillingOverview(
    BillingAccountId BillingAccountId,
    BillingSubscription? Subscription,
    IReadOnlyList<BillingInvoice> Invoices,
    IReadOnlyList<BillingPayment> Payments);

/// <summary>A subscription.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Plan">The plan's short name; null where it is not known.</param>
/// <param name="PlanVersion">The version of the plan; null where it is not known.</param>
/// <param name="Status">How it stands.</param>
/// <param name="CurrentPeriodStart">The paid period's start.</param>
/// <param name="CurrentPeriodEnd">The paid period's end.</param>
/// <param name="TrialEnd">When its trial ends; null none.</param>
/// <param name="CancelAtPeriodEnd">Whether it ends when its period does.</param>
/// <param name="IsPaused">Whether collection pauses.</param>
/// <param name="Items">What it is made of.</param>
public sealed record BillingSubscription(
    SubscriptionId Id,
    string? Plan,
    int? PlanVersion,
    SubscriptionStatus Status,
    DateTimeOffset? CurrentPeriodStart,
    DateTimeOffset? CurrentPeriodEnd,
    DateTimeOffset? TrialEnd,
    bool CancelAtPeriodEnd,
    bool IsPaused,
    IReadOnlyList<BillingSubscriptionItem> Items);

/// <summary>A part of a subscription.</summary>
/// <param name="Component">Which part of a plan it pays.</param>
/// <param name="Quantity">How many; null for what is used.</param>
public sealed record BillingSubscriptionItem(PriceComponent Component, int? Quantity);

/// <summary>An invoice of the provider.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Number">What people call it; null while it is a draft.</param>
/// <param name="Status"><c>draft, open, paid, void</c> or <c>uncollectible</c>.</param>
/// <param name="Currency">Three letters.</param>
/// <param name="AmountDueMinor">Minor units to pay.</param>
/// <param name="AmountPaidMinor">Minor units paid.</param>
/// <param name="AmountRemainingMinor">Minor units still to pay.</param>
/// <param name="IssuedAt">When it was made.</param>
/// <param name="PaidAt">When it was paid; null not yet.</param>
/// <param name="HostedUrl">Where to see and pay it.</param>
/// <param name="PdfUrl">Where to get it.</param>
public sealed record BillingInvoice(
    PaymentInvoiceId Id,
    string? Number,
    string Status,
    Currency Currency,
    long AmountDueMinor,
    long AmountPaidMinor,
    long AmountRemainingMinor,
    DateTimeOffset IssuedAt,
    DateTimeOffset? PaidAt,
    string? HostedUrl,
    string? PdfUrl);

/// <summary>A payment.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Kind">What it was for.</param>
/// <param name="Status">How it stands.</param>
/// <param name="Amount">How much.</param>
/// <param name="AmountMinor">The same in minor units.</param>
/// <param name="RefundedMinor">Minor units given back.</param>
/// <param name="PaidAt">When the money was there; null not yet.</param>
/// <param name="FailureMessage">Why it failed, for people.</param>
/// <param name="ReceiptUrl">The receipt.</param>
public sealed record BillingPayment(
    PaymentId Id,
    PaymentKind Kind,
    ProviderPaymentStatus Status,
    Money Amount,
    long AmountMinor,
    long RefundedMinor,
    DateTimeOffset? PaidAt,
    string? FailureMessage,
    string? ReceiptUrl);

/// <summary>What can be bought and what was, read.</summary>
internal sealed class BillingReader(
    PaymentStores stores, DisputeStore disputes, SellablePrices prices, Plans plans, IPaymentProviders providers)
{
    /// <summary>An account's newest disputes.</summary>
    public async Task<CustomerDisputeList> DisputesOf(BillingAccountProfile account, CancellationToken cancellationToken) =>
        new([.. (await disputes.OfAccount(account.OrganisationId, account.Id, Limits.InvoicesShownMax, cancellationToken))
            .Select(CustomerDispute.Of)]);

    /// <summary>Public plans in an account's currency.</summary>
    public async Task<BillingPlanList> PlansOf(BillingAccountProfile account, CancellationToken cancellationToken)
    {
        var catalogue = await plans.Catalogue(cancellationToken);
        var sold = catalogue.Families
            .Where(family => family.Visibility == PlanVisibility.Public)
            .Select(family => (Family: family, Version: catalogue.Newest(family.Family, account.Currency)))
            .Where(plan => plan.Version is not null)
            .ToList();
        var priced = await PricesOf(account, [.. sold.Select(plan => plan.Version!.Id)], cancellationToken);
        return new BillingPlanList(
        [
            .. sold.Select(plan => new BillingPlan(
                plan.Family.Family,
                plan.Version!.Number,
                plan.Family.Name,
                plan.Family.Description,
                plan.Version.Fee,
                plan.Version.TrialDays,
                [.. plan.Version.Entitlements.Select(entitlement => entitlement.Key)],
                priced.TryGetValue(plan.Version.Id, out var price) && PlanToBuy.IsSellable(plan.Version, price)
                    ? new BillingPrice(price.Id, price.Currency, price.AmountMinor, price.Interval, price.IntervalCount)
                    : null)),
        ]);
    }

    private async Task<IReadOnlyDictionary<PlanVersionId, SellablePrice>> PricesOf(
        BillingAccountProfile account, IReadOnlyCollection<PlanVersionId> versions, CancellationToken cancellationToken) =>
        await providers.ModeOf(account.OrganisationId, cancellationToken) is { } mode && providers.Of(mode) is { } provider
            ? await prices.Of(versions, new ProviderPlace(provider.Name, mode), cancellationToken)
            : new Dictionary<PlanVersionId, SellablePrice>();

    /// <summary>What an account pays for and paid.</summary>
    public async Task<BillingOverview> Overview(BillingAccountProfile account, CancellationToken cancellationToken)
    {
        var (org, id) = (account.OrganisationId, account.Id);
        var current = await stores.Subscriptions.PeekCurrent(org, id, cancellationToken);
        var invoices = await stores.Invoices.OfAccount(org, id, Limits.InvoicesShownMax, cancellationToken);
        var payments = await stores.Payments.OfAccount(org, id, Limits.InvoicesShownMax, cancellationToken);
        return new BillingOverview(
            id,
            current is null ? null : await Subscription(current, cancellationToken),
            [.. invoices.Select(Of)],
            [.. payments.Select(Of)]);
    }

    private async Task<BillingSubscription> Subscription(SubscriptionRow row, CancellationToken cancellationToken)
    {
        var items = await stores.Subscriptions.Items(row.Org, row.Id, cancellationToken);
        var version = row.Plan is { } plan ? (await plans.Catalogue(cancellationToken)).Find(plan) : null;
        return new BillingSubscription(
            row.Id,
            version?.Family,
            version?.Number,
            row.Status,
            row.PeriodStart,
            row.PeriodEnd,
            row.TrialEnd,
            row.EndsWithPeriod,
            row.IsPaused,
            [.. items.Where(item => item.IsActive).Select(item => new BillingSubscriptionItem(item.Component, item.Quantity))]);
    }

    private static BillingInvoice Of(InvoiceRow row) => new(
        row.Id,
        row.Number,
        row.Status,
        Currency.Of(row.Currency),
        row.DueMinor,
        row.PaidMinor,
        row.RemainingMinor,
        row.IssuedAt,
        row.PaidAt,
        row.HostedUrl,
        row.PdfUrl);

    private static BillingPayment Of(PaymentRow row) => new(
        row.Id,
        row.Kind,
        row.Status,
        MinorUnits.ToMoney(row.AmountMinor, Currency.Of(row.Currency)),
        row.AmountMinor,
        row.RefundedMinor,
        row.PaidAt,
        row.FailureMessage,
        row.ReceiptUrl);

    /// <summary><c>GET /v1/billing/plans</c>.</summary>
    public static Task<Results<Ok<BillingPlanList>, Problem>> ListPlans(
        BillingReader handler, BillingAccountSelector selector, HttpContext context, CancellationToken cancellationToken) =>
        OfSelected(selector, context, handler.PlansOf, cancellationToken);

    /// <summary><c>GET /v1/billing/subscription</c>.</summary>
    public static Task<Results<Ok<BillingOverview>, Problem>> ShowSubscription(
        BillingReader handler, BillingAccountSelector selector, HttpContext context, CancellationToken cancellationToken) =>
        OfSelected(selector, context, handler.Overview, cancellationToken);

    /// <summary><c>GET /v1/billing/disputes</c>.</summary>
    public static Task<Results<Ok<CustomerDisputeList>, Problem>> ListDisputes(
        BillingReader handler, BillingAccountSelector selector, HttpContext context, CancellationToken cancellationToken) =>
        OfSelected(selector, context, handler.DisputesOf, cancellationToken);

    private static async Task<Results<Ok<T>, Problem>> OfSelected<T>(
        BillingAccountSelector selector,
        HttpContext context,
        Func<BillingAccountProfile, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken)
    {
        var selection = await selector.Select(context, named: null, cancellationToken);
        return selection is BillingAccountSelection.Selected(var account)
            ? TypedResults.Ok(await read(account, cancellationToken))
            : BillingAccountSelector.Refusal(selection)!;
    }
}
