using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.Shell;
using Quoin.Pricing;

namespace Quoin.ConsolePages.BrowsePrices;

/// <summary>
/// Writes a price. What was written stands in the address, so that a preview can be shown to somebody; only publishing
/// is sent with POST.
/// </summary>
internal static class EditPrice
{
    private const string More = "more";

    /// <summary><c>GET /console/prices/{book}/edit</c>: an empty form, one that says what a component says, or a preview.</summary>
    public static Task<IResult> Show(
        Visits visits,
        PriceBooks prices,
        Metering.Metering metering,
        TimeProvider time,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        FormText.Org(context.Request),
        async frame =>
        {
            var query = context.Request.Query;
            var snapshot = await prices.Current(cancellationToken);
            if (await Book(context, prices, cancellationToken) is not { } book)
            {
                return frame.NotFound("price book");
            }

            var isWritten = query.ContainsKey("model_0");
            var isMore = query["act"] == More;
            var known = ComponentVersions.Of(snapshot, book.Id, time.GetUtcNow())
                .FirstOrDefault(one => one.Id.ToString() == query["component"].ToString());
            var form = isWritten || known is null
                ? PriceForm.Read(name => query.TryGetValue(name, out var text) ? text.ToString() : null, isMore)
                : PriceForm.Of(known.Newest);
            var draft = await Draft(
                book, snapshot, form, isMeant: (isWritten && !isMore) || known is not null, metering, time, cancellationToken);
            return frame.Page<EditPriceView, PriceDraft>(draft);
        },
        cancellationToken);

    /// <summary><c>POST /console/prices/{book}/edit</c>: publishes it.</summary>
    public static Task<IResult> Publish(
        Visits visits,
        PriceBooks prices,
        Metering.Metering metering,
        TimeProvider time,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        FormText.Org(context.Request),
        async frame =>
        {
            var posted = await PostedForm.Read(context.Request, cancellationToken);
            var snapshot = await prices.Current(cancellationToken);
            if (await Book(context, prices, cancellationToken) is not { } book)
            {
                return frame.NotFound("price book");
            }

            var form = PriceForm.Read(name => posted.Has(name) ? posted[name] : null, isMore: false);
            var draft = await Draft(book, snapshot, form, isMeant: true, metering, time, cancellationToken);
            if (draft.Price is not { } price)
            {
                return frame.Page<EditPriceView, PriceDraft>(draft, StatusCodes.Status422UnprocessableEntity);
            }

            var outcome = await prices.Publish(
                book.Id, [price], posted["below_cost"] == "meant", frame.Caller.Actor, cancellationToken);
            switch (outcome)
            {
                case PublishOutcome.Published { Versions: [var version] }:
                    return PostedForm.SeeOther(context, frame.To(Places.Of(version)));
                case PublishOutcome.Refused refused:
                    form.Refuse(refused.Reason);
                    return frame.Page<EditPriceView, PriceDraft>(draft, StatusCodes.Status422UnprocessableEntity);
                case PublishOutcome.BelowCost below:
                    form.AskWhetherBelowCostIsMeant(below.Reason);
                    return frame.Page<EditPriceView, PriceDraft>(draft, StatusCodes.Status409Conflict);
                default:
                    return frame.NotFound("price book");
            }
        },
        cancellationToken);

    private static async Task<PriceBook?> Book(HttpContext context, PriceBooks prices, CancellationToken cancellationToken)
    {
        var books = await prices.Books(cancellationToken);
        return books.FirstOrDefault(book => book.Id.ToString() == context.Request.RouteValues["book"] as string);
    }

    private static async Task<PriceDraft> Draft(
        PriceBook book,
        PriceSnapshot snapshot,
        PriceForm form,
        bool isMeant,
        Metering.Metering metering,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        var meters = (await metering.Meters(cancellationToken)).Select(meter => meter.Key).Order(StringComparer.Ordinal);
        var now = time.GetUtcNow();
        var components = ComponentVersions.Of(snapshot, book.Id, now);
        PriceVersion? Like(NewPrice one) => components
            .FirstOrDefault(component => component.Newest.Meter == one.Meter && component.Newest.Match == one.Match)?.Newest;

        // When it begins depends on whether it is the first of its component, which only its meter and match say.
        var price = isMeant ? form.Price(now, isFirst: true) : null;
        var before = price is null ? null : Like(price);
        if (price is { EffectiveFrom: null } && before is not null)
        {
            price = form.Price(now, isFirst: false);
        }

        return new PriceDraft(book, form, [.. meters], price, before);
    }
}
