using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Payments;
using Quoin.Platform;

namespace Quoin.ConsolePages.BuyPlans;

/// <summary>What was asked back, what may be, and what banks call into question.</summary>
/// <param name="Place">Whose.</param>
/// <param name="Offers">Purchases that may be asked back.</param>
/// <param name="Refunds">The newest first.</param>
/// <param name="Disputes">The newest first.</param>
/// <param name="Asked">The payment of the form that came to nothing; empty none.</param>
/// <param name="Reason">What stands in its field.</param>
public sealed record RefundsPage(
    BillingPlace Place,
    IReadOnlyList<RefundOffer> Offers,
    IReadOnlyList<Refund> Refunds,
    IReadOnlyList<CustomerDispute> Disputes,
    string Asked,
    string Reason);

/// <summary>Lets customers ask for unspent credit back, and shows what became of it.</summary>
internal sealed class RefundPages(Refunds refunds, CustomerBilling billing)
{
    /// <summary><c>GET /console/billing/refunds</c>.</summary>
    public static Task<IResult> Show(
        Parameters<BillingRequest> parameters,
        BillingVisits visits,
        RefundPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context, parameters.Value, (frame, place) => pages.Page(frame, place, null, cancellationToken), cancellationToken);

    /// <summary><c>POST /console/billing/refunds</c>.</summary>
    public static Task<IResult> Ask(
        Parameters<BillingRequest> parameters,
        BillingVisits visits,
        RefundPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value,
        async (frame, place) =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            return await pages.Ask(frame, place, form, cancellationToken) is { } complaint
                ? await pages.Page(frame, place with { Said = complaint }, form, cancellationToken)
                : PostedForm.SeeOther(context, place.To(frame, Places.Refunds, ("said", "asked")));
        },
        cancellationToken);

    private async Task<Remark?> Ask(Frame frame, BillingPlace place, PostedForm form, CancellationToken cancellationToken)
    {
        if (!Id.TryParse<PaymentId>(form["payment"], out var payment) || !form.IsText("reason", Payments.Limits.ReasonCharactersMax))
        {
            return BillingText.Complaint("Say in a sentence why you want it back.");
        }

        var amount = new Money(FormText.Micros(form["amount"]) ?? 0, place.Account.Currency);
        var request = new NewRefund(
            place.Account.OrganisationId, payment, amount, RefundKind.ProviderRefund, form["reason"])
        {
            BillingAccount = place.Account.Id,
            IsAskedByCustomer = true,
        };
        return await refunds.Request(request, frame.Caller.Actor, IdempotentRequest.None, cancellationToken) switch
        {
            RefundOutcome.Standing => null,
            RefundOutcome.NotOffered(var why) => BillingText.Complaint(BillingText.Of(why)),
            RefundOutcome.CreditSpent(var left) => BillingText.Complaint(
                $"Only {Format.Brief(left)} of this credit is left; what was spent cannot be asked back."),
            RefundOutcome.TooMuch(var left) => BillingText.Complaint($"At most {Format.Brief(left)} can be asked back."),
            _ => BillingText.Complaint("This payment cannot be asked back."),
        };
    }

    private async Task<IResult> Page(
        Frame frame, BillingPlace place, PostedForm? form, CancellationToken cancellationToken)
    {
        var (org, account) = (place.Account.OrganisationId, place.Account.Id);
        var model = new RefundsPage(
            place,
            await refunds.Offers(org, account, cancellationToken),
            await refunds.Newest(org, account, status: null, before: null, Limits.RowsPerPage, cancellationToken),
            (await billing.Disputes(place.Account, cancellationToken)).Data,
            form?["payment"] ?? string.Empty,
            form?["reason"] ?? string.Empty);
        return frame.Page<RefundsView, RefundsPage>(
            model, place.Said is { IsComplaint: true } ? StatusCodes.Status409Conflict : StatusCodes.Status200OK);
    }
}
