using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Lets a person look at an invitation they were mailed, and accept it.</summary>
internal sealed class AcceptInvitation(
    NpgsqlDataSource database,
    OrgDirectory directory,
    SecretHasher hasher,
    MembershipLookup memberships,
    IAudit audit,
    TimeProvider time)
{
    private const string LookSql = """
        select o.name, i.email, i.role, i.expires_at
        from accounts.invitations i
        join accounts.organisations o using (org_id)
        where i.org_id = $1
            and i.invitation_id = $2
            and i.secret_hash = $3
            and i.state = 'pending'
            and i.expires_at > $4
            and o.state = 'active'
        """;

    /// <summary>What a link's holder may see; null when it does not work (any more).</summary>
    public async Task<InvitationPreview?> Look(string token, CancellationToken cancellationToken)
    {
        if (await Place(token, cancellationToken) is not { } place)
        {
            return null;
        }

        await using var command = database.Sql(
            LookSql, place.Org.Value, place.RowId, hasher.Hash(token).ToBytes(), time.GetUtcNow());
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken)
            ? new InvitationPreview(
                row.GetString(0), row.GetString(1), row.GetString(2), row.GetFieldValue<DateTimeOffset>(3))
            : null;
    }

    /// <summary>Makes the person it was mailed to a member.</summary>
    public async Task<AcceptInvitationOutcome> Handle(UserId user, string token, CancellationToken cancellationToken)
    {
        if (await Place(token, cancellationToken) is not var (org, id))
        {
            return new AcceptInvitationOutcome.DoesNotWork();
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var person = await UserRows.Find(transaction, user, cancellationToken);
        if (await MemberRows.TakeTurn(transaction, org, cancellationToken) is null
            || await OrganisationRows.StateOf(transaction, org, cancellationToken) != OrganisationState.Active
            || await InvitationRows.Lock(transaction, org, new InvitationId(id), cancellationToken) is not var (sent, hash)
            || !hash.AsSpan().SequenceEqual(hasher.Hash(token).ToBytes())
            || sent.ExpiresAt <= time.GetUtcNow()
            || person is null)
        {
            return new AcceptInvitationOutcome.DoesNotWork();
        }

        if (person.Email is not null && EmailAddress.Folded(person.Email) != EmailAddress.Folded(sent.Email))
        {
            return new AcceptInvitationOutcome.OtherAddress(sent.Email);
        }

        if (person.ConfirmedEmail is null)
        {
            return new AcceptInvitationOutcome.AddressNotProved(sent.Email);
        }

        await Join(transaction, org, person, sent, hash, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        memberships.Forget(user);
        return new AcceptInvitationOutcome.Accepted(org, sent.Role);
    }

    // Who belongs already keeps the role they have: an old invitation takes nothing away and gives nothing more.
    private async Task Join(
        NpgsqlTransaction transaction,
        OrgId org,
        UserProfile person,
        InvitationProfile sent,
        byte[] hash,
        CancellationToken cancellationToken)
    {
        var (now, actor) = (Instant.Now(time), person.Id.ToString());
        await MemberRows.Insert(transaction, org, person.Id, sent.Role, sent.InvitedBy, now, cancellationToken);
        await InvitationRows.Decide(transaction, org, sent.Id, "accepted", actor, now, cancellationToken);
        await directory.Remove(transaction, DirectoryKinds.Invitation, hash, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                org,
                actor,
                "member.joined",
                actor,
                After: AuditState.Of(new { sent.Role, InvitationId = sent.Id, sent.InvitedBy })),
            cancellationToken);
    }

    private async Task<DirectoryPlace?> Place(string token, CancellationToken cancellationToken) =>
        SecretText.IsWellFormed(SecretText.InvitationToken, token)
            ? await directory.Find(DirectoryKinds.Invitation, hasher.Hash(token).ToBytes(), cancellationToken)
            : null;
}
