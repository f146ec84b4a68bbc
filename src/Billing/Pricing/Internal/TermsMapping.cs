using System.Globalization;
using Quoin.Kernel;

namespace Quoin.Pricing.Internal;

/// <summary>Price terms to documents and back; the way back refuses what has no meaning.</summary>
internal static class TermsMapping
{
    private static readonly DayOfWeek[] Week =
    [
        DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday,
        DayOfWeek.Friday, DayOfWeek.Saturday, DayOfWeek.Sunday,
    ];

    public static TermsDocument Document(PriceTerms terms) => new(
        [.. terms.Cells.Select(Document)],
        NotZero(terms.Included),
        terms.Maximum,
        terms.Minimum,
        terms.Factor is null ? null : Document(terms.Factor));

    public static TermsOutcome Read(TermsDocument document, PriceTerms? cost)
    {
        try
        {
            var terms = new PriceTerms(
                document.Cells is { } cells
                    ? [.. cells.Select(Cell)]
                    : cost?.Cells ?? throw new MeaninglessTerms("cells are missing; only a price over a cost may leave them out"),
                document.Included ?? 0m,
                document.Maximum,
                document.Minimum,
                document.Factor is null ? null : Factor(document.Factor));
            return TermsCheck.Problem(terms) is { } problem ? new TermsOutcome.Refused(problem) : new TermsOutcome.Read(terms);
        }
        catch (MeaninglessTerms meaningless)
        {
            return new TermsOutcome.Refused(meaningless.Message);
        }
    }

    private static CellDocument Document(PriceCell cell) => new(
        Document(cell.Model),
        cell.Key,
        cell.Match == Dimensions.None ? null : cell.Match.ToDictionary(),
        cell.Hours is null ? null : Document(cell.Hours),
        NotZero(cell.Included));

    private static ModelDocument Document(PriceModel model) => model switch
    {
        PriceModel.Flat flat => new ModelDocument(flat.Name, flat.Price),
        PriceModel.PerUnit unit => new ModelDocument(unit.Name, unit.Price, unit.Per),
        PriceModel.Package package => new ModelDocument(package.Name, package.Price, Size: package.Size),
        PriceModel.Graduated tiers => new ModelDocument(tiers.Name, Per: tiers.Per, Tiers: Document(tiers.Tiers)),
        PriceModel.Volume tiers => new ModelDocument(tiers.Name, Per: tiers.Per, Tiers: Document(tiers.Tiers)),
        PriceModel.Percentage share => new ModelDocument(share.Name, Percent: share.Percent),
        _ => throw new InvalidOperationException($"{model.Name} has no document."),
    };

    private static TierDocument[] Document(IReadOnlyList<PriceTier> tiers) =>
        [.. tiers.Select(tier => new TierDocument(tier.UnitPrice, tier.UpTo, NotZero(tier.FlatPrice)))];

    private static HoursDocument Document(WeeklyHours hours) => new(
        WeeklyHours.MinuteText(hours.FromMinute),
        WeeklyHours.MinuteText(hours.UntilMinute),
        hours.Days.Count == 0 ? null : [.. hours.Days.Select(WeeklyHours.DayText)],
        hours.Zone);

    private static FactorDocument Document(PriceFactor factor) => factor switch
    {
        PriceFactor.Markup markup => new FactorDocument(Markup: markup.Rate),
        PriceFactor.Margin margin => new FactorDocument(Margin: margin.Rate),
        PriceFactor.Discount discount => new FactorDocument(Discount: discount.Rate),
        _ => throw new InvalidOperationException($"{factor} has no document."),
    };

    private static decimal? NotZero(decimal value) => value == 0 ? null : value;

    private static PriceCell Cell(CellDocument document)
    {
        var match = Dimensions.Of(document.Match ?? new Dictionary<string, string>());
        var hours = document.Hours is null ? null : Hours(document.Hours);
        return new PriceCell(
            document.Key ?? PriceCell.KeyOf(match, hours),
            match,
            Model(document.Model),
            hours,
            document.Included ?? 0m);
    }

    private static PriceModel Model(ModelDocument document) => document switch
    {
        { Type: "flat", Price: { } price, Per: null, Size: null, Tiers: null, Percent: null } => new PriceModel.Flat(price),
        { Type: "per_unit", Price: { } price, Per: not <= 0, Size: null, Tiers: null, Percent: null } =>
            new PriceModel.PerUnit(price, document.Per ?? 1m),
        { Type: "package", Price: { } price, Per: null, Size: { } size, Tiers: null, Percent: null } =>
            new PriceModel.Package(price, size),
        { Type: "graduated", Price: null, Size: null, Tiers: { } tiers, Percent: null } =>
            new PriceModel.Graduated(Tiers(tiers), document.Per ?? 1m),
        { Type: "volume", Price: null, Size: null, Tiers: { } tiers, Percent: null } =>
            new PriceModel.Volume(Tiers(tiers), document.Per ?? 1m),
        { Type: "percentage", Price: null, Per: null, Size: null, Tiers: null, Percent: { } percent } =>
            new PriceModel.Percentage(percent),
        _ => throw new MeaninglessTerms(
            $"a model of type '{document.Type}' is unknown, lacks a member or has one that is not its own"),
    };

    private static PriceTier[] Tiers(IReadOnlyList<TierDocument> tiers) =>
        [.. tiers.Select(tier => new PriceTier(tier.UpTo, tier.UnitPrice, tier.FlatPrice ?? 0m))];

    private static PriceFactor Factor(FactorDocument document) => document switch
    {
        { Markup: { } rate, Margin: null, Discount: null } => new PriceFactor.Markup(rate),
        { Markup: null, Margin: { } rate and < 1, Discount: null } => new PriceFactor.Margin(rate),
        { Markup: null, Margin: null, Discount: { } rate } => new PriceFactor.Discount(rate),
        _ => throw new MeaninglessTerms("a factor is one of markup, margin (below 1) and discount"),
    };

    private static WeeklyHours Hours(HoursDocument document)
    {
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(document.Zone ?? "UTC", out _))
        {
            throw new MeaninglessTerms($"'{document.Zone}' is no time zone");
        }

        DayOfWeek[] days = [.. (document.Days ?? []).Select(Day)];
        return new WeeklyHours(days, Minute(document.From), Minute(document.Until), document.Zone ?? "UTC");
    }

    private static DayOfWeek Day(string text)
    {
        var index = Array.FindIndex(Week, day => WeeklyHours.DayText(day) == text);
        return index >= 0 ? Week[index] : throw new MeaninglessTerms($"'{text}' is no day; days are mon to sun");
    }

    private static int Minute(string text)
    {
        const int minutesPerDay = 24 * 60;
        if (text == "24:00")
        {
            return minutesPerDay;
        }

        return TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? (time.Hour * 60) + time.Minute
            : throw new MeaninglessTerms($"'{text}' is no time of day, such as 08:00");
    }

    /// <summary>Ends a reading from wherever it is; never leaves this class.</summary>
    private sealed class MeaninglessTerms(string message) : Exception(message);
}
