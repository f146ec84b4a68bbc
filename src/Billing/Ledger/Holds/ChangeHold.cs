using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>Which hold.</summary>
/// <param name="Id">Its id.</param>
internal sealed record HoldPath(HoldId Id);

/// <summary>A hold's new end.</summary>
/// <param name="TtlSeconds">From now; this or <paramref name="ExpiresAt"/>.</param>
/// <param name="ExpiresAt">By the organisation's clock; an earlier one than it has is ignored.</param>
internal sealed record RenewRequest(int? TtlSeconds = null, DateTimeOffset? ExpiresAt = null);

/// <summary>A hold after a change.</summary>
/// <param name="Hold">The hold.</param>
/// <param name="State">Where it stands.</param>
internal sealed record HoldChangeAnswer(HoldId Hold, HoldState State);

/// <summary><c>POST /v1/holds/{id}/renew</c> and <c>…/release</c>: a machine of the operator changes a hold.</summary>
internal sealed class ChangeHold(Ledger ledger, OrganisationClock clock)
{
    public static Task<Results<Ok<HoldChangeAnswer>, Problem>> Renew(
        Parameters<HoldPath> path,
        RenewRequest request,
        ChangeHold handler,
        HttpContext context,
        CancellationToken cancellationToken) =>
        handler.Renew(context.Caller().RequiredOrg, path.Value.Id, request, cancellationToken);

    public static Task<Results<Ok<HoldChangeAnswer>, Problem>> Release(
        Parameters<HoldPath> path, ChangeHold handler, HttpContext context, CancellationToken cancellationToken) =>
        handler.Release(context.Caller().RequiredOrg, path.Value.Id, cancellationToken);

    private async Task<Results<Ok<HoldChangeAnswer>, Problem>> Renew(
        OrgId org, HoldId hold, RenewRequest request, CancellationToken cancellationToken)
    {
        var now = await clock.Now(org, cancellationToken);
        var check = new InputCheck();
        var expiresAt = HoldEnd.Read(request.TtlSeconds, request.ExpiresAt, now, check);
        if (check.Failed(out var problem))
        {
            return problem;
        }

        return await ledger.Run(new RenewHold(org, hold, now, expiresAt), cancellationToken) switch
        {
            HoldChange.Done => TypedResults.Ok(new HoldChangeAnswer(hold, HoldState.Open)),
            HoldChange.AlreadyEnded(var how) => Answers.HoldEnded(hold, how),
            HoldChange.NotFound => Answers.NoSuch(hold),
            null => Answers.Busy(),
            var outcome => throw new InvalidOperationException($"Renewing ended as {outcome}."),
        };
    }

    // A hold that has ended reserves nothing, however it ended: what the caller wants is so, and the state tells why.
    private async Task<Results<Ok<HoldChangeAnswer>, Problem>> Release(
        OrgId org, HoldId hold, CancellationToken cancellationToken)
    {
        var now = await clock.Now(org, cancellationToken);
        return await ledger.Run(new ReleaseHold(org, hold, now), cancellationToken) switch
        {
            HoldChange.Done => TypedResults.Ok(new HoldChangeAnswer(hold, HoldState.Released)),
            HoldChange.AlreadyEnded(var how) => TypedResults.Ok(new HoldChangeAnswer(hold, how)),
            HoldChange.NotFound => Answers.NoSuch(hold),
            null => Answers.Busy(),
            var outcome => throw new InvalidOperationException($"Releasing ended as {outcome}."),
        };
    }
}
