using System.Globalization;
using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.ConsolePages.BrowseCalls;
using Quoin.ConsolePages.Overview;
using Quoin.ConsolePages.Shell;
using Quoin.Inference;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.ShowSpend;

/// <summary>What models cost over time.</summary>
/// <param name="Question">What was asked.</param>
/// <param name="Summary">The sums.</param>
/// <param name="Labels">What keys are called, by their ids.</param>
/// <param name="Currency">The currency that is charted.</param>
/// <param name="Zone">The reader's time zone.</param>
/// <param name="Models">The models there are.</param>
/// <param name="Savings">What giving answers again saved in the same time, whatever it is narrowed to.</param>
public sealed record SpendModel(
    SpendQuestion Question,
    UsageSummary Summary,
    IReadOnlyDictionary<string, string> Labels,
    Currency Currency,
    TimeZoneInfo Zone,
    IReadOnlyList<string> Models,
    IReadOnlyList<Saving> Savings)
{
    private const int LabelsMost = 8;

    /// <summary>The groups in the order they are shown, each with its colour; null for those that share one.</summary>
    public IReadOnlyList<(SummarySeries Group, int? Color)> Groups { get; } =
        [.. Summary.Series.Zip(ChartColors.Of(Summary.Series.Select(one => one.Name ?? string.Empty)))];

    /// <summary>Each step in words.</summary>
    public IReadOnlyList<string> Columns => [.. Starts.Select(start => Local(start).ToString(LongForm, CultureInfo.InvariantCulture))];

    /// <summary>The labels below the chart, the newest step's always among them.</summary>
    public IEnumerable<(int Column, string Text)> Times
    {
        get
        {
            var stride = Math.Max(1, (int)Math.Ceiling(Starts.Count / (double)LabelsMost));
            for (var column = (Starts.Count - 1) % stride; column < Starts.Count; column += stride)
            {
                yield return (column, Local(Starts[column]).ToString(ShortForm, CultureInfo.InvariantCulture));
            }
        }
    }

    /// <summary>What they cost, step by step.</summary>
    public IReadOnlyList<ChartSeries> CostSeries => Series(
        totals => (double)(MicrosOf(totals) / Money.MicrosPerUnit), totals => Format.Exact(MicrosOf(totals), Currency));

    /// <summary>How many there were, step by step.</summary>
    public IReadOnlyList<ChartSeries> CallSeries => Series(totals => totals.Requests, totals => Format.Count(totals.Requests));

    /// <summary>Spend in other currencies.</summary>
    public IEnumerable<SummaryCost> OtherCosts => Summary.Totals.Costs.Where(cost => cost.Currency != Currency);

    /// <summary>How many calls were answered from the cache.</summary>
    public long CallsSaved => Savings.Sum(one => one.Calls);

    /// <summary>What they would have cost in the charted currency, in micros.</summary>
    public decimal MicrosSaved =>
        Savings.Where(one => one.Currency is null || one.Currency == Currency).Sum(one => one.SavedMicros);

    private IReadOnlyList<DateTimeOffset> Starts { get; } =
        Summary.Series.Count == 0 ? [Summary.From] : [.. Summary.Series[0].Points.Select(point => point.Start)];

    private string LongForm => Summary.Step == SummaryStep.Day ? "ddd d MMM yyyy" : "d MMM yyyy HH:mm";

    private string ShortForm => Question.Range == "24h" || Question.Day is not null ? "HH:mm" : "d MMM";

    /// <summary>What some calls cost in the charted currency, in micros.</summary>
    public decimal MicrosOf(SummaryTotals totals) =>
        totals.Costs.Where(cost => cost.Currency == Currency).Sum(cost => cost.Micros);

    /// <summary>What a group is called.</summary>
    public string NameOf(SummarySeries group) => group.Name switch
    {
        null or "" => "none",
        var name when Question.By == "key" => Labels.GetValueOrDefault(name, name),
        var name => name,
    };

    // Those without a colour of their own are drawn as one, on top.
    private IReadOnlyList<ChartSeries> Series(Func<SummaryTotals, double> value, Func<SummaryTotals, string> text)
    {
        List<ChartSeries> coloured =
        [
            .. Groups.Where(one => one.Color is not null).Select(one => new ChartSeries(
                NameOf(one.Group),
                one.Color,
                [.. one.Group.Points.Select(point => value(point.Totals))],
                [.. one.Group.Points.Select(point => text(point.Totals))])),
        ];
        var rest = Groups.Where(one => one.Color is null).Select(one => one.Group).ToList();
        if (rest.Count > 0)
        {
            double[] sums = [.. Enumerable.Range(0, Starts.Count).Select(step => rest.Sum(one => value(one.Points[step].Totals)))];
            coloured.Add(new ChartSeries("others", null, sums, [.. sums.Select(sum => Format.Compact(sum))]));
        }

        return coloured;
    }

    // Days are UTC's, whoever looks.
    private DateTimeOffset Local(DateTimeOffset instant) =>
        Summary.Step == SummaryStep.Day ? instant.ToUniversalTime() : TimeZoneInfo.ConvertTime(instant, Zone);
}

/// <summary>Shows what models cost, as charts and as files.</summary>
internal sealed class SpendPages(
    CallHistory journal, GatewayCalls gateway, ContentDesk content, Keys keys, OrganisationClock clock)
{
    private readonly OrganisationClock clock = clock;
    private readonly CallHistory journal = journal;

    /// <summary><c>GET /console/gateway/spend</c>.</summary>
    public static Task<IResult> Show(
        Visits visits,
        SpendPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        FormText.Org(context.Request),
        async frame => frame.Page<SpendView, SpendModel>(
            await pages.Read(frame, SpendQuestion.Read(context.Request), cancellationToken)),
        cancellationToken);

    /// <summary><c>GET /console/gateway/spend/file</c>: the calls behind it.</summary>
    public static Task<IResult> File(
        Visits visits,
        SpendPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        FormText.Org(context.Request),
        async frame =>
        {
            var org = frame.RequiredOrg.Id;
            var asked = SpendQuestion.Read(context.Request).Of(await pages.clock.Now(org, cancellationToken));
            return await pages.journal.File(org, asked, FormText.Of(context.Request, "format") == "json", cancellationToken);
        },
        cancellationToken);

    private async Task<SpendModel> Read(Frame frame, SpendQuestion question, CancellationToken cancellationToken)
    {
        var org = frame.RequiredOrg.Id;
        var summary = await journal.Summary(org, question.Of(await clock.Now(org, cancellationToken)), cancellationToken)
            ?? throw new InvalidOperationException($"A range of ours, {question.Range}, is too long.");
        return new SpendModel(
            question,
            summary,
            new Dictionary<string, string>(await KeyLabels.Of(keys, org, cancellationToken), StringComparer.Ordinal)
            {
                [frame.Caller.Actor] = "you",
            },
            frame.Currency,
            frame.Viewer.Zone,
            await gateway.Models(org, frame.Caller, cancellationToken),
            await content.Savings(org, new Period(summary.From, summary.To), cancellationToken));
    }
}
