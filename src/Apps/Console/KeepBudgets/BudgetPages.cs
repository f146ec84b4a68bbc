using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.ConsolePages.BrowseCalls;
using Quoin.ConsolePages.KeepGatewayKeys;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Platform;

namespace Quoin.ConsolePages.KeepBudgets;

/// <summary>Budgets, as they are asked for.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Said">What was just done.</param>
internal sealed record BudgetsRequest(OrgId? Org = null, string? Said = null);

/// <summary>Budgets and how far each is used.</summary>
/// <param name="Budgets">Those that hold.</param>
/// <param name="Labels">What keys are called, by their ids.</param>
/// <param name="Projects">The organisation's projects, by their ids.</param>
/// <param name="Now">By the organisation's clock.</param>
/// <param name="Said">What was just done, or why nothing was; null nothing.</param>
/// <param name="IsComplaint">Whether nothing was.</param>
public sealed record BudgetList(
    IReadOnlyList<BudgetStanding> Budgets,
    IReadOnlyDictionary<string, string> Labels,
    IReadOnlyDictionary<string, string> Projects,
    DateTimeOffset Now,
    string? Said,
    bool IsComplaint);

/// <summary>Shows budgets, makes, changes and ends them.</summary>
internal sealed class BudgetPages(Budgets budgets, Keys keys, Projects projects, OrganisationClock clock)
{
    /// <summary><c>GET /console/gateway/budgets</c>.</summary>
    public static Task<IResult> Show(
        Parameters<BudgetsRequest> parameters,
        Visits visits,
        BudgetPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        frame => pages.Listed(frame, Said(parameters.Value.Said), false, cancellationToken),
        cancellationToken);

    /// <summary><c>POST /console/gateway/budgets</c>.</summary>
    public static Task<IResult> Act(
        Parameters<BudgetsRequest> parameters,
        Visits visits,
        BudgetPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            var complaint = await pages.Do(frame, form, cancellationToken);
            return complaint is null
                ? PostedForm.SeeOther(context, frame.To(Places.Budgets, ("said", form["act"])))
                : await pages.Listed(frame, complaint, true, cancellationToken);
        },
        cancellationToken);

    private async Task<IResult> Listed(Frame frame, string? said, bool isComplaint, CancellationToken cancellationToken)
    {
        var org = frame.RequiredOrg.Id;
        var model = new BudgetList(
            await budgets.List(org, null, null, Limits.BudgetsListed, cancellationToken),
            await KeyLabels.Of(keys, org, cancellationToken),
            (await projects.Of(org, cancellationToken))
                .ToDictionary(project => project.Id.ToString(), project => project.Name, StringComparer.Ordinal),
            await clock.Now(org, cancellationToken),
            said,
            isComplaint);
        return frame.Page<BudgetsView, BudgetList>(
            model, isComplaint ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
    }

    private async Task<string?> Do(Frame frame, PostedForm form, CancellationToken cancellationToken)
    {
        var (org, actor) = (frame.RequiredOrg.Id, frame.Caller.Actor);
        var posture = GatewayKeyText.PostureOf(form["posture"]);
        var id = Id.TryParse<BudgetId>(form["budget"], out var named) ? named : default;
        if (form["act"] == "end")
        {
            return Complaint(await budgets.End(org, id, actor, cancellationToken));
        }

        if (FormText.Micros(form["amount"]) is not { } micros || micros > Limiting.Limits.BudgetMicrosMax)
        {
            return "The amount is a number such as 25.00.";
        }

        if (form["act"] == "change")
        {
            var currency = (await budgets.Find(org, id, cancellationToken))?.Budget.Amount.Currency ?? frame.Currency;
            return Complaint(await budgets.Change(
                org, id, new BudgetChange(new Money(micros, currency), posture, null), actor, cancellationToken));
        }

        var window = BudgetWindow.Parse(FormText.Of(form["length"]) ?? form["window"]);
        return window is null ? "The length is a number with s, m, h or d, such as 30d or 12h."
            : ScopeOf(frame, form) is not { } scope ? "Say which key, user, session or project the budget is for."
            : Complaint(await budgets.Create(
                org, new NewBudget(scope, new Money(micros, frame.Currency), window, posture), actor, cancellationToken));
    }

    private static SpendScope? ScopeOf(Frame frame, PostedForm form)
    {
        var (kind, id) = (form["kind"], form[form["kind"] is "key" or "project" ? form["kind"] : "scope"]);
        return kind is "" or "organisation" ? SpendScope.Of(frame.RequiredOrg.Id)
            : BudgetText.Kinds.All(one => one.Kind != kind) || id.Length is 0 or > Limiting.Limits.ScopeIdLettersMax ? null
            : new SpendScope(kind, id);
    }

    private static string? Said(string? act) => act switch
    {
        "create" => "The budget holds from now on.",
        "change" => "It is changed; what was spent stays.",
        "end" => "It bounds nothing any more.",
        _ => null,
    };

    private static string? Complaint(BudgetOutcome outcome) => outcome switch
    {
        BudgetOutcome.Kept => null,
        BudgetOutcome.TooMany => "There are as many budgets for this as there may be. End one first.",
        BudgetOutcome.AlreadyEnded => "It was ended before.",
        BudgetOutcome.OtherCurrency => "Its currency cannot change.",
        _ => "There is no such budget any more.",
    };
}

/// <summary>Budgets, in words.</summary>
public static class BudgetText
{
    /// <summary>Whose spending a budget can bound, with their names.</summary>
    public static IReadOnlyList<(string Kind, string Text)> Kinds { get; } =
    [
        ("organisation", "All of the organisation"), ("key", "A key"), ("project", "A project"), ("user", "An end user"),
        ("session", "A session"), ("run", "An automation run"),
    ];

    /// <summary>Whose spending a budget bounds.</summary>
    public static string Of(SpendScope scope, BudgetList model) => scope.Kind switch
    {
        "organisation" => "All of the organisation",
        "key" => model.Labels.GetValueOrDefault(scope.Id, scope.Id),
        "project" => model.Projects.GetValueOrDefault(scope.Id, scope.Id),
        _ => scope.Id,
    };

    /// <summary>What kind of thing that is: <c>key</c>; empty for the organisation.</summary>
    public static string KindOf(SpendScope scope) => scope.Kind switch
    {
        "organisation" => string.Empty,
        "user" => "end user",
        var kind => kind,
    };

    /// <summary>What happens when it is used up.</summary>
    public static string Of(SpendPosture posture) => posture switch
    {
        SpendPosture.Hard => "refuses",
        SpendPosture.Soft => "warns",
        _ => "only counts",
    };
}
