using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.ConsolePages.BrowsePlans;

/// <summary>Plans, and what an organisation has.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Family">One plan, on its own page.</param>
internal sealed record PlansRequest(OrgId? Org = null, string? Family = null);

/// <summary>What an organisation's account has, and what there is to have.</summary>
/// <param name="Catalogue">All plans.</param>
/// <param name="Shown">The families the reader may see.</param>
/// <param name="Has">What the account has and had.</param>
/// <param name="Now">What time it is for the organisation.</param>
/// <param name="Complaint">Why a change could not be; null when nobody asked or it could.</param>
public sealed record PlanList(
    PlanCatalogue Catalogue, IReadOnlyList<PlanFamily> Shown, AccountPlans Has, DateTimeOffset Now, string? Complaint);

/// <summary>One plan.</summary>
/// <param name="Family">The plan.</param>
/// <param name="Versions">Its versions, the newest first.</param>
public sealed record PlanDetail(PlanFamily Family, IReadOnlyList<PlanVersion> Versions);

/// <summary>Shows plans, and gives them to an organisation's account.</summary>
internal static class PlanPages
{
    /// <summary><c>GET /console/plans</c>.</summary>
    public static Task<IResult> List(
        Parameters<PlansRequest> parameters,
        Visits visits,
        PlanPageReader reader,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame => frame.Page<PlansView, PlanList>(await reader.Read(frame, complaint: null, cancellationToken)),
        cancellationToken);

    /// <summary><c>GET /console/plans/{family}</c>.</summary>
    public static Task<IResult> One(
        Parameters<PlansRequest> parameters,
        Visits visits,
        PlanPageReader reader,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var list = await reader.Read(frame, complaint: null, cancellationToken);
            return list.Shown.FirstOrDefault(one => one.Family == parameters.Value.Family) is { } family
                ? frame.Page<PlanView, PlanDetail>(new(
                    family,
                    [
                        .. list.Catalogue.Versions
                            .Where(version => version.Family == family.Family
                                && (frame.IsOperator || version.Status == PlanStatus.Published))
                            .Reverse(),
                    ]))
                : frame.NotFound("plan");
        },
        cancellationToken);

    /// <summary><c>POST /console/plans</c>: assigns, changes, ends or goes on with what the account has.</summary>
    public static Task<IResult> Change(
        Parameters<PlansRequest> parameters,
        Visits visits,
        PlanPageReader reader,
        Plans plans,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            var outcome = await Ask(frame, form, plans, cancellationToken);
            var complaint = outcome switch
            {
                AssignOutcome.Done => null,
                AssignOutcome.Overlaps => "The account has one of this kind in that time: change that one instead.",
                AssignOutcome.NotFound(var reason) => reason,
                AssignOutcome.NotAssignable(var reason) => reason,
                AssignOutcome.Refused(var reason) => reason,
                _ => "Press one of the buttons.",
            };
            return complaint is null
                ? PostedForm.SeeOther(context, frame.To(Places.Plans))
                : frame.Page<PlansView, PlanList>(
                    await reader.Read(frame, complaint, cancellationToken), StatusCodes.Status409Conflict);
        },
        cancellationToken);

    private static async Task<AssignOutcome?> Ask(
        Frame frame, PostedForm form, Plans plans, CancellationToken cancellationToken)
    {
        var org = frame.RequiredOrg.Id;
        var actor = frame.Caller.Actor;
        var when = form["when"] switch
        {
            "now" => ChangeTime.Now,
            "period_end" => ChangeTime.PeriodEnd,
            "at" => ChangeTime.At,
            _ => ChangeTime.Usual,
        };
        var at = FormText.Instant(form["at"]);
        var isPlan = Id.TryParse<PlanVersionId>(form["plan"], out var plan);
        var isKnown = Id.TryParse<AssignmentId>(form["assignment"], out var assignment);
        return form["act"] switch
        {
            "assign" when isPlan => await plans.Assign(
                new NewAssignment(
                    new BillingAccountKey(org, frame.RequiredOrg.DefaultBillingAccount.Id), AssignmentKind.Plan, plan)
                {
                    From = at,
                    Note = form["note"],
                },
                actor,
                cancellationToken),
            "change" when isPlan && isKnown => await plans.Change(
                new PlanChange(org, assignment, plan, when, at), actor, cancellationToken),
            "cancel" when isKnown => await plans.Cancel(new AssignmentEnd(org, assignment, when, at), actor, cancellationToken),
            "resume" when isKnown => await plans.Resume(org, assignment, actor, cancellationToken),
            _ => null,
        };
    }
}

/// <summary>Asks Pricing for what the pages of plans show.</summary>
internal sealed class PlanPageReader(Plans plans, OrganisationClock clock)
{
    public async Task<PlanList> Read(Frame frame, string? complaint, CancellationToken cancellationToken)
    {
        var org = frame.RequiredOrg.Id;
        var catalogue = await plans.Catalogue(cancellationToken);
        var has = await plans.Of(
            new BillingAccountKey(org, frame.RequiredOrg.DefaultBillingAccount.Id), cancellationToken);
        var own = has.Assignments.Select(assignment => assignment.Plan?.Family).ToHashSet();
        return new PlanList(
            catalogue,
            [
                .. catalogue.Families
                    .Where(family =>
                        frame.IsOperator || family.Visibility == PlanVisibility.Public || own.Contains(family.Family))
                    .OrderBy(family => catalogue.Newest(family.Family, frame.Currency)?.Fee.Micros ?? long.MaxValue),
            ],
            has,
            await clock.Now(org, cancellationToken),
            complaint);
    }
}
