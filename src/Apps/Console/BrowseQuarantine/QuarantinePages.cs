using Microsoft.AspNetCore.Http;
using Quoin.Charging;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Metering;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.ConsolePages.BrowseQuarantine;

/// <summary>The quarantine, as it is asked for.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Retried">How many pieces were just put back; null when nobody asked.</param>
internal sealed record QuarantineRequest(OrgId? Org = null, int? Retried = null);

/// <summary>Usage of an organisation that cannot be rated.</summary>
/// <param name="Groups">By reason: what can be done about each is the same for all of it.</param>
/// <param name="Meters">All meters.</param>
/// <param name="Book">The default price book of the organisation's currency; null where there is none.</param>
/// <param name="Retried">How many pieces were just put back to be rated.</param>
/// <param name="Complaint">What was wrong with a form; null when nothing was.</param>
public sealed record QuarantineModel(
    IReadOnlyList<IGrouping<string, UnpricedUsage>> Groups,
    IReadOnlyCollection<Meter> Meters,
    PriceBook? Book,
    int? Retried,
    string? Complaint);

/// <summary>Shows usage that cannot be rated and has it rated again.</summary>
internal static class QuarantinePages
{
    /// <summary><c>GET /console/quarantine</c>.</summary>
    public static Task<IResult> Show(
        Parameters<QuarantineRequest> parameters,
        Visits visits,
        QuarantineReader reader,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame => frame.Page<QuarantineView, QuarantineModel>(
            await reader.Read(frame, parameters.Value.Retried, complaint: null, cancellationToken)),
        cancellationToken);

    /// <summary><c>POST /console/quarantine</c>: has all of it tried again.</summary>
    public static Task<IResult> Retry(
        Parameters<QuarantineRequest> parameters,
        Visits visits,
        QuarantineReader reader,
        Charging.Charging charging,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            if (!form.IsText("reason", Charging.Limits.ReasonLettersMax))
            {
                var model = await reader.Read(frame, retried: null, "Say why, in one line.", cancellationToken);
                return frame.Page<QuarantineView, QuarantineModel>(model, StatusCodes.Status422UnprocessableEntity);
            }

            var retried = await charging.RetryUnpriced(
                frame.RequiredOrg.Id, form["reason"], frame.Caller.Actor, cancellationToken);
            return PostedForm.SeeOther(
                context, frame.To(Places.Quarantine, ("retried", FormattableString.Invariant($"{retried}"))));
        },
        cancellationToken);
}

/// <summary>Asks the billing modules for what the quarantine shows.</summary>
internal sealed class QuarantineReader(Charging.Charging charging, Metering.Metering metering, PriceBooks prices)
{
    public async Task<QuarantineModel> Read(
        Frame frame, int? retried, string? complaint, CancellationToken cancellationToken)
    {
        var waiting = await charging.Unpriced(frame.RequiredOrg.Id, cancellationToken);
        var books = frame.Caller.May(Permission.PricesRead) ? await prices.Books(cancellationToken) : [];
        return new QuarantineModel(
            [.. waiting.GroupBy(usage => usage.Reason, StringComparer.Ordinal)],
            await metering.Meters(cancellationToken),
            books.FirstOrDefault(book => book.IsDefault && book.Currency == frame.Currency),
            retried,
            complaint);
    }
}
