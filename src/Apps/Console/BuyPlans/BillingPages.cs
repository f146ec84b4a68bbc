using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Payments;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.ConsolePages.BuyPlans;

/// <summary>Shows customers what they can buy, what they pay for and with, and what they paid.</summary>
internal sealed class BillingPages(
    CustomerBilling billing, SubscriptionChanges changes, PaymentMethods methods, TopUps topUps, Plans plans)
{
    /// <summary><c>GET /console/billing</c>.</summary>
    public static Task<IResult> ShowPlans(
        Parameters<BillingRequest> parameters,
        BillingVisits visits,
        BillingPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context, parameters.Value, (frame, place) => pages.Plans(frame, place, cancellationToken), cancellationToken);

    /// <summary><c>GET /console/billing/subscription</c>.</summary>
    public static Task<IResult> ShowSubscription(
        Parameters<BillingRequest> parameters,
        BillingVisits visits,
        BillingPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context, parameters.Value, (frame, place) => pages.Subscription(frame, place, cancellationToken), cancellationToken);

    /// <summary><c>GET /console/billing/change</c>.</summary>
    public static Task<IResult> ShowChange(
        Parameters<BillingRequest> parameters,
        BillingVisits visits,
        BillingPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value,
        (frame, place) => pages.Change(frame, place, parameters.Value.Plan ?? string.Empty, cancellationToken),
        cancellationToken);

    /// <summary><c>GET /console/billing/methods</c>.</summary>
    public static Task<IResult> ShowMethods(
        Parameters<BillingRequest> parameters,
        BillingVisits visits,
        BillingPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context, parameters.Value, (frame, place) => pages.Methods(frame, place, cancellationToken), cancellationToken);

    /// <summary><c>GET /console/billing/credit</c>.</summary>
    public static Task<IResult> ShowCredit(
        Parameters<BillingRequest> parameters,
        BillingVisits visits,
        BillingPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context, parameters.Value, (frame, place) => pages.Credit(frame, place, null, cancellationToken), cancellationToken);

    /// <summary><c>GET /console/billing/invoices</c>.</summary>
    public static Task<IResult> ShowInvoices(
        Parameters<BillingRequest> parameters,
        BillingVisits visits,
        CustomerBilling billing,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value,
        async (frame, place) => frame.Page<InvoicesView, PaidBills>(
            new(place, await billing.Overview(place.Account, cancellationToken))),
        cancellationToken);

    /// <summary>The page a form was sent from, with what became of it.</summary>
    public Task<IResult> From(Frame frame, BillingPlace place, PostedForm form, CancellationToken cancellationToken) =>
        form["from"] switch
        {
            Places.Subscription => Subscription(frame with { Path = Places.Subscription }, place, cancellationToken),
            Places.PaymentMethods => Methods(frame with { Path = Places.PaymentMethods }, place, cancellationToken),
            Places.BuyCredit => Credit(frame with { Path = Places.BuyCredit }, place, form["amount"], cancellationToken),
            _ => Plans(frame, place, cancellationToken),
        };

    private async Task<IResult> Plans(Frame frame, BillingPlace place, CancellationToken cancellationToken)
    {
        var sold = await billing.Plans(place.Account, cancellationToken);
        var overview = await billing.Overview(place.Account, cancellationToken);
        return frame.Page<BuyPlansView, PlansForSale>(
            new(
                place,
                [.. sold.Plans.OrderBy(plan => plan.Fee.Micros)],
                await plans.Catalogue(cancellationToken),
                overview.Subscription),
            StatusOf(place));
    }

    private async Task<IResult> Subscription(Frame frame, BillingPlace place, CancellationToken cancellationToken)
    {
        var subscription = (await billing.Overview(place.Account, cancellationToken)).Subscription;
        var name = subscription?.Plan is { } plan ? await NameOf(plan, cancellationToken) : null;
        return frame.Page<SubscriptionView, SubscriptionPage>(new(place, subscription, name), StatusOf(place));
    }

    private async Task<IResult> Change(Frame frame, BillingPlace place, string plan, CancellationToken cancellationToken)
    {
        var name = await NameOf(plan, cancellationToken);
        var preview = place.IsConfigured
            ? await changes.Preview(place.Account, plan, cancellationToken)
            : new PreviewOutcome.Refused(PaymentsProblems.PaymentsNotConfigured.Code, string.Empty);
        return preview switch
        {
            PreviewOutcome.Shown(var shown) => frame.Page<ChangeView, PlanChange>(new(place, name, shown)),
            PreviewOutcome.Refused(var code, var reason) => frame.Page<ChangeView, PlanChange>(
                new(place with { Said = BillingText.Of(new PaymentRequestOutcome.Refused(code, reason, null)) }, name, null),
                StatusCodes.Status409Conflict),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private async Task<IResult> Methods(Frame frame, BillingPlace place, CancellationToken cancellationToken) =>
        frame.Page<MethodsView, MethodsPage>(
            new(place, await methods.Of(place.Account, cancellationToken)), StatusOf(place));

    private async Task<IResult> Credit(
        Frame frame, BillingPlace place, string? amount, CancellationToken cancellationToken)
    {
        var (org, account) = (place.Account.OrganisationId, place.Account.Id);
        var purchases = await topUps.Newest(org, account, before: null, Limits.RowsPerPage, cancellationToken);
        return frame.Page<CreditView, CreditPage>(new(place, purchases, amount), StatusOf(place));
    }

    private async Task<string> NameOf(string plan, CancellationToken cancellationToken) =>
        (await plans.Catalogue(cancellationToken)).Family(plan)?.Name ?? plan;

    private static int StatusOf(BillingPlace place) =>
        place.Said is { IsComplaint: true } ? StatusCodes.Status409Conflict : StatusCodes.Status200OK;
}
