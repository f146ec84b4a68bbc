using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Payments;
using Quoin.Payments.KeepMethods;
using Quoin.Platform;

namespace Quoin.ConsolePages.BuyPlans;

/// <summary>When and how credit is bought by itself.</summary>
/// <param name="Place">Whose.</param>
/// <param name="Current">As it is; null where it is not set.</param>
/// <param name="Methods">What may be charged, the default first.</param>
/// <param name="Fields">What stands in the form.</param>
public sealed record AutoTopUpPage(
    BillingPlace Place, AutoTopUp? Current, IReadOnlyList<MethodAnswer> Methods, AutoTopUpFields Fields);

/// <summary>What stands in the form.</summary>
/// <param name="Threshold">Below which credit.</param>
/// <param name="Amount">How much at a time.</param>
/// <param name="Cap">The most in a month.</param>
/// <param name="Method">What is charged; empty for the default.</param>
public sealed record AutoTopUpFields(string Threshold, string Amount, string Cap, string Method);

/// <summary>Lets customers have credit bought by itself, and start it again after it stopped.</summary>
internal sealed class AutoTopUpPages(AutoTopUps autoTopUps, PaymentMethods methods)
{
    private static readonly AutoTopUpFields Blank = new("10", "25", "100", string.Empty);

    /// <summary><c>GET /console/billing/auto-top-up</c>.</summary>
    public static Task<IResult> Show(
        Parameters<BillingRequest> parameters,
        BillingVisits visits,
        AutoTopUpPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context, parameters.Value, (frame, place) => pages.Page(frame, place, null, cancellationToken), cancellationToken);

    /// <summary><c>POST /console/billing/auto-top-up</c>.</summary>
    public static Task<IResult> Act(
        Parameters<BillingRequest> parameters,
        BillingVisits visits,
        AutoTopUpPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value,
        async (frame, place) =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            if (form["act"] == "off")
            {
                await pages.TurnOff(frame, place, cancellationToken);
                return PostedForm.SeeOther(context, place.To(frame, Places.AutoTopUp, ("said", "off")));
            }

            var fields = new AutoTopUpFields(form["threshold"], form["amount"], form["cap"], form["method"]);
            return await pages.Set(frame, place, fields, cancellationToken) is { } complaint
                ? await pages.Page(frame, place with { Said = complaint }, fields, cancellationToken)
                : PostedForm.SeeOther(context, place.To(frame, Places.AutoTopUp, ("said", "saved")));
        },
        cancellationToken);

    private Task TurnOff(Frame frame, BillingPlace place, CancellationToken cancellationToken) =>
        autoTopUps.Remove(place.Account, frame.Caller.Actor, cancellationToken);

    private async Task<Remark?> Set(
        Frame frame, BillingPlace place, AutoTopUpFields fields, CancellationToken cancellationToken)
    {
        var currency = place.Account.Currency;
        Money Amount(string field) => new(FormText.Micros(field) ?? 0, currency);
        var request = new NewAutoTopUp(
            place.Account,
            Amount(fields.Threshold),
            Amount(fields.Amount),
            Amount(fields.Cap),
            Id.TryParse<PaymentMethodId>(fields.Method, out var method) ? method : null);
        return await autoTopUps.Set(request, frame.Caller.Actor, cancellationToken) switch
        {
            AutoTopUpOutcome.Standing => null,
            AutoTopUpOutcome.Invalid(var reason) => BillingText.Complaint(BillingText.Sentence(reason)),
            AutoTopUpOutcome.NotConfigured => BillingText.Of(new PaymentRequestOutcome.NotConfigured()),
            AutoTopUpOutcome.MethodNotFound => BillingText.Complaint("This payment method is not there any more."),
            _ => BillingText.Complaint("There is no payment method to charge. Add one, or make one the default."),
        };
    }

    private async Task<IResult> Page(
        Frame frame, BillingPlace place, AutoTopUpFields? fields, CancellationToken cancellationToken)
    {
        var current = await autoTopUps.Find(place.Account, cancellationToken);
        var shown = fields ?? (current is null
            ? Blank
            : new AutoTopUpFields(
                Format.Plain(current.Threshold),
                Format.Plain(current.Amount),
                Format.Plain(current.MonthlyCap),
                current.PaymentMethod?.ToString() ?? string.Empty));
        return frame.Page<AutoTopUpView, AutoTopUpPage>(
            new(place, current, await methods.Of(place.Account, cancellationToken), shown),
            place.Said is { IsComplaint: true } ? StatusCodes.Status409Conflict : StatusCodes.Status200OK);
    }
}
