using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Payments;
using Quoin.Platform;

namespace Quoin.ConsolePages.BuyPlans;

/// <summary>Coming back from the provider's page.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Account">The billing account.</param>
/// <param name="For">What for: <c>plan, credit</c> or <c>method</c>.</param>
/// <param name="Since">When the way there began, in seconds since 1970: older purchases are not this one.</param>
/// <param name="Looks">How often the page has looked.</param>
internal sealed record ReturnRequest(
    OrgId? Org = null, BillingAccountId? Account = null, string? For = null, long Since = 0, int Looks = 0);

/// <summary>What customers do with forms: buy, change, and leave for the provider's page and come back.</summary>
internal sealed class BillingActs(
    BillingPages pages,
    CustomerBilling billing,
    Checkouts checkouts,
    Portals portals,
    TopUps topUps,
    SubscriptionChanges changes,
    PaymentMethods methods)
{
    private const string Plan = "plan";
    private const string Credit = "credit";
    private const string Method = "method";

    /// <summary><c>POST /console/billing</c>.</summary>
    public static Task<IResult> Act(
        Parameters<BillingRequest> parameters,
        BillingVisits visits,
        BillingActs acts,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value,
        async (frame, place) =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            if (form["key"].Length is 0 or > Limits.PurchaseKeyLettersMax)
            {
                return PostedForm.SeeOther(context, place.To(frame, Places.Billing));
            }

            var visit = new Visit(context, frame, place, form);
            return form["act"] is "default" or "remove"
                ? await acts.ChangeMethod(visit, cancellationToken)
                : await acts.Ask(visit, cancellationToken);
        },
        cancellationToken);

    /// <summary><c>GET /console/billing/return</c>: waits until what was bought is known.</summary>
    public static Task<IResult> Return(
        Parameters<ReturnRequest> parameters,
        BillingVisits visits,
        BillingActs acts,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        return visits.Show(
            context,
            new BillingRequest(request.Org, request.Account),
            async (frame, place) => await acts.Known(request, frame, place, cancellationToken) is { } known
                ? PostedForm.SeeOther(context, known)
                : Wait(context, frame, place, request),
            cancellationToken);
    }

    // Where to go once it is known; null while it is not.
    private async Task<string?> Known(
        ReturnRequest request, Frame frame, BillingPlace place, CancellationToken cancellationToken)
    {
        switch (request.For)
        {
            case Plan:
                var overview = await billing.Overview(place.Account, cancellationToken);
                return overview.Subscription is { Status: SubscriptionStatus.Active or SubscriptionStatus.Trialing }
                    ? place.To(frame, Places.Billing, ("said", "bought"))
                    : null;
            case Credit:
                var (org, account) = (place.Account.OrganisationId, place.Account.Id);
                var newest = await topUps.Newest(org, account, before: null, Limits.RowsPerPage, cancellationToken);
                return newest.Any(one => one.PaidAt?.ToUnixTimeSeconds() >= request.Since)
                    ? place.To(frame, Places.BuyCredit, ("said", "paid"))
                    : null;
            case Method:
                return await methods.Sync(place.Account, cancellationToken)
                    ? place.To(frame, Places.PaymentMethods, ("said", "methods"))
                    : null;
            default:
                return place.To(frame, Places.Billing);
        }
    }

    private static IResult Wait(HttpContext context, Frame frame, BillingPlace place, ReturnRequest request)
    {
        var looks = Math.Clamp(request.Looks, 0, Limits.LooksForPayment) + 1;
        var again = place.To(
            frame,
            Places.BillingReturn,
            ("for", request.For),
            ("since", request.Since.ToString(CultureInfo.InvariantCulture)),
            ("looks", looks.ToString(CultureInfo.InvariantCulture)));
        var isOver = looks > Limits.LooksForPayment;
        if (!isOver)
        {
            context.Response.Headers["Refresh"] = $"{Limits.LookForPaymentEvery.TotalSeconds:0};url={again}";
        }

        return frame.Page<WaitingView, Waiting>(new(again, isOver));
    }

    private async Task<IResult> Ask(Visit visit, CancellationToken cancellationToken)
    {
        var (account, key, actor) = (visit.Place.Account, visit.Form["key"], visit.Frame.Caller.Actor);
        switch (visit.Form["act"])
        {
            case "portal":
                var toSubscription = visit.To(Places.Subscription);
                return await Leave<PortalAnswer>(
                    visit,
                    await portals.Open(account, toSubscription, key, actor, cancellationToken),
                    answer => answer.PortalSession.Url,
                    cancellationToken);
            case "add":
                return await Leave<CheckoutAnswer>(
                    visit,
                    await methods.Add(account, Back(visit, Method), key, actor, cancellationToken),
                    answer => answer.Checkout.CheckoutUrl,
                    cancellationToken);
            case "top_up":
                var amount = new Money(FormText.Micros(visit.Form["amount"]) ?? 0, account.Currency);
                var topUp = new NewTopUp(account, amount, Back(visit, Credit), GivenUp(visit, Places.BuyCredit));
                return await Leave<CheckoutAnswer>(
                    visit,
                    await topUps.Open(topUp, key, actor, cancellationToken),
                    answer => answer.Checkout.CheckoutUrl,
                    cancellationToken);
            case "change" or "cancel" or "resume" or "pause" or "unpause":
                return await Change(visit, key, actor, cancellationToken);
            default:
                var checkout = new NewCheckout(
                    account,
                    CheckoutFlow.Subscription,
                    visit.Form["plan"],
                    null,
                    Back(visit, Plan),
                    GivenUp(visit, Places.Billing));
                return await Leave<CheckoutAnswer>(
                    visit,
                    await checkouts.Open(checkout, key, actor, cancellationToken),
                    answer => answer.Checkout.CheckoutUrl,
                    cancellationToken);
        }
    }

    private async Task<IResult> Change(Visit visit, string key, string actor, CancellationToken cancellationToken)
    {
        var kind = visit.Form["act"] switch
        {
            "cancel" => SubscriptionChangeKind.Cancel,
            "resume" => SubscriptionChangeKind.Resume,
            "pause" => SubscriptionChangeKind.Pause,
            "unpause" => SubscriptionChangeKind.Unpause,
            _ => SubscriptionChangeKind.Plan,
        };
        var plan = kind == SubscriptionChangeKind.Plan ? visit.Form["plan"] : null;
        var outcome = await changes.Ask(
            new NewSubscriptionChange(visit.Place.Account, kind, plan), key, actor, cancellationToken);
        return outcome is PaymentRequestOutcome.Answered
            ? PostedForm.SeeOther(visit.Context, visit.To(Places.Subscription, ("said", "changed")))
            : await Complain(visit, outcome, cancellationToken);
    }

    private async Task<IResult> ChangeMethod(Visit visit, CancellationToken cancellationToken)
    {
        var (account, key, actor) = (visit.Place.Account, visit.Form["key"], visit.Frame.Caller.Actor);
        var outcome = !Id.TryParse<PaymentMethodId>(visit.Form["method"], out var method)
            ? new MethodChangeOutcome.NotFound(string.Empty)
            : visit.Form["act"] == "default"
                ? await methods.SetDefault(account, method, key, actor, cancellationToken)
                : await methods.Remove(account, method, key, actor, cancellationToken);
        return BillingText.Of(outcome) is { } complaint
            ? await pages.From(visit.Frame, visit.Place with { Said = complaint }, visit.Form, cancellationToken)
            : PostedForm.SeeOther(visit.Context, visit.To(Places.PaymentMethods));
    }

    // A repeated form must say the same again, so the instant is the form's, as its key is: both were made with the page.
    private static string Back(Visit visit, string what) => visit.To(
        Places.BillingReturn,
        ("for", what),
        ("since", visit.Since.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));

    private static string GivenUp(Visit visit, string place) => visit.To(place, ("said", "canceled"));

    // A form may lead nowhere but here (form-action 'self'), redirects after it included: a page goes on by itself instead.
    private async Task<IResult> Leave<T>(
        Visit visit, PaymentRequestOutcome outcome, Func<T, string?> addressOf, CancellationToken cancellationToken)
    {
        if (outcome is PaymentRequestOutcome.Answered(var json, _)
            && BillingText.WebAddress(addressOf(JsonSerializer.Deserialize<T>(json, JsonConventions.Options)!)) is { } address)
        {
            visit.Context.Response.Headers["Refresh"] = $"0;url={address}";
            return visit.Frame.Page<LeaveView, Leaving>(new(address));
        }

        return await Complain(visit, outcome, cancellationToken);
    }

    private Task<IResult> Complain(Visit visit, PaymentRequestOutcome outcome, CancellationToken cancellationToken)
    {
        var place = BillingText.GoesOn(outcome)
            ? visit.Place with { Key = visit.Form["key"], Since = visit.Since }
            : visit.Place;
        return pages.From(visit.Frame, place with { Said = BillingText.Of(outcome) }, visit.Form, cancellationToken);
    }

    /// <summary>A form that was sent, and from where.</summary>
    private sealed record Visit(HttpContext Context, Frame Frame, BillingPlace Place, PostedForm Form)
    {
        public DateTimeOffset Since =>
            int.TryParse(Form["since"], NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
                ? DateTimeOffset.FromUnixTimeSeconds(seconds)
                : Place.Since;

        public string To(string path, params (string Name, string? Value)[] query) => Place.To(Frame, path, query);
    }
}
