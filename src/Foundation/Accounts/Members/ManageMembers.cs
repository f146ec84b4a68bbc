using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// Changes people's roles and ends their belonging. Nobody gives or takes a role that allows more than they may
/// themselves, so only owners make and unmake owners; the last owner stays one.
/// </summary>
internal sealed class ManageMembers(
    NpgsqlDataSource database, MembershipLookup memberships, IAudit audit, IMails mails)
{
    /// <summary>Gives a member another role.</summary>
    public async Task<MemberOutcome> Change(
        Caller caller, UserId user, string role, string? reason, CancellationToken cancellationToken)
    {
        var invalid = InvalidInput.Of(
            ("role", MemberRole.Problem(role)),
            ("reason", InputText.OptionalProblem(reason, Limits.ReasonLettersMax)));
        if (invalid is not null)
        {
            return new MemberOutcome.Invalid(invalid);
        }

        return await InTurn(caller.RequiredOrg, user, Decide, Write, cancellationToken);

        MemberOutcome? Decide(MemberProfile before, long owners) =>
            !MemberRole.MayBeGivenBy(caller.Permissions, before.Role) ? new MemberOutcome.RoleOutOfReach(before.Role)
            : !MemberRole.MayBeGivenBy(caller.Permissions, role) ? new MemberOutcome.RoleOutOfReach(role)
            : before.Role == role ? new MemberOutcome.Done(before)
            : before.Role == MemberRole.Owner && owners == 1 ? new MemberOutcome.LastOwner()
            : null;

        async Task<MemberProfile> Write(NpgsqlTransaction transaction, MemberProfile before)
        {
            var after = before with { Role = role };
            await MemberRows.Change(transaction, caller.RequiredOrg, user, role, cancellationToken);
            await Record(transaction, caller, "member.role_changed", reason, before, after, cancellationToken);
            return after;
        }
    }

    /// <summary>Ends somebody's belonging; their own, where they leave.</summary>
    public async Task<MemberOutcome> Remove(
        Caller caller, UserId user, string? reason, CancellationToken cancellationToken)
    {
        if (InvalidInput.Of(("reason", InputText.OptionalProblem(reason, Limits.ReasonLettersMax))) is { } invalid)
        {
            return new MemberOutcome.Invalid(invalid);
        }

        var leaves = caller.Actor == user.ToString();
        return await InTurn(caller.RequiredOrg, user, Decide, Write, cancellationToken);

        MemberOutcome? Decide(MemberProfile before, long owners) =>
            !leaves && !MemberRole.MayBeGivenBy(caller.Permissions, before.Role)
                ? new MemberOutcome.RoleOutOfReach(before.Role)
                : before.Role == MemberRole.Owner && owners == 1 ? new MemberOutcome.LastOwner() : null;

        async Task<MemberProfile> Write(NpgsqlTransaction transaction, MemberProfile before)
        {
            await MemberRows.Delete(transaction, caller.RequiredOrg, user, cancellationToken);
            await OwnershipOffers.WithdrawAllOf(transaction, caller.RequiredOrg, user, cancellationToken);
            await Record(
                transaction, caller, leaves ? "member.left" : "member.removed", reason, before, null, cancellationToken);
            if (!leaves && before.Email is { } email)
            {
                var org = (await OrganisationRows.Find(transaction, caller.RequiredOrg, cancellationToken))!;
                await mails.Send(transaction, MemberMails.Removed(email, org.Name, org.Id), cancellationToken);
            }

            return before;
        }
    }

    // The owners are counted and the change is written within one turn: of two owners who leave at once, one stays.
    private async Task<MemberOutcome> InTurn(
        OrgId org,
        UserId user,
        Func<MemberProfile, long, MemberOutcome?> decide,
        Func<NpgsqlTransaction, MemberProfile, Task<MemberProfile>> write,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await MemberRows.TakeTurn(transaction, org, cancellationToken) is null
            || await MemberRows.Find(transaction, org, user, cancellationToken) is not { } before)
        {
            return new MemberOutcome.NoSuchMember();
        }

        if (decide(before, await MemberRows.Owners(transaction, org, user, cancellationToken)) is { } end)
        {
            return end;
        }

        var member = await write(transaction, before);
        await transaction.CommitAsync(cancellationToken);
        memberships.Forget(user);
        mails.Hint();
        return new MemberOutcome.Done(member);
    }

    private Task Record(
        NpgsqlTransaction transaction,
        Caller caller,
        string action,
        string? reason,
        MemberProfile before,
        MemberProfile? after,
        CancellationToken cancellationToken) => audit.Record(
        transaction,
        new AuditEntry(
            caller.RequiredOrg,
            caller.Actor,
            action,
            before.Id.ToString(),
            reason,
            AuditState.Of(before),
            after is null ? null : AuditState.Of(after)),
        cancellationToken);
}
