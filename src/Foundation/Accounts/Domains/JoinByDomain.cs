using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Every way joining an organisation by one's address can end, in the order they are checked.</summary>
internal abstract record JoinOutcome
{
    private JoinOutcome()
    {
    }

    /// <summary>It is not suggested to them, or is no more.</summary>
    public sealed record NotSuggested : JoinOutcome;

    /// <summary>The organisation has as many people as it may have.</summary>
    public sealed record TooMany : JoinOutcome;

    /// <summary>They have asked; somebody there lets them in, or not.</summary>
    public sealed record Asked : JoinOutcome;

    /// <summary>They belong.</summary>
    public sealed record Joined(string Role) : JoinOutcome;
}

/// <summary>Suggests organisations to people with a proved address of a domain these verified.</summary>
internal sealed class JoinByDomain(
    NpgsqlDataSource database, MembershipLookup memberships, Users users, IAudit audit, TimeProvider time)
{
    private const string SuggestSql = """
        select o.org_id, o.name, d.domain, d.joining, r.user_id is not null
        from accounts.domains d
        join accounts.organisations o using (org_id)
        left join accounts.join_requests r on r.org_id = d.org_id and r.user_id = $2
        where d.domain = $1
            and d.verified_at is not null
            and d.joining <> 'invited'
            and o.state = 'active'
            and not exists (
                select 1
                from accounts.members m
                where m.org_id = d.org_id
                    and m.user_id = $2)
        order by o.name, o.org_id
        limit $3
        """;

    /// <summary>What is suggested to a person.</summary>
    public async Task<IReadOnlyList<JoinSuggestion>> Suggest(UserId person, CancellationToken cancellationToken)
    {
        var found = new List<JoinSuggestion>();
        if (await users.ConfirmedEmail(person, cancellationToken) is not { } email)
        {
            return found;
        }

        var domain = EmailAddress.Folded(email)[(email.LastIndexOf('@') + 1)..];
        await using var command = database.Sql(SuggestSql, domain, person.Value, Limits.SuggestionsMax);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            found.Add(new JoinSuggestion(
                new OrgId(row.GetGuid(0)),
                row.GetString(1),
                row.GetString(2),
                StoredWord.Read<Joining>(row.GetString(3)),
                row.GetBoolean(4)));
        }

        return found;
    }

    private const string AskSql = """
        insert into accounts.join_requests (org_id, user_id, created_at)
        values ($1, $2, $3)
        on conflict do nothing
        """;

    /// <summary>Joins, or asks to, as the organisation wants it.</summary>
    public async Task<JoinOutcome> Join(UserId person, OrgId org, CancellationToken cancellationToken)
    {
        var suggested = await Suggest(person, cancellationToken);
        if (suggested.FirstOrDefault(one => one.OrganisationId == org) is not { } suggestion)
        {
            return new JoinOutcome.NotSuggested();
        }

        var now = Instant.Now(time);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await MemberRows.TakeTurn(transaction, org, cancellationToken);
        if (await MemberRows.Count(transaction, org, cancellationToken) >= Limits.MembersMax)
        {
            return new JoinOutcome.TooMany();
        }

        var joins = suggestion.Joining == Joining.Viewer;
        if (joins)
        {
            await MemberRows.Insert(
                transaction, org, person, MemberRole.Viewer, person.ToString(), now, cancellationToken);
        }
        else
        {
            await using var ask = transaction.Sql(AskSql, org.Value, person.Value, now);
            await ask.ExecuteNonQueryAsync(cancellationToken);
        }

        await audit.Record(
            transaction,
            new AuditEntry(
                org,
                person.ToString(),
                joins ? "member.joined" : "member.asked_to_join",
                person.ToString(),
                After: AuditState.Of(new { suggestion.Domain, suggestion.Joining })),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        memberships.Forget(person);
        return joins ? new JoinOutcome.Joined(MemberRole.Viewer) : new JoinOutcome.Asked();
    }

    private const string AskedSql = """
        select u.user_id, u.name, u.email, 'viewer', r.created_at
        from accounts.join_requests r
        join accounts.users u using (user_id)
        where r.org_id = $1
        order by r.created_at, r.user_id
        limit $2
        """;

    /// <summary>Who has asked to join, as the viewers they would be.</summary>
    public async Task<IReadOnlyList<MemberProfile>> Asked(OrgId org, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(AskedSql, org.Value, Limits.InvitationsPendingMax);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<MemberProfile>();
        while (await row.ReadAsync(cancellationToken))
        {
            found.Add(MemberRows.Read(row));
        }

        return found;
    }

    private const string TakeUpSql = """
        delete from accounts.join_requests
        where org_id = $1
            and user_id = $2
        """;

    /// <summary>Lets somebody in who asked, or turns them away.</summary>
    /// <returns>False when they do not wait (any more).</returns>
    public async Task<bool> Decide(
        Caller caller, UserId person, bool isLetIn, CancellationToken cancellationToken)
    {
        var org = caller.RequiredOrg;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await MemberRows.TakeTurn(transaction, org, cancellationToken);
        await using (var take = transaction.Sql(TakeUpSql, org.Value, person.Value))
        {
            if (await take.ExecuteNonQueryAsync(cancellationToken) == 0)
            {
                return false;
            }
        }

        if (isLetIn)
        {
            await MemberRows.Insert(
                transaction, org, person, MemberRole.Viewer, caller.Actor, Instant.Now(time), cancellationToken);
        }

        await audit.Record(
            transaction,
            new AuditEntry(
                org, caller.Actor, isLetIn ? "member.let_in" : "member.turned_away", person.ToString()),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        memberships.Forget(person);
        return true;
    }
}
