using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>A page of people, the newest first.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Search">A part of the name or address, or the whole id.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record UserPageRequest(PageLimit Limit, string? Search = null, Cursor<UserId>? Cursor = null);

/// <summary>Which person.</summary>
/// <param name="Id">Their id.</param>
/// <param name="Reason">Why, for the audit log.</param>
internal sealed record UserRequest(UserId Id, string? Reason = null);

/// <summary>The operator's API of people.</summary>
internal static class UserEndpoints
{
    /// <summary><c>GET /v1/users</c>.</summary>
    public static async Task<Ok<Page<PersonProfile>>> List(
        Parameters<UserPageRequest> parameters, ReadPeople handler, CancellationToken cancellationToken)
    {
        var (limit, search, cursor) = parameters.Value;
        var rows = await handler.Search(search ?? string.Empty, cursor?.Keys, limit.RowsToFetch, cancellationToken);
        return TypedResults.Ok(Page.Of(rows, limit, person => person.User.Id));
    }

    /// <summary><c>GET /v1/users/{id}</c>.</summary>
    public static async Task<Results<Ok<PersonProfile>, Problem>> One(
        Parameters<UserRequest> parameters, ReadPeople handler, CancellationToken cancellationToken) =>
        await handler.Find(parameters.Value.Id, cancellationToken) is { } person
            ? TypedResults.Ok(person)
            : NoSuchUser(parameters.Value.Id);

    /// <summary><c>POST /v1/users/{id}/suspend</c>.</summary>
    public static Task<Results<Ok<UserProfile>, Problem>> Suspend(
        Parameters<UserRequest> parameters, SuspendUser handler, HttpContext context, CancellationToken cancellationToken) =>
        Turn(parameters.Value, suspended: true, handler, context, cancellationToken);

    /// <summary><c>POST /v1/users/{id}/reinstate</c>.</summary>
    public static Task<Results<Ok<UserProfile>, Problem>> Reinstate(
        Parameters<UserRequest> parameters, SuspendUser handler, HttpContext context, CancellationToken cancellationToken) =>
        Turn(parameters.Value, suspended: false, handler, context, cancellationToken);

    private static async Task<Results<Ok<UserProfile>, Problem>> Turn(
        UserRequest request,
        bool suspended,
        SuspendUser handler,
        HttpContext context,
        CancellationToken cancellationToken) =>
        await handler.Handle(request.Id, suspended, request.Reason, context.Caller().Actor, cancellationToken) switch
        {
            SuspendUserOutcome.Done(var user) => TypedResults.Ok(user),
            SuspendUserOutcome.IsOneself => new Problem(
                AccountsProblems.CannotSuspendOneself, "Somebody else has to shut you out."),
            SuspendUserOutcome.Invalid(var input) => AccountsProblems.Of(input),
            _ => NoSuchUser(request.Id),
        };

    private static Problem NoSuchUser(UserId user) => new(PlatformProblems.NotFound, $"There is no person {user}.");
}
