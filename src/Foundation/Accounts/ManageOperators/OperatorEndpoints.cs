using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Which operator.</summary>
/// <param name="Id">The person.</param>
internal sealed record OperatorRequest(UserId Id);

/// <summary>Which operator to remove.</summary>
/// <param name="Id">The person.</param>
/// <param name="Reason">Why, for the audit log.</param>
internal sealed record RemoveOperatorRequest(UserId Id, string? Reason = null);

/// <summary>The operator's people.</summary>
/// <param name="Data">The longest first.</param>
public sealed record OperatorList(IReadOnlyList<OperatorProfile> Data);

/// <summary>The operator's people, over HTTP.</summary>
internal static class OperatorEndpoints
{
    /// <summary><c>GET /v1/operators</c>.</summary>
    public static async Task<Ok<OperatorList>> List(ManageOperators handler, CancellationToken cancellationToken) =>
        TypedResults.Ok(new OperatorList(await handler.List(cancellationToken)));

    /// <summary><c>POST /v1/operators</c>.</summary>
    public static async Task<Results<Created<OperatorProfile>, Problem>> Create(
        NewOperator body, CreateOperator handler, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        return await handler.Handle(
            body, caller.Actor, caller.Permissions, context.IdempotentRequest(), cancellationToken) switch
        {
            CreateOperatorOutcome.Created(var person) => TypedResults.Created((string?)null, person),
            CreateOperatorOutcome.AlreadyOperator(var person) => new Problem(
                AccountsProblems.AlreadyOperator, $"{person.Id} already has the roles {string.Join(", ", person.Roles)}."),
            CreateOperatorOutcome.IsOneself => ChangesOwnRoles(),
            CreateOperatorOutcome.AddressNotProved => new Problem(
                AccountsProblems.OperatorAddressNotProved, "Whoever has this address has not confirmed it."),
            CreateOperatorOutcome.Invalid(var input) => AccountsProblems.Of(input),
            _ => throw new UnreachableException(),
        };
    }

    /// <summary><c>PATCH /v1/operators/{id}</c>.</summary>
    public static async Task<Results<Ok<OperatorProfile>, Problem>> Change(
        Parameters<OperatorRequest> parameters,
        OperatorChange body,
        ManageOperators handler,
        HttpContext context,
        CancellationToken cancellationToken) =>
        Answer(await handler.Change(context.Caller(), parameters.Value.Id, body, cancellationToken));

    /// <summary><c>DELETE /v1/operators/{id}</c>.</summary>
    public static async Task<Results<Ok<OperatorProfile>, Problem>> Remove(
        Parameters<RemoveOperatorRequest> parameters,
        ManageOperators handler,
        HttpContext context,
        CancellationToken cancellationToken) =>
        Answer(await handler.Remove(
            context.Caller(), parameters.Value.Id, parameters.Value.Reason, cancellationToken));

    private static Results<Ok<OperatorProfile>, Problem> Answer(ChangeOperatorOutcome outcome) => outcome switch
    {
        ChangeOperatorOutcome.Done(var person) => TypedResults.Ok(person),
        ChangeOperatorOutcome.Invalid(var input) => AccountsProblems.Of(input),
        ChangeOperatorOutcome.NoSuchOperator => new Problem(PlatformProblems.NotFound, "They are no operator."),
        ChangeOperatorOutcome.IsOneself => ChangesOwnRoles(),
        ChangeOperatorOutcome.RolesOutOfReach(var roles) => new Problem(
            PlatformProblems.PermissionDenied, $"They may do what you may not: they are {string.Join(", ", roles)}."),
        ChangeOperatorOutcome.LastAdmin => new Problem(
            AccountsProblems.LastAdmin, "They are the only admin who is not shut out."),
        _ => throw new UnreachableException(),
    };

    private static Problem ChangesOwnRoles() =>
        new(AccountsProblems.OwnRoles, "These are your own roles, or those of who made the key you send.");
}
