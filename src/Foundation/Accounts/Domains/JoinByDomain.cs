using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// Suggests organisations to people with a proved address of a domain these verified, and lets them join, or ask to. Who
/// asks waits until somebody who manages members decides; these are told by mail, and so is who was let in.
/// </summary>
internal sealed class JoinByDomain(
    NpgsqlDataSource database,
    MembershipLookup memberships,
    Users users,
    Rates rates,
    IMails mails,
    IAudit audit,
    TimeProvider time)
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
            and ($4::uuid is null or o.org_id = $4)
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
        if (await users.ConfirmedEmail(person, cancellationToken) is not { } email)
        {
            return [];
        }

        await using var command = database.Sql(
            SuggestSql, DomainOf(email), person.Value, Limits.SuggestionsMax, (Guid?)null);
        return await Read(command, cancellationToken);
    }

    /// <summary>Joins, or asks to, as the organisation wants it.</summary>
    public async Task<JoinOutcome> Join(UserId person, OrgId org, CancellationToken cancellationToken)
    {
        if (await rates.Take(Limits.JoinTries, $"{org} {person}", cancellationToken) is { } wait)
        {
            return new JoinOutcome.TooSoon(wait);
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await MemberRows.TakeTurn(transaction, org, cancellationToken) is not { } name
            || await Suggested(transaction, person, org, cancellationToken) is not var (suggestion, email))
        {
            return new JoinOutcome.NotSuggested();
        }

        if (suggestion.IsAsked && suggestion.Joining == Joining.Ask)
        {
            return new JoinOutcome.Asked();
        }

        if (await MemberRows.Count(transaction, org, cancellationToken) >= Limits.MembersMax)
        {
            return new JoinOutcome.TooMany();
        }

        JoinOutcome outcome = suggestion.Joining == Joining.Viewer
            ? new JoinOutcome.Joined(MemberRole.Viewer)
            : new JoinOutcome.Asked();
        await Write(transaction, person, name, email, suggestion, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        memberships.Forget(person);
        mails.Hint();
        return outcome;
    }

    private const string AskSql = """
        insert into accounts.join_requests (org_id, user_id, created_at)
        values ($1, $2, $3)
        on conflict do nothing
        """;

    private async Task Write(
        NpgsqlTransaction transaction,
        UserId person,
        string name,
        string email,
        JoinSuggestion suggestion,
        CancellationToken cancellationToken)
    {
        var (org, now) = (suggestion.OrganisationId, Instant.Now(time));
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
            foreach (var decider in await Deciders(transaction, org, cancellationToken))
            {
                await mails.Send(transaction, MemberMails.AskedToJoin(decider, name, email, org), cancellationToken);
            }
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
    }

    private const string AskedSql = """
        select u.user_id, u.name, u.email, 'viewer', r.created_at
        from accounts.join_requests r
        join accounts.users u using (user_id)
        where r.org_id = $1
            and u.state = 'active'
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

    /// <summary>Takes one's own question back.</summary>
    /// <returns>False when they do not wait (any more).</returns>
    public async Task<bool> Withdraw(UserId person, OrgId org, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await MemberRows.TakeTurn(transaction, org, cancellationToken);
        if (!await MemberRows.EndJoinRequest(transaction, org, person, cancellationToken))
        {
            return false;
        }

        await audit.Record(
            transaction,
            new AuditEntry(org, person.ToString(), "member.asked_no_more", person.ToString()),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    /// <summary>Lets somebody in who asked, or turns them away.</summary>
    /// <param name="caller">Who decides, and where.</param>
    /// <param name="person">Who asked.</param>
    /// <param name="role">What they shall be; null turns them away.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public async Task<JoinDecisionOutcome> Decide(
        Caller caller, UserId person, string? role, CancellationToken cancellationToken)
    {
        if (role is not null && InvalidInput.Of(("role", MemberRole.Problem(role))) is { } invalid)
        {
            return new JoinDecisionOutcome.Invalid(invalid);
        }

        if (role is not null && !MemberRole.MayBeGivenBy(caller.Permissions, role))
        {
            return new JoinDecisionOutcome.RoleOutOfReach(role);
        }

        var org = caller.RequiredOrg;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await MemberRows.TakeTurn(transaction, org, cancellationToken) is not { } name
            || !await MemberRows.EndJoinRequest(transaction, org, person, cancellationToken))
        {
            return new JoinDecisionOutcome.NotWaiting();
        }

        if (role is not null && await MemberRows.Count(transaction, org, cancellationToken) >= Limits.MembersMax)
        {
            return new JoinDecisionOutcome.TooMany();
        }

        if (role is not null)
        {
            await LetIn(transaction, caller, person, name, role, cancellationToken);
        }

        await audit.Record(
            transaction,
            new AuditEntry(
                org,
                caller.Actor,
                role is null ? "member.turned_away" : "member.let_in",
                person.ToString(),
                After: role is null ? null : AuditState.Of(new { Role = role })),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        memberships.Forget(person);
        mails.Hint();
        return new JoinDecisionOutcome.Done();
    }

    private async Task LetIn(
        NpgsqlTransaction transaction,
        Caller caller,
        UserId person,
        string name,
        string role,
        CancellationToken cancellationToken)
    {
        var org = caller.RequiredOrg;
        await MemberRows.Insert(
            transaction, org, person, role, caller.Actor, Instant.Now(time), cancellationToken);
        if ((await UserRows.Find(transaction, person, cancellationToken))?.ConfirmedEmail is { } email)
        {
            await mails.Send(transaction, MemberMails.LetIn(email, name, role, org), cancellationToken);
        }
    }

    private static async Task<(JoinSuggestion Suggestion, string Email)?> Suggested(
        NpgsqlTransaction transaction, UserId person, OrgId org, CancellationToken cancellationToken)
    {
        if ((await UserRows.Find(transaction, person, cancellationToken))?.ConfirmedEmail is not { } email)
        {
            return null;
        }

        await using var command = transaction.Sql(SuggestSql, DomainOf(email), person.Value, 1, org.Value);
        return await Read(command, cancellationToken) is [var suggestion] ? (suggestion, email) : null;
    }

    private const string DecidersSql = """
        select u.email
        from accounts.members m
        join accounts.users u using (user_id)
        where m.org_id = $1
            and m.role = any($2)
            and u.email_verified_at is not null
            and u.state = 'active'
        order by m.joined_at, m.user_id
        limit $3
        """;

    private static async Task<IReadOnlyList<string>> Deciders(
        NpgsqlTransaction transaction, OrgId org, CancellationToken cancellationToken)
    {
        var roles = MemberRole.All
            .Where(role => MemberRole.PermissionsOf(role).Contains(Permission.MembersManage))
            .ToArray();
        await using var command = transaction.Sql(DecidersSql, org.Value, roles, Limits.DecidersToldMax);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var addresses = new List<string>();
        while (await row.ReadAsync(cancellationToken))
        {
            addresses.Add(row.GetString(0));
        }

        return addresses;
    }

    private static string DomainOf(string email) => EmailAddress.Folded(email)[(email.LastIndexOf('@') + 1)..];

    private static async Task<IReadOnlyList<JoinSuggestion>> Read(
        NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<JoinSuggestion>();
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
}
