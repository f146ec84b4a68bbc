using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>Which grant.</summary>
/// <param name="Id">Its id.</param>
internal sealed record GrantPath(GrantId Id);

/// <summary>Taking a grant back.</summary>
/// <param name="Reason">Why, for people and for the audit log.</param>
internal sealed record VoidRequest(string Reason);

/// <summary>A grant that was taken back.</summary>
/// <param name="Grant">The grant; it pays for nothing from now on.</param>
/// <param name="Transfer">The transfer that moved what was left; null when nothing was, or when holds reserve all of it.</param>
/// <param name="Amount">What was moved; null when nothing was.</param>
internal sealed record VoidAnswer(GrantId Grant, TransferId? Transfer, Money? Amount);

/// <summary><c>POST /v1/grants/{id}/void</c>: the operator takes credit back. Doing it again moves nothing.</summary>
internal sealed class VoidGrants(AuditedCommands commands, OrganisationClock clock)
{
    public static Task<Results<Ok<VoidAnswer>, Problem>> Handle(
        Parameters<GrantPath> path,
        VoidRequest request,
        VoidGrants handler,
        HttpContext context,
        CancellationToken cancellationToken) =>
        handler.Run(path.Value.Id, request, context.Caller(), cancellationToken);

    private async Task<Results<Ok<VoidAnswer>, Problem>> Run(
        GrantId grant, VoidRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var check = new InputCheck();
        check.Text("reason", request.Reason, Limits.ReferenceLettersMax);
        if (check.Failed(out var problem))
        {
            return problem;
        }

        var org = caller.RequiredOrg;
        var command = new VoidGrant(org, grant, await clock.Now(org, cancellationToken), request.Reason);
        var outcome = await commands.Run(command, outcome => Audited(command, caller, outcome), cancellationToken);
        return outcome switch
        {
            GrantChange.Done(var transfer, var amount) => TypedResults.Ok(new VoidAnswer(grant, transfer, amount)),
            GrantChange.NothingToMove => TypedResults.Ok(new VoidAnswer(grant, null, null)),
            GrantChange.NotFound => Answers.NoSuch(grant),
            _ => throw new InvalidOperationException($"Voiding ended as {outcome}."),
        };
    }

    // Where nothing was left to move the grant may still have become void: a hold has the rest of it.
    private static IEnumerable<AuditEntry> Audited(VoidGrant command, Caller caller, GrantChange outcome)
    {
        if (outcome is not GrantChange.NotFound)
        {
            var done = outcome as GrantChange.Done;
            yield return new AuditEntry(
                command.Org,
                caller.Actor,
                "grant.voided",
                command.Grant.ToString(),
                command.Reference,
                After: AuditState.Of(new VoidAnswer(command.Grant, done?.Transfer, done?.Amount)));
        }
    }
}
