using Microsoft.AspNetCore.Http;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// Invites people, sends invitations again and revokes them. Each mail carries a new link, and the one before stops
/// working: what lies in an old mail is worth nothing.
/// </summary>
internal sealed class ManageInvitations(
    NpgsqlDataSource database,
    OrgDirectory directory,
    SecretHasher hasher,
    Rates rates,
    PublicLinks links,
    IMails mails,
    IAudit audit,
    IdSource ids,
    TimeProvider time)
{
    /// <summary>Invites somebody, or renews the invitation that waits for them.</summary>
    public async Task<InviteOutcome> Invite(
        Caller caller, NewInvitation wanted, HttpRequest request, CancellationToken cancellationToken)
    {
        var invalid = InvalidInput.Of(
            ("email", EmailAddress.Problem(wanted.Email)),
            ("role", MemberRole.Problem(wanted.Role)),
            ("reason", InputText.OptionalProblem(wanted.Reason, Limits.ReasonLettersMax)));
        if (invalid is not null)
        {
            return new InviteOutcome.Invalid(invalid);
        }

        return !MemberRole.MayBeGivenBy(caller.Permissions, wanted.Role)
            ? new InviteOutcome.RoleOutOfReach(wanted.Role)
            : await Send(caller, wanted, existing: null, request, cancellationToken);
    }

    /// <summary>Mails an invitation again, with a new link and all its days.</summary>
    public async Task<InviteOutcome> Resend(
        Caller caller, InvitationId id, HttpRequest request, CancellationToken cancellationToken)
    {
        var pending = await InvitationRows.Pending(database, caller.RequiredOrg, cancellationToken);
        if (pending.FirstOrDefault(invitation => invitation.Id == id) is not { } waiting)
        {
            return new InviteOutcome.NotFound();
        }

        return !MemberRole.MayBeGivenBy(caller.Permissions, waiting.Role)
            ? new InviteOutcome.RoleOutOfReach(waiting.Role)
            : await Send(caller, new NewInvitation(waiting.Email, waiting.Role), id, request, cancellationToken);
    }

    /// <summary>Revokes an invitation that waits.</summary>
    public async Task<InviteOutcome> Revoke(Caller caller, InvitationId id, CancellationToken cancellationToken)
    {
        var org = caller.RequiredOrg;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await InvitationRows.Lock(transaction, org, id, cancellationToken) is not var (waiting, hash))
        {
            return new InviteOutcome.NotFound();
        }

        await InvitationRows.Decide(
            transaction, org, id, "revoked", caller.Actor, Instant.Now(time), cancellationToken);
        await directory.Remove(transaction, DirectoryKinds.Invitation, hash, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(org, caller.Actor, "invitation.revoked", id.ToString(), Before: AuditState.Of(waiting)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new InviteOutcome.Sent(waiting);
    }

    private async Task<InviteOutcome> Send(
        Caller caller,
        NewInvitation wanted,
        InvitationId? existing,
        HttpRequest request,
        CancellationToken cancellationToken)
    {
        var org = caller.RequiredOrg;
        var token = SecretText.Create(SecretText.InvitationToken);
        if (links.To(request, $"{InvitationPages.Path}/{token}") is not { } link)
        {
            return new InviteOutcome.NoPublicUrl();
        }

        var wait = await rates.Take(Limits.InvitationMailsPerOrganisation, org.ToString(), cancellationToken)
            ?? await rates.Take(
                Limits.MailsPerInvitation, $"{org} {EmailAddress.Folded(wanted.Email)}", cancellationToken);
        if (wait is { } remaining)
        {
            return new InviteOutcome.TooSoon(remaining);
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await MemberRows.TakeTurn(transaction, org, cancellationToken) is not { } organisation)
        {
            return new InviteOutcome.NotFound();
        }

        if (await Refusal(transaction, org, wanted.Email, existing, cancellationToken) is { } refusal)
        {
            return refusal;
        }

        var sent = await Put(transaction, caller, wanted, token, cancellationToken);
        await mails.Send(transaction, MemberMails.Invited(sent, organisation, link, org), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        mails.Hint();
        return new InviteOutcome.Sent(sent);
    }

    private static async Task<InviteOutcome?> Refusal(
        NpgsqlTransaction transaction,
        OrgId org,
        string email,
        InvitationId? existing,
        CancellationToken cancellationToken)
    {
        if (existing is { } id && await InvitationRows.Lock(transaction, org, id, cancellationToken) is null)
        {
            return new InviteOutcome.NotFound();
        }

        if (await OrganisationRows.StateOf(transaction, org, cancellationToken) != OrganisationState.Active)
        {
            return new InviteOutcome.Deleting();
        }

        if (await InvitationRows.IsMember(transaction, org, email, cancellationToken))
        {
            return new InviteOutcome.AlreadyMember();
        }

        var isFull = await InvitationRows.CountPending(transaction, org, cancellationToken) >= Limits.InvitationsPendingMax
            || await MemberRows.Count(transaction, org, cancellationToken) >= Limits.MembersMax;
        return isFull && existing is null ? new InviteOutcome.TooMany() : null;
    }

    private const string WaitingSql = """
        select i.secret_hash
        from accounts.invitations i
        where i.org_id = $1
            and i.email_folded = $2
            and i.state = 'pending'
        """;

    private async Task<InvitationProfile> Put(
        NpgsqlTransaction transaction,
        Caller caller,
        NewInvitation wanted,
        string token,
        CancellationToken cancellationToken)
    {
        var org = caller.RequiredOrg;
        await using (var find = transaction.Sql(WaitingSql, org.Value, EmailAddress.Folded(wanted.Email)))
        {
            if (await find.ExecuteScalarAsync(cancellationToken) is byte[] old)
            {
                await directory.Remove(transaction, DirectoryKinds.Invitation, old, cancellationToken);
            }
        }

        var now = Instant.Now(time);
        var hash = hasher.Hash(token).ToBytes();
        var sent = await InvitationRows.Put(
            transaction,
            org,
            new InvitationProfile(
                ids.Next<InvitationId>(), wanted.Email, wanted.Role, caller.Actor, now, now,
                now + Limits.InvitationLifetime),
            hash,
            cancellationToken);
        await directory.Add(transaction, DirectoryKinds.Invitation, hash, org, sent.Id.Value, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                org, caller.Actor, "invitation.sent", sent.Id.ToString(), wanted.Reason, After: AuditState.Of(sent)),
            cancellationToken);
        return sent;
    }
}
