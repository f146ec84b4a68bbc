using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// Hands an organisation over: an owner offers it to a member, who takes it and is an owner, while the one who offered
/// becomes an admin. Until then nothing has changed.
/// </summary>
internal sealed class OwnershipOffers(
    NpgsqlDataSource database, MembershipLookup memberships, IAudit audit, IMails mails, TimeProvider time)
{
    private const string PutSql = """
        insert into accounts.ownership_offers (org_id, from_user_id, to_user_id, created_at, expires_at)
        values ($1, $2, $3, $4, $5)
        on conflict (org_id) do update
        set from_user_id = $2, to_user_id = $3, created_at = $4, expires_at = $5
        """;

    /// <summary>Offers the organisation to a member, in the place of any earlier offer.</summary>
    public async Task<MemberOutcome> Offer(Caller caller, UserId to, CancellationToken cancellationToken)
    {
        var org = caller.RequiredOrg;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var name = await MemberRows.TakeTurn(transaction, org, cancellationToken);
        var from = Id.TryParse<UserId>(caller.Actor, out var person)
            ? await MemberRows.Find(transaction, org, person, cancellationToken)
            : null;
        if (from?.Role != MemberRole.Owner)
        {
            return new MemberOutcome.RoleOutOfReach(MemberRole.Owner);
        }

        if (to == from.Id || await MemberRows.Find(transaction, org, to, cancellationToken) is not { } member)
        {
            return new MemberOutcome.NoSuchMember();
        }

        var now = Instant.Now(time);
        var offer = new OwnershipOffer(from.Id, to, now, now + Limits.OwnershipOfferLifetime);
        await using (var put = transaction.Sql(
            PutSql, org.Value, offer.From.Value, offer.To.Value, offer.CreatedAt, offer.ExpiresAt))
        {
            await put.ExecuteNonQueryAsync(cancellationToken);
        }

        await audit.Record(
            transaction,
            new AuditEntry(
                org, caller.Actor, "organisation.ownership_offered", org.ToString(), After: AuditState.Of(offer)),
            cancellationToken);
        if (member.Email is { } email)
        {
            await mails.Send(
                transaction, MemberMails.OwnershipOffered(email, name!, offer.ExpiresAt, org), cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        mails.Hint();
        return new MemberOutcome.Done(member);
    }

    private const string FindSql = """
        select from_user_id, to_user_id, created_at, expires_at
        from accounts.ownership_offers
        where org_id = $1
            and expires_at > $2
        """;

    /// <summary>The offer that waits; null where there is none.</summary>
    public async Task<OwnershipOffer?> Find(OrgId org, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(FindSql, org.Value, Instant.Now(time));
        return await Read(command, cancellationToken);
    }

    /// <summary>Takes the offer up: for the person it was made to, alone.</summary>
    public async Task<MemberOutcome> Accept(Caller caller, CancellationToken cancellationToken)
    {
        var org = caller.RequiredOrg;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await MemberRows.TakeTurn(transaction, org, cancellationToken);
        await using var find = transaction.Sql(FindSql, org.Value, Instant.Now(time));
        if (await Read(find, cancellationToken) is not { } offer || offer.To.ToString() != caller.Actor)
        {
            return new MemberOutcome.NoOffer();
        }

        var from = await MemberRows.Find(transaction, org, offer.From, cancellationToken);
        var to = await MemberRows.Find(transaction, org, offer.To, cancellationToken);
        if (from?.Role != MemberRole.Owner || to is null)
        {
            return new MemberOutcome.NoOffer();
        }

        await MemberRows.Change(transaction, org, to.Id, MemberRole.Owner, cancellationToken);
        await MemberRows.Change(transaction, org, from.Id, MemberRole.Admin, cancellationToken);
        await Delete(transaction, org, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                org,
                caller.Actor,
                "organisation.ownership_taken",
                org.ToString(),
                Before: AuditState.Of(new { Owner = from.Id, Role = to.Role }),
                After: AuditState.Of(new { Owner = to.Id, FormerOwnerRole = MemberRole.Admin })),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        memberships.Forget(from.Id);
        memberships.Forget(to.Id);
        return new MemberOutcome.Done(to with { Role = MemberRole.Owner });
    }

    /// <summary>Takes the offer back, or declines it: for the two it concerns.</summary>
    public async Task<MemberOutcome> Withdraw(Caller caller, CancellationToken cancellationToken)
    {
        var org = caller.RequiredOrg;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await MemberRows.TakeTurn(transaction, org, cancellationToken);
        await using var find = transaction.Sql(FindSql, org.Value, Instant.Now(time));
        if (await Read(find, cancellationToken) is not { } offer
            || await MemberRows.Find(transaction, org, offer.To, cancellationToken) is not { } to
            || (offer.To.ToString() != caller.Actor && offer.From.ToString() != caller.Actor))
        {
            return new MemberOutcome.NoOffer();
        }

        await Delete(transaction, org, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                org,
                caller.Actor,
                "organisation.ownership_offer_ended",
                org.ToString(),
                Before: AuditState.Of(offer)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new MemberOutcome.Done(to);
    }

    private const string WithdrawAllSql = """
        delete from accounts.ownership_offers
        where org_id = $1
            and $2 in (from_user_id, to_user_id)
        """;

    /// <summary>Ends offers by or to somebody who does not belong any more.</summary>
    public static async Task WithdrawAllOf(
        NpgsqlTransaction transaction, OrgId org, UserId user, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(WithdrawAllSql, org.Value, user.Value);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string DeleteSql = """
        delete from accounts.ownership_offers
        where org_id = $1
        """;

    private static async Task Delete(NpgsqlTransaction transaction, OrgId org, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(DeleteSql, org.Value);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<OwnershipOffer?> Read(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken)
            ? new OwnershipOffer(
                new UserId(row.GetGuid(0)),
                new UserId(row.GetGuid(1)),
                row.GetFieldValue<DateTimeOffset>(2),
                row.GetFieldValue<DateTimeOffset>(3))
            : null;
    }
}
