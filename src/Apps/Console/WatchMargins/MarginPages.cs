using System.Globalization;
using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.ConsolePages.Overview;
using Quoin.ConsolePages.Shell;
using Quoin.Inference;
using Quoin.Kernel;
using Quoin.Pricing;

namespace Quoin.ConsolePages.WatchMargins;

/// <summary>What is left of what customers pay.</summary>
/// <param name="Days">Over how many days.</param>
/// <param name="By">What is told apart: <c>model</c>, <c>organisation</c> or <c>day</c>.</param>
/// <param name="OfOrg">Whether it is of the organisation in the menu only.</param>
/// <param name="Rows">The rows, in the order they are shown.</param>
/// <param name="RowsLeftOut">How many more there would be.</param>
/// <param name="Sums">The sums, by currency, those of rows that are left out, too.</param>
/// <param name="Names">What organisations are called, by their ids.</param>
/// <param name="Books">The books where prices belong, by currency.</param>
/// <param name="Until">The end of the range.</param>
public sealed record MarginModel(
    int Days,
    string By,
    bool OfOrg,
    IReadOnlyList<MarginRow> Rows,
    long RowsLeftOut,
    IReadOnlyList<MarginTotal> Sums,
    IReadOnlyDictionary<string, string> Names,
    IReadOnlyDictionary<Currency, PriceBook> Books,
    DateTimeOffset Until)
{
    /// <summary>The ranges there are, in days.</summary>
    public static IReadOnlyList<int> Ranges { get; } = [1, 7, 30, 90];

    /// <summary>What can be told apart, with its names.</summary>
    public static IReadOnlyList<(string Name, string Text, MarginGroup Group)> Groups { get; } =
    [
        ("model", "Model", MarginGroup.Model), ("organisation", "Customer", MarginGroup.Organisation),
        ("day", "Day", MarginGroup.Day),
    ];

    /// <summary>What a row is called.</summary>
    public string NameOf(MarginRow row) => By == "organisation" ? Names.GetValueOrDefault(row.Name, row.Name) : row.Name;

    /// <summary>The margin's share of what customers pay, in percent.</summary>
    public static string Percent(decimal marginMicros, decimal customerMicros) => customerMicros == 0
        ? "–"
        : (100 * marginMicros / customerMicros).ToString("0.#", CultureInfo.InvariantCulture).Replace('-', '−') + " %";

    /// <summary>What providers ask and what is left over, day by day, of the currency with the most; the heights sum to what
    /// customers pay. A day that loses shows what providers ask alone.</summary>
    public IReadOnlyList<ChartSeries> Series
    {
        get
        {
            ChartSeries Of(string name, int color, Func<MarginRow, decimal> micros) => new(
                name,
                color,
                [.. Charted.Select(row => (double)(Math.Max(0, micros(row)) / Money.MicrosPerUnit))],
                [.. Charted.Select(row => Format.Exact(micros(row), row.Currency))]);
            return [Of("Providers ask", 3, row => row.ProviderMicros), Of("Left over", 0, row => row.MarginMicros)];
        }
    }

    // A day without calls has its place, too: else a few days would look like many.
    private static IReadOnlyList<MarginRow> Whole(IGrouping<Currency, MarginRow>? rows, DateTimeOffset until, int days)
    {
        if (rows is null)
        {
            return [];
        }

        var known = rows.ToDictionary(row => row.Name, StringComparer.Ordinal);
        return
        [
            .. Enumerable.Range(0, days + 1)
                .Select(day => until.UtcDateTime.AddDays(day - days).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))
                .Select(day => known.GetValueOrDefault(day) ?? new MarginRow(day, rows.Key, 0, 0, 0, 0, 0, 0)),
        ];
    }

    /// <summary>The days of the chart.</summary>
    public IReadOnlyList<MarginRow> Charted { get; } = By != "day"
        ? []
        : Whole(Rows.GroupBy(row => row.Currency).MaxBy(group => group.Sum(row => row.CustomerMicros)), Until, Days);
}

/// <summary>Shows what is left of what customers pay.</summary>
internal sealed class MarginPages(
    GatewayDesk desk, Organisations organisations, PriceBooks prices, TimeProvider time)
{
    /// <summary><c>GET /console/models/margins</c>.</summary>
    public static Task<IResult> Show(
        Visits visits, MarginPages pages, HttpContext context, CancellationToken cancellationToken) => visits.ShowPlatform(
        context,
        FormText.Org(context.Request),
        async frame => frame.Page<MarginsView, MarginModel>(await pages.Read(frame, context.Request, cancellationToken)),
        cancellationToken);

    private async Task<MarginModel> Read(Frame frame, HttpRequest request, CancellationToken cancellationToken)
    {
        var by = MarginModel.Groups.FirstOrDefault(one => one.Name == FormText.Of(request, "by"));
        by = by.Name is null ? MarginModel.Groups[0] : by;
        var isKnown = int.TryParse(FormText.Of(request, "days"), CultureInfo.InvariantCulture, out var days)
            && MarginModel.Ranges.Contains(days);
        days = isKnown ? days : 30;
        var ofOrg = frame.Org is not null && FormText.Of(request, "only") == "org";
        var now = time.GetUtcNow();
        var (rows, leftOut, sums) = await desk.Margins(
            ofOrg ? frame.Org!.Id : null, new Period(now.AddDays(-days), now), by.Group, cancellationToken);
        var names = by.Group == MarginGroup.Organisation
            ? await organisations.FindMany([.. rows.Select(row => Id.Parse<OrgId>(row.Name)).Distinct()], cancellationToken)
            : new Dictionary<OrgId, OrganisationProfile>();
        return new MarginModel(
            days,
            by.Name,
            ofOrg,
            by.Group == MarginGroup.Day ? [.. rows.OrderBy(row => row.Name, StringComparer.Ordinal)] : rows,
            leftOut,
            sums,
            names.ToDictionary(pair => pair.Key.ToString(), pair => pair.Value.Name, StringComparer.Ordinal),
            (await prices.Books(cancellationToken)).Where(book => book.IsDefault).ToDictionary(book => book.Currency),
            now);
    }
}
