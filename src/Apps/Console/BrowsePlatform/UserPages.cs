using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.BrowsePlatform;

/// <summary>What the page of people shows.</summary>
/// <param name="Search">What was looked for.</param>
/// <param name="People">The people.</param>
/// <param name="Cursor">Where the page begins; null on the first one.</param>
/// <param name="Next">Where the next page begins; null on the last one.</param>
public sealed record UserList(string Search, IReadOnlyList<PersonProfile> People, string? Cursor, string? Next);

/// <summary>What the page of a person shows.</summary>
/// <param name="Person">The person.</param>
/// <param name="Complaint">Why a change came to nothing; null where none was tried.</param>
public sealed record UserDetail(PersonProfile Person, string? Complaint);

/// <summary>Which person.</summary>
/// <param name="User">Their id.</param>
/// <param name="Org">The organisation looked at before.</param>
internal sealed record UserRequest(UserId User, OrgId? Org = null);

/// <summary>Shows people to the operator, lets them act in a person's stead and shut people out.</summary>
internal sealed class UserPages(PeopleDirectory people, Impersonations impersonations)
{
    /// <summary><c>GET /console/users</c>.</summary>
    public static Task<IResult> List(
        Visits visits, PeopleDirectory people, HttpContext context, CancellationToken cancellationToken) =>
        visits.ShowPlatform(
            context,
            FormText.Org(context.Request),
            async frame =>
            {
                var search = FormText.Of(context.Request, "search") ?? string.Empty;
                var cursor = FormText.Of(context.Request, "cursor") is { } text ? Cursor<UserId>.Read(text) : null;
                var rows = await people.Search(search, cursor?.Keys, Limits.RowsPerPage + 1, cancellationToken);
                var page = Page.Of(rows, new PageLimit(Limits.RowsPerPage), person => person.User.Id);
                return frame.Page<UsersView, UserList>(
                    new UserList(search, page.Data, cursor?.ToString(), page.NextCursor));
            },
            cancellationToken);

    /// <summary><c>GET /console/users/{user}</c>.</summary>
    public static Task<IResult> One(
        Parameters<UserRequest> parameters,
        Visits visits,
        UserPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.ShowPlatform(
        context,
        parameters.Value.Org,
        frame => pages.Detail(frame, parameters.Value.User, null, cancellationToken),
        cancellationToken);

    /// <summary><c>POST /console/users/{user}</c>.</summary>
    public static Task<IResult> Act(
        Parameters<UserRequest> parameters,
        Visits visits,
        UserPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.ShowPlatform(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var user = parameters.Value.User;
            var form = await PostedForm.Read(context.Request, cancellationToken);
            return form["act"] == "impersonate"
                ? await pages.Begin(frame, context, user, form, cancellationToken)
                : await pages.Turn(frame, context, user, form, cancellationToken);
        },
        cancellationToken);

    /// <summary><c>POST /console/impersonation/stop</c>.</summary>
    public static async Task<IResult> Stop(
        UserPages pages, HttpContext context, CancellationToken cancellationToken)
    {
        await pages.impersonations.Stop(context, cancellationToken);
        return PostedForm.SeeOther(context, Places.Users);
    }

    private readonly Impersonations impersonations = impersonations;

    private async Task<IResult> Begin(
        Frame frame, HttpContext context, UserId user, PostedForm form, CancellationToken cancellationToken)
    {
        if (!frame.Caller.May(Permission.UsersImpersonate) || !Id.TryParse<OrgId>(form["organisation"], out var org))
        {
            return await Detail(frame, user, "You may not do this, or named no organisation.", cancellationToken);
        }

        return await impersonations.Start(context, new NewImpersonation(user, org, form["reason"]), cancellationToken) switch
        {
            ImpersonationOutcome.Started => PostedForm.SeeOther(context, $"{Places.Overview}?org={org}"),
            ImpersonationOutcome.Invalid => await Detail(frame, user, "Say why; it is recorded.", cancellationToken),
            ImpersonationOutcome.IsOperator => await Detail(frame, user, "They are an operator.", cancellationToken),
            ImpersonationOutcome.NoSuchMember =>
                await Detail(frame, user, "They do not belong to that organisation (any more).", cancellationToken),
            _ => await Detail(frame, user, "Only somebody signed in to the console does this.", cancellationToken),
        };
    }

    private async Task<IResult> Turn(
        Frame frame, HttpContext context, UserId user, PostedForm form, CancellationToken cancellationToken)
    {
        if (!frame.Caller.May(Permission.OperatorsManage))
        {
            return await Detail(frame, user, "You may not do this.", cancellationToken);
        }

        var outcome = await people.Suspend(
            user, form["act"] == "suspend", FormText.Of(form["reason"]), frame.Caller.Actor, cancellationToken);
        return outcome switch
        {
            SuspendUserOutcome.Done => PostedForm.SeeOther(context, frame.To(Places.Of(user))),
            SuspendUserOutcome.IsOneself => await Detail(frame, user, "Somebody else has to shut you out.", cancellationToken),
            _ => await Detail(frame, user, "That cannot be done.", cancellationToken),
        };
    }

    private async Task<IResult> Detail(
        Frame frame, UserId user, string? complaint, CancellationToken cancellationToken) =>
        await people.Find(user, cancellationToken) is { } person
            ? frame.Page<UserView, UserDetail>(
                new UserDetail(person, complaint),
                complaint is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity)
            : frame.NotFound("person");
}
