using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>The organisations a person belongs to, and new ones they make themselves.</summary>
internal sealed class OwnOrganisations(
    NpgsqlDataSource database, CreateOrganisation creating, MembershipLookup memberships, TimeProvider time)
{
    private const string ListSql = $"""
        select {OrganisationRows.OrganisationColumns}, m.role
        from accounts.members m
        join {OrganisationRows.OrganisationsWithDefault} on o.org_id = m.org_id
        where m.user_id = $1
        order by m.joined_at, m.org_id
        """;

    /// <summary>All a person belongs to, the longest first.</summary>
    public async Task<IReadOnlyList<OwnOrganisation>> Of(UserId user, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(ListSql, user.Value);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var found = new List<OwnOrganisation>();
        while (await row.ReadAsync(cancellationToken))
        {
            found.Add(new OwnOrganisation(
                OrganisationRows.Organisation(row), row.GetString(OrganisationRows.OrganisationColumnCount)));
        }

        return found;
    }

    private const string OwnedSql = """
        select count(*)
        from accounts.members m
        join accounts.organisations o using (org_id)
        where m.user_id = $1
            and m.role = 'owner'
            and o.state = 'active'
        """;

    // Two at the same moment wait for each other, so that the limit holds.
    private const string TakeTurnSql = """
        select u.user_id
        from accounts.users u
        where u.user_id = $1
        for no key update
        """;

    /// <summary>Creates one, with the person as its owner.</summary>
    public async Task<CreateOrganisationOutcome> Create(
        UserId person, NewOwnOrganisation wanted, IdempotentRequest idempotent, CancellationToken cancellationToken)
    {
        var request = new NewOrganisation(wanted.Name, wanted.Mode, wanted.Slug, wanted.Currency);
        if (CreateOrganisation.Check(request) is { } invalid)
        {
            return new CreateOrganisationOutcome.Invalid(invalid);
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var turn = transaction.Sql(TakeTurnSql, person.Value))
        {
            await turn.ExecuteNonQueryAsync(cancellationToken);
        }

        await using (var count = transaction.Sql(OwnedSql, person.Value))
        {
            if ((long)(await count.ExecuteScalarAsync(cancellationToken))! >= Limits.OwnedOrganisationsMax)
            {
                return new CreateOrganisationOutcome.TooMany();
            }
        }

        var organisation = creating.Decide(request);
        var actor = person.ToString();
        if (!await creating.Write(transaction, organisation, actor, reason: null, cancellationToken))
        {
            return new CreateOrganisationOutcome.SlugTaken(wanted.Slug!);
        }

        await MemberRows.Insert(
            transaction, organisation.Id, person, MemberRole.Owner, actor, Instant.Now(time), cancellationToken);
        await idempotent.Complete(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        memberships.Forget(person);
        return new CreateOrganisationOutcome.Created(organisation);
    }
}
