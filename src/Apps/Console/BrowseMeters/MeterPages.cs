using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.ExploreUsage;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Metering;
using Quoin.Platform;

namespace Quoin.ConsolePages.BrowseMeters;

/// <summary>A meter's page, or the list.</summary>
/// <param name="Meter">The meter's key or id; left out for the list.</param>
/// <param name="Org">The organisation.</param>
internal sealed record MeterPageRequest(string? Meter = null, OrgId? Org = null);

/// <summary>All meters.</summary>
/// <param name="Families">By the first word of their keys.</param>
/// <param name="UsedToday">How much this organisation used of each in the last 24 hours.</param>
public sealed record MeterList(
    IReadOnlyList<IGrouping<string, Meter>> Families, IReadOnlyDictionary<string, decimal> UsedToday);

/// <summary>One meter.</summary>
/// <param name="Meter">The meter.</param>
/// <param name="LastDay">What this organisation used of it in the last 24 hours.</param>
/// <param name="Now">What time it is for the organisation.</param>
public sealed record MeterDetail(Meter Meter, Exploration LastDay, DateTimeOffset Now);

/// <summary>A form about a meter.</summary>
/// <param name="Meter">The meter that gets a version; null for a new meter.</param>
/// <param name="Form">What was written.</param>
public sealed record MeterFormModel(Meter? Meter, MeterForm Form);

/// <summary>Shows meters, and takes new ones and new versions.</summary>
internal static class MeterPages
{
    /// <summary><c>GET /console/meters</c>.</summary>
    public static Task<IResult> List(
        Parameters<MeterPageRequest> parameters,
        Visits visits,
        UsageReader reader,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var day = await LastDay(frame, reader, meter: null, cancellationToken);
            return frame.Page<MetersView, MeterList>(new(
                [.. day!.Meters.GroupBy(meter => meter.Key.Split('.')[0], StringComparer.Ordinal)],
                day.Usage.Groups
                    .Where(group => group.Meter is not null)
                    .ToDictionary(group => group.Meter!, group => group.Quantity)));
        },
        cancellationToken);

    /// <summary><c>GET /console/meters/{meter}</c>.</summary>
    public static Task<IResult> One(
        Parameters<MeterPageRequest> parameters,
        Visits visits,
        UsageReader reader,
        OrganisationClock clock,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var day = await LastDay(frame, reader, parameters.Value.Meter, cancellationToken);
            return day?.Meter is { } meter
                ? frame.Page<MeterView, MeterDetail>(
                    new(meter, day, await clock.Now(frame.RequiredOrg.Id, cancellationToken)))
                : frame.NotFound("meter");
        },
        cancellationToken);

    /// <summary><c>GET /console/meters/new</c>.</summary>
    public static Task<IResult> New(
        Parameters<MeterPageRequest> parameters,
        Visits visits,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        frame => Task.FromResult(frame.Page<MeterFormView, MeterFormModel>(new(null, MeterForm.Empty()))),
        cancellationToken);

    /// <summary><c>POST /console/meters/new</c>.</summary>
    public static Task<IResult> Create(
        Parameters<MeterPageRequest> parameters,
        Visits visits,
        Meters meters,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var form = MeterForm.Read(await PostedForm.Read(context.Request, cancellationToken));
            var (definition, from) = (form.Definition(), form.EffectiveFrom());
            var aggregation = MeterText.Aggregations.FirstOrDefault(one => one.Name == form["aggregation"]);
            if (definition is null || !form.IsReadable || aggregation.Name is null)
            {
                return Again(frame, meter: null, form);
            }

            var outcome = await meters.Define(
                new MeterInput(form["key"], aggregation.Value, form["unit"], definition, from),
                frame.Caller.Actor,
                cancellationToken);
            return Answer(context, frame, meter: null, form, outcome);
        },
        cancellationToken);

    /// <summary><c>GET /console/meters/{meter}/versions/new</c>.</summary>
    public static Task<IResult> NewVersion(
        Parameters<MeterPageRequest> parameters,
        Visits visits,
        Metering.Metering metering,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame => await Find(metering, parameters.Value.Meter, cancellationToken) is { } meter
            ? frame.Page<MeterFormView, MeterFormModel>(new(meter, MeterForm.Of(meter)))
            : frame.NotFound("meter"),
        cancellationToken);

    /// <summary><c>POST /console/meters/{meter}/versions/new</c>.</summary>
    public static Task<IResult> AddVersion(
        Parameters<MeterPageRequest> parameters,
        Visits visits,
        Metering.Metering metering,
        Meters meters,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            if (await Find(metering, parameters.Value.Meter, cancellationToken) is not { } meter)
            {
                return frame.NotFound("meter");
            }

            var form = MeterForm.Read(await PostedForm.Read(context.Request, cancellationToken));
            var (definition, from) = (form.Definition(), form.EffectiveFrom());
            if (definition is null || !form.IsReadable)
            {
                return Again(frame, meter, form);
            }

            var outcome = await meters.AddVersion(
                meter.Key, new MeterVersionInput(definition, from), frame.Caller.Actor, cancellationToken);
            return Answer(context, frame, meter, form, outcome);
        },
        cancellationToken);

    private static IResult Answer(
        HttpContext context, Frame frame, Meter? meter, MeterForm form, DefineOutcome outcome)
    {
        switch (outcome)
        {
            case DefineOutcome.Defined { Meters: [var made] }:
                return PostedForm.SeeOther(context, frame.To(Places.Of(made)));
            case DefineOutcome.Taken taken:
                form.Refuse($"Another meter has the key {taken.Key}.");
                return Again(frame, meter, form);
            case DefineOutcome.Refused refused:
                form.Refuse(refused.Reason);
                return Again(frame, meter, form);
            default:
                return frame.NotFound("meter");
        }
    }

    private static IResult Again(Frame frame, Meter? meter, MeterForm form) =>
        frame.Page<MeterFormView, MeterFormModel>(new(meter, form), StatusCodes.Status422UnprocessableEntity);

    private static async Task<Meter?> Find(Metering.Metering metering, string? key, CancellationToken cancellationToken) =>
        (await metering.Meters(cancellationToken)).FirstOrDefault(meter => meter.Key == key);

    private static Task<Exploration?> LastDay(
        Frame frame, UsageReader reader, string? meter, CancellationToken cancellationToken) => reader.Read(
        frame.RequiredOrg.Id,
        frame.Currency,
        new UsageQuestion(
            meter, meter is null ? [UsageQuestion.ByMeter] : [], [], "24h", null, null, null, frame.Viewer.Zone, IsCompared: false),
        cancellationToken);
}
