using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Payments;
using Quoin.Platform;

namespace Quoin.ConsolePages.BuyPlans;

/// <summary>Addresses at which anybody can pay.</summary>
/// <param name="Place">Whose.</param>
/// <param name="Links">The newest first.</param>
/// <param name="Catalogue">What the operator lists for sale.</param>
/// <param name="Fields">What stands in the form.</param>
public sealed record LinksPage(
    BillingPlace Place, IReadOnlyList<PaymentLink> Links, IReadOnlyList<CatalogueItem> Catalogue, LinkFields Fields);

/// <summary>What stands in the form.</summary>
/// <param name="Item">What of the catalogue; empty for something of its own.</param>
/// <param name="Name">What payers read.</param>
/// <param name="Amount">What one costs.</param>
/// <param name="Quantity">How many.</param>
/// <param name="GivesCredit">Whether it becomes credit.</param>
public sealed record LinkFields(string Item, string Name, string Amount, string Quantity, bool GivesCredit);

/// <summary>Makes payment links, shows and ends them.</summary>
internal sealed class LinkPages(PaymentLinks links, CustomerBilling billing)
{
    private static readonly LinkFields Blank = new(string.Empty, string.Empty, string.Empty, "1", GivesCredit: false);

    /// <summary><c>GET /console/billing/links</c>.</summary>
    public static Task<IResult> Show(
        Parameters<BillingRequest> parameters,
        BillingVisits visits,
        LinkPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context, parameters.Value, (frame, place) => pages.Page(frame, place, Blank, cancellationToken), cancellationToken);

    /// <summary><c>POST /console/billing/links</c>.</summary>
    public static Task<IResult> Act(
        Parameters<BillingRequest> parameters,
        BillingVisits visits,
        LinkPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value,
        async (frame, place) =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            return form["act"] == "end"
                ? await pages.End(context, frame, place, form, cancellationToken)
                : await pages.Make(context, frame, place, form, cancellationToken);
        },
        cancellationToken);

    /// <summary><c>GET /paid</c>: where somebody who paid at a link comes to, with or without an account here.</summary>
    public static RazorComponentResult<ThanksView> Thank() => new() { PreventStreamingRendering = true };

    private async Task<IResult> Make(
        HttpContext context, Frame frame, BillingPlace place, PostedForm form, CancellationToken cancellationToken)
    {
        var fields = new LinkFields(
            form["item"], form["name"], form["amount"], form["quantity"], form["gives"] == "credit");
        if (form["key"].Length is 0 or > Limits.PurchaseKeyLettersMax)
        {
            return PostedForm.SeeOther(context, place.To(frame, Places.PaymentLinks));
        }

        if (LineOf(fields, place.Account.Currency) is not { } line)
        {
            var complaint = BillingText.Complaint("Choose what is sold, or say what it is and what one costs, in whole cents.");
            return await Page(frame, place with { Said = complaint }, fields, cancellationToken);
        }

        var request = new NewPaymentLink(place.Account, Places.Thanks, [line]) { GivesCredit = fields.GivesCredit };
        var outcome = await links.Make(request, form["key"], frame.Caller.Actor, cancellationToken);
        if (outcome is PaymentRequestOutcome.Answered)
        {
            return PostedForm.SeeOther(context, place.To(frame, Places.PaymentLinks, ("said", "linked")));
        }

        var said = place with { Said = BillingText.Of(outcome) };
        return await Page(
            frame, BillingText.GoesOn(outcome) ? said with { Key = form["key"] } : said, fields, cancellationToken);
    }

    private async Task<IResult> End(
        HttpContext context, Frame frame, BillingPlace place, PostedForm form, CancellationToken cancellationToken)
    {
        var outcome = Id.TryParse<PaymentLinkId>(form["link"], out var link)
            ? await links.Deactivate(place.Account, link, frame.Caller.Actor, cancellationToken)
            : new LinkChangeOutcome.NotFound();
        var complaint = outcome switch
        {
            LinkChangeOutcome.Standing => null,
            LinkChangeOutcome.NotFound => "This link is not there any more.",
            LinkChangeOutcome.Refused(var reason) => $"The payment provider refused: {reason}",
            LinkChangeOutcome.Unknown => "The payment provider has not answered. Press the same button again in a moment.",
            _ => "Nobody takes payments here any more.",
        };
        return complaint is null
            ? PostedForm.SeeOther(context, place.To(frame, Places.PaymentLinks, ("said", "unlinked")))
            : await Page(frame, place with { Said = BillingText.Complaint(complaint) }, Blank, cancellationToken);
    }

    private async Task<IResult> Page(
        Frame frame, BillingPlace place, LinkFields fields, CancellationToken cancellationToken) =>
        frame.Page<LinksView, LinksPage>(
            new(
                place,
                await links.Newest(place.Account, before: null, Payments.Limits.LinksShownMax, cancellationToken),
                (await billing.Catalogue(place.Account, cancellationToken)).Data,
                fields),
            place.Said is { IsComplaint: true } ? StatusCodes.Status409Conflict : StatusCodes.Status200OK);

    private static PaymentLinkItem? LineOf(LinkFields fields, Currency currency)
    {
        if (!int.TryParse(fields.Quantity, NumberStyles.None, CultureInfo.InvariantCulture, out var quantity))
        {
            return null;
        }

        if (Id.TryParse<CatalogueItemId>(fields.Item, out var item))
        {
            return new PaymentLinkItem(quantity, item);
        }

        return fields.Name.Length > 0 && FormText.Micros(fields.Amount) is { } micros
            && MinorUnits.TryOf(new Money(micros, currency), out var minor)
            ? new PaymentLinkItem(quantity, null, fields.Name, minor)
            : null;
    }
}
