using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Payments;
using Quoin.Payments.ReadBilling;
using Quoin.Platform;
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

/// <summary>What a billing account was billed and paid.</summary>
/// <param name="Place">Whose.</param>
/// <param name="Overview">Invoices and payments.</param>
public sealed record PaidBills(BillingPlace Place, BillingOverview Overview);

/// <summary>On the way to the provider's page.</summary>
/// <param name="Address">Where it is.</param>
public sealed record Leaving(string Address);

/// <summary>A customer came back and the payment is not known yet.</summary>
/// <param name="Again">Where to look again.</param>
/// <param name="IsOver">Whether the page no longer looks by itself.</param>
public sealed record Waiting(string Again, bool IsOver);

/// <summary>Coming back from the provider's page.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Account">The billing account.</param>
/// <param name="For">What was bought: <c>plan</c>, a purchase's operation, or nothing.</param>
/// <param name="Looks">How often the page has looked.</param>
internal sealed record ReturnRequest(OrgId? Org = null, BillingAccountId? Account = null, string? For = null, int Looks = 0);

/// <summary>Lets customers buy plans, and see what they pay for and paid.</summary>
internal sealed class BillingPages(CustomerBilling billing, Checkouts checkouts, Portals portals, Plans plans)
{
    private const string Plan = "plan";

    /// <summary><c>GET /console/billing</c>.</summary>
    public static Task<IResult> ShowPlans(
        Parameters<BillingRequest> parameters,
        BillingVisits visits,
        BillingPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value,
        (frame, place) => pages.PlansPage(frame, place, cancellationToken),
        cancellationToken);

    /// <summary><c>GET /console/billing/subscription</c>.</summary>
    public static Task<IResult> ShowSubscription(
        Parameters<BillingRequest> parameters,
        BillingVisits visits,
        BillingPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value,
        (frame, place) => pages.SubscriptionPage(frame, place, cancellationToken),
        cancellationToken);

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

    /// <summary><c>POST /console/billing</c>: buy or change something; answered with the way to the provider's page.</summary>
    public static Task<IResult> Act(
        Parameters<BillingRequest> parameters,
        BillingVisits visits,
        BillingPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value,
        async (frame, place) =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            return await pages.Act(context, frame, place, form, cancellationToken);
        },
        cancellationToken);

    /// <summary><c>GET /console/billing/return</c>: waits until what was bought is known.</summary>
    public static Task<IResult> Return(
        Parameters<ReturnRequest> parameters,
        BillingVisits visits,
        BillingPages pages,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        return visits.Show(
            context,
            new BillingRequest(request.Org, request.Account),
            async (frame, place) => await pages.IsKnown(request, place, cancellationToken)
                ? PostedForm.SeeOther(context, place.To(frame, Places.Billing, ("said", "bought")))
                : Wait(context, frame, place, request),
            cancellationToken);
    }

    private static IResult Wait(HttpContext context, Frame frame, BillingPlace place, ReturnRequest request)
    {
        var looks = Math.Clamp(request.Looks, 0, Limits.LooksForPayment) + 1;
        var again = place.To(
            frame, Places.BillingReturn, ("for", request.For), ("looks", looks.ToString(CultureInfo.InvariantCulture)));
        var isOver = looks > Limits.LooksForPayment;
        if (!isOver)
        {
            context.Response.Headers["Refresh"] = $"{Limits.LookForPaymentEvery.TotalSeconds:0};url={again}";
        }

        return frame.Page<WaitingView, Waiting>(new(again, isOver));
    }

    private async Task<bool> IsKnown(ReturnRequest request, BillingPlace place, CancellationToken cancellationToken) =>
        request.For != Plan
        || (await billing.Overview(place.Account, cancellationToken)).Subscription is
            { Status: SubscriptionStatus.Active or SubscriptionStatus.Trialing };

    private async Task<IResult> Act(
        HttpContext context, Frame frame, BillingPlace place, PostedForm form, CancellationToken cancellationToken)
    {
        var (key, actor) = (form["key"], frame.Caller.Actor);
        if (key.Length is 0 or > Limits.PurchaseKeyLettersMax)
        {
            return await PlansPage(frame, place, cancellationToken);
        }

        var back = place.To(frame, Places.Billing, ("said", "canceled"));
        string Done(string what) => place.To(frame, Places.BillingReturn, ("for", what));
        var (outcome, address) = form["act"] == "portal"
            ? Opened<PortalAnswer>(
                await portals.Open(
                    place.Account, place.To(frame, Places.Subscription), key, actor, cancellationToken),
                answer => answer.PortalSession.Url)
            : Opened<CheckoutAnswer>(
                await checkouts.Open(
                    new NewCheckout(place.Account, CheckoutFlow.Subscription, form["plan"], null, Done(Plan), back),
                    key,
                    actor,
                    cancellationToken),
                answer => answer.Checkout.CheckoutUrl);
        return address is not null
            ? Leave(context, frame, address)
            : await Complain(frame, place, form, outcome, cancellationToken);
    }

    private static (PaymentRequestOutcome Outcome, string? Address) Opened<T>(
        PaymentRequestOutcome outcome, Func<T, string?> address) => (
        outcome,
        outcome is PaymentRequestOutcome.Answered(var json, _)
            ? BillingText.WebAddress(address(JsonSerializer.Deserialize<T>(json, JsonConventions.Options)!))
            : null);

    // A form may lead nowhere but here (form-action 'self'), redirects after it included: a page goes on by itself instead.
    private static IResult Leave(HttpContext context, Frame frame, string address)
    {
        context.Response.Headers["Refresh"] = $"0;url={address}";
        return frame.Page<LeaveView, Leaving>(new(address));
    }

    private Task<IResult> Complain(
        Frame frame, BillingPlace place, PostedForm form, PaymentRequestOutcome outcome, CancellationToken cancellationToken)
    {
        var said = place with
        {
            Said = BillingText.Of(outcome),
            Key = BillingText.GoesOn(outcome) ? form["key"] : place.Key,
        };
        return form["from"] == Places.Subscription
            ? SubscriptionPage(frame, said, cancellationToken)
            : PlansPage(frame, said, cancellationToken);
    }

    private async Task<IResult> PlansPage(Frame frame, BillingPlace place, CancellationToken cancellationToken)
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

    private async Task<IResult> SubscriptionPage(Frame frame, BillingPlace place, CancellationToken cancellationToken)
    {
        var subscription = (await billing.Overview(place.Account, cancellationToken)).Subscription;
        var catalogue = await plans.Catalogue(cancellationToken);
        var name = subscription?.Plan is { } family ? catalogue.Family(family)?.Name ?? family : null;
        return frame.Page<SubscriptionView, SubscriptionPage>(new(place, subscription, name), StatusOf(place));
    }

    private static int StatusOf(BillingPlace place) =>
        place.Said is { IsComplaint: true } ? StatusCodes.Status409Conflict : StatusCodes.Status200OK;
}
