using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.ConsolePages.Shell;
using Quoin.Inference;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.ConsolePages.SetUnpriced;

/// <summary>A model that is offered and that the catalogue has no price for.</summary>
/// <param name="Provider">The provider's name.</param>
/// <param name="Model">The provider's name of the model: what prices tell usage apart by.</param>
/// <param name="AnswersFor">The models, as clients name them, that it answers for.</param>
/// <param name="Meters">The meters without a price.</param>
public sealed record MissingPrice(
    string Provider, string Model, IReadOnlyList<string> AnswersFor, IReadOnlyList<string> Meters);

/// <summary>What becomes of calls that nothing prices.</summary>
/// <param name="Rules">What was said.</param>
/// <param name="Names">What the organisations of the rules are called.</param>
/// <param name="Missing">Models that are offered without a price.</param>
/// <param name="Book">The book where their prices belong; null where there is none for the currency.</param>
/// <param name="Models">The models that are offered, to choose from.</param>
/// <param name="Model">The model the form names; empty for all.</param>
/// <param name="Said">What was just done, or why nothing was; null nothing.</param>
/// <param name="IsComplaint">Whether nothing was.</param>
public sealed record UnpricedModelList(
    IReadOnlyList<UnpricedRule> Rules,
    IReadOnlyDictionary<OrgId, string> Names,
    IReadOnlyList<MissingPrice> Missing,
    PriceBook? Book,
    IReadOnlyList<string> Models,
    string Model,
    string? Said,
    bool IsComplaint);

/// <summary>Shows and sets what becomes of calls of models that nothing prices.</summary>
internal sealed class UnpricedPages(
    GatewayDesk desk, PriceBooks prices, Organisations organisations, TimeProvider time)
{
    // What a call is never without: a model that lacks a price for one of these is not priced.
    private static readonly string[] NeededMeters = ["llm.input_tokens", "llm.output_tokens"];

    /// <summary><c>GET /console/models/unpriced</c>.</summary>
    public static Task<IResult> List(
        Visits visits, UnpricedPages pages, HttpContext context, CancellationToken cancellationToken) => visits.ShowPlatform(
        context,
        FormText.Org(context.Request),
        frame => pages.Listed(
            frame,
            FormText.Of(context.Request, "model") ?? string.Empty,
            FormText.Of(context.Request, "said") == "set" ? "It holds from now on, on every replica within a second." : null,
            false,
            cancellationToken),
        cancellationToken);

    /// <summary><c>POST /console/models/unpriced</c>.</summary>
    public static Task<IResult> Set(
        Visits visits, UnpricedPages pages, HttpContext context, CancellationToken cancellationToken) => visits.ShowPlatform(
        context,
        FormText.Org(context.Request),
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            var policy = form["policy"] switch
            {
                "zero" => UnpricedPolicy.Zero,
                "inherit" => UnpricedPolicy.Inherit,
                _ => UnpricedPolicy.Refuse,
            };
            var wanted = new UnpricedModel(policy, form["reason"], FormText.Of(form["model"]));
            var whose = Id.TryParse<OrgId>(form["whose"], out var org) ? org : (OrgId?)null;
            return await pages.desk.SetUnpriced(whose, wanted, frame.Caller.Actor, cancellationToken) is { } wrong
                ? await pages.Listed(frame, form["model"], GatewaySentence.Of(wrong), true, cancellationToken)
                : PostedForm.SeeOther(context, frame.To(Places.UnpricedModels, ("said", "set")));
        },
        cancellationToken);

    private readonly GatewayDesk desk = desk;

    private async Task<IResult> Listed(
        Frame frame, string model, string? said, bool isComplaint, CancellationToken cancellationToken)
    {
        var rules = await desk.UnpricedModels(cancellationToken);
        var offered = await desk.Models(cancellationToken);
        var snapshot = await prices.Current(cancellationToken);
        var book = BookFor(snapshot, frame.Org is null ? null : frame.Currency);
        var names = await organisations.FindMany(
            [.. rules.Select(rule => rule.Organisation).OfType<OrgId>().Distinct()], cancellationToken);
        return frame.Page<UnpricedView, UnpricedModelList>(
            new(
                rules,
                names.ToDictionary(pair => pair.Key, pair => pair.Value.Name),
                Missing(offered, snapshot, book?.Currency ?? Currency.Usd, time.GetUtcNow()),
                book,
                [.. offered.Select(one => one.Model)],
                model,
                said,
                isComplaint),
            isComplaint ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
    }

    /// <summary>The book of the catalogue that a price belongs in; null where there is none.</summary>
    /// <param name="snapshot">All prices.</param>
    /// <param name="currency">The currency; null for whichever there is.</param>
    public static PriceBook? BookFor(PriceSnapshot snapshot, Currency? currency) => snapshot.Books
        .Where(book => book.IsDefault && (currency is null || book.Currency == currency))
        .OrderBy(book => book.Id.Value)
        .FirstOrDefault();

    private static List<MissingPrice> Missing(
        IReadOnlyList<ModelRow> offered, PriceSnapshot snapshot, Currency currency, DateTimeOffset now) =>
    [
        .. offered
            .SelectMany(model => model.Deployments.Select(one => (model.Model, one.Provider, Its: one.Model)))
            .GroupBy(one => (one.Provider, one.Its), one => one.Model)
            .OrderBy(group => group.Key.Provider, StringComparer.Ordinal)
            .ThenBy(group => group.Key.Its, StringComparer.Ordinal)
            .Select(group => new MissingPrice(
                group.Key.Provider,
                group.Key.Its,
                [.. group.Distinct(StringComparer.Ordinal)],
                [
                    .. NeededMeters.Where(meter => snapshot.Find(new PriceLookup(
                        AccountPrices.Catalogue,
                        currency,
                        meter,
                        Dimensions.Of([new("model", group.Key.Its), new("provider", group.Key.Provider)]),
                        now)) is null),
                ]))
            .Where(one => one.Meters.Count > 0),
    ];
}
