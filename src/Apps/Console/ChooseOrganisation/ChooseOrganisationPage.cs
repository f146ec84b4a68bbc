using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Accounts;
using Quoin.ConsolePages.Settings;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.ChooseOrganisation;

/// <summary>Which organisations to offer.</summary>
/// <param name="Search">A part of the name, or the whole id; nothing offers the oldest ones.</param>
/// <param name="Part">Whether only the list is wanted, to be put into a page.</param>
/// <param name="Org">The organisation one comes from, as every address of the console names it.</param>
/// <param name="New">What a new one shall be, where the reader comes to make one: <c>live</c> or <c>test</c>.</param>
internal sealed record ChooseRequest(
    string? Search = null, bool Part = false, OrgId? Org = null, OrganisationMode? New = null);

/// <summary>Organisations to choose from.</summary>
/// <param name="Search">What was looked for.</param>
/// <param name="Found">The organisations.</param>
/// <param name="IsCut">Whether there are more.</param>
/// <param name="Form">The form of a new one.</param>
public sealed record OrganisationChoice(
    string Search, IReadOnlyList<OrganisationProfile> Found, bool IsCut, NewOrganisationForm Form);

/// <summary>The form in which an organisation is made.</summary>
/// <param name="Name">What it is called so far.</param>
/// <param name="Mode">Live or test.</param>
/// <param name="IsOpen">Whether the reader came for it.</param>
/// <param name="Complaint">Why none could be made; null where none was tried.</param>
public sealed record NewOrganisationForm(string? Name, OrganisationMode Mode, bool IsOpen, string? Complaint)
{
    /// <summary>The form of whoever comes to the page.</summary>
    /// <param name="mode">What the address asks for; null where it asks for none.</param>
    /// <param name="beside">The organisation one comes from; a test one beside it gets its name.</param>
    public static NewOrganisationForm Of(OrganisationMode? mode, OrganisationProfile? beside) => new(
        mode == OrganisationMode.Test && beside is not null ? $"{beside.Name} (test)" : null,
        mode ?? OrganisationMode.Live,
        mode is not null,
        null);
}

/// <summary>Lets the operator choose an organisation or make one, and people one they belong to, or may join.</summary>
internal sealed class ChooseOrganisationPage(Organisations organisations, OrganisationLife life, Domains domains)
{
    private readonly Organisations organisations = organisations;

    /// <summary><c>GET /console/organisations</c>.</summary>
    public static async Task<IResult> Show(
        Parameters<ChooseRequest> parameters,
        Visits visits,
        ChooseOrganisationPage page,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var (search, isPart, org, mode) = parameters.Value;
        var frame = Visits.Outside(context);
        if (IsForNobody(frame))
        {
            return frame.NotFound("page");
        }

        frame = frame with { Choices = await visits.ChoicesOf(frame.Caller, cancellationToken) };
        var isOpen = org is not null && (frame.IsOperator || frame.Choices.Any(choice => choice.Id == org));
        var beside = isOpen ? await page.organisations.Find(org!.Value, cancellationToken) : null;
        var form = NewOrganisationForm.Of(mode, beside);
        return isPart
            ? new RazorComponentResult<OrganisationList>(new { Model = await page.Search(search, form, cancellationToken) })
            : await page.All(frame, search, form, cancellationToken);
    }

    /// <summary><c>POST /console/organisations</c>.</summary>
    public static async Task<IResult> Act(
        Visits visits, ChooseOrganisationPage page, HttpContext context, CancellationToken cancellationToken)
    {
        var frame = Visits.Outside(context);
        if (IsForNobody(frame))
        {
            return frame.NotFound("page");
        }

        frame = frame with { Choices = await visits.ChoicesOf(frame.Caller, cancellationToken) };
        var form = await PostedForm.Read(context.Request, cancellationToken);
        return form["act"] is "join" or "withdraw"
            ? await page.Join(frame, context, form, cancellationToken)
            : await page.Create(frame, context, form, cancellationToken);
    }

    private async Task<IResult> Create(
        Frame frame, HttpContext context, PostedForm form, CancellationToken cancellationToken)
    {
        var mode = form["mode"] == "test" ? OrganisationMode.Test : OrganisationMode.Live;
        var (name, slug) = (form["name"], FormText.Of(form["slug"]));
        Currency? currency = Currency.TryParse(form["currency"].ToUpperInvariant(), out var written) ? written : null;
        var outcome = frame.IsOperator && frame.Caller.May(Permission.OrganisationsManage)
            ? await organisations.Create(
                new NewOrganisation(name, mode, slug, currency), frame.Caller.Actor, cancellationToken)
            : await life.Create(
                PersonOf(frame), new NewOwnOrganisation(name, mode, slug, currency), cancellationToken);
        return outcome is CreateOrganisationOutcome.Created(var made)
            ? PostedForm.SeeOther(context, $"{Places.Overview}?org={made.Id}")
            : await All(
                frame,
                null,
                new NewOrganisationForm(name, mode, IsOpen: true, SettingsText.Complaint(outcome)),
                cancellationToken);
    }

    private async Task<IResult> Join(
        Frame frame, HttpContext context, PostedForm form, CancellationToken cancellationToken)
    {
        if (frame.IsOperator || !Id.TryParse<OrgId>(form["organisation"], out var org))
        {
            return frame.NotFound("organisation");
        }

        if (form["act"] == "withdraw")
        {
            await domains.Withdraw(PersonOf(frame), org, cancellationToken);
            return PostedForm.SeeOther(context, Places.Organisations);
        }

        var outcome = await domains.Join(PersonOf(frame), org, cancellationToken);
        return SettingsText.Complaint(outcome) is { } complaint
            ? await All(frame, null, new NewOrganisationForm(null, default, false, complaint), cancellationToken)
            : PostedForm.SeeOther(
                context, outcome is JoinOutcome.Joined ? $"{Places.Overview}?org={org}" : Places.Organisations);
    }

    private async Task<IResult> All(
        Frame frame, string? search, NewOrganisationForm form, CancellationToken cancellationToken)
    {
        var status = form.Complaint is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity;
        return frame.IsOperator
            ? frame.Page<OrganisationsView, OrganisationChoice>(await Search(search, form, cancellationToken), status)
            : frame.Page<OwnOrganisationsView, OwnOrganisationsPage>(
                new OwnOrganisationsPage(await life.Of(PersonOf(frame), cancellationToken), form), status);
    }

    private async Task<OrganisationChoice> Search(
        string? search, NewOrganisationForm form, CancellationToken cancellationToken)
    {
        var found = await organisations.Search(
            search ?? string.Empty, Limits.OrganisationsOffered + 1, cancellationToken);
        return new OrganisationChoice(
            search ?? string.Empty,
            [.. found.Take(Limits.OrganisationsOffered)],
            found.Count > Limits.OrganisationsOffered,
            form);
    }

    // A key of an organisation is nobody who belongs anywhere else.
    private static bool IsForNobody(Frame frame) =>
        !frame.IsOperator && !Id.TryParse<UserId>(frame.Caller.Actor, out _);

    private static UserId PersonOf(Frame frame) => Id.TryParse<UserId>(frame.Caller.Actor, out var person)
        ? person
        : throw new InvalidOperationException("Only a session comes here, and a session is somebody's.");
}
