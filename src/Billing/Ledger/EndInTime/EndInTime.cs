using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>
/// Due work of the books, by the organisation's clock: holds end, grants take effect, and what is left of an expired one
/// moves to breakage. The rows say what is due and the commands check again under lock, so two replicas may run it at
/// once.
/// </summary>
internal sealed class EndInTime(NpgsqlDataSource database, Ledger ledger) : IDueWork
{
    public string Name => "ledger.endings";

    // A grant whose rest is held waits for its holds.
    private const string NextDueSql = """
        select least(
            (select min(expires_at) from ledger.holds where org_id = $1 and state = 'open'),
            (select min(g.due_at)
                from ledger.grants g
                join ledger.accounts a on a.org_id = g.org_id and a.account_id = g.grant_id
                where g.org_id = $1
                    and g.state = 'open'
                    and (g.waits or a.balance_micros > a.held_micros)))
        """;

    public async Task<DateTimeOffset?> NextDue(OrgId org, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(NextDueSql, org.Value);
        return await command.ExecuteScalarAsync(cancellationToken) is DateTime due ? new DateTimeOffset(due) : null;
    }

    public async Task RunUpTo(OrgId org, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        while (await Due(org, instant, cancellationToken) is { Count: > 0 } commands)
        {
            var outcomes = await ledger.RunTogether(commands, cancellationToken);
            if (!outcomes.Any(outcome => outcome is HoldChange.Done or GrantChange.Done or GrantChange.NothingToMove))
            {
                // Another replica ended them meanwhile, or nothing can: whoever asked looks again.
                return;
            }
        }
    }

    private const string DueSql = """
        (
            select 'hold', hold_id, expires_at as due_at
            from ledger.holds
            where org_id = $1
                and state = 'open'
                and expires_at <= $2
            order by expires_at
            limit $3
        )
        union all
        (
            select case when g.waits then 'activate' else 'expire' end, g.grant_id, g.due_at
            from ledger.grants g
            join ledger.accounts a on a.org_id = g.org_id and a.account_id = g.grant_id
            where g.org_id = $1
                and g.state = 'open'
                and g.due_at <= $2
                and (g.waits or a.balance_micros > a.held_micros)
            order by g.due_at
            limit $3
        )
        order by due_at
        limit $3
        """;

    private async Task<List<LedgerCommand>> Due(OrgId org, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(DueSql, org.Value, instant.ToUniversalTime(), Limits.DuePerRunMax);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var commands = new List<LedgerCommand>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var id = reader.GetGuid(1);
            commands.Add(reader.GetString(0) switch
            {
                "hold" => new ExpireHold(org, new HoldId(id), instant),
                "activate" => new ActivateGrant(org, new GrantId(id), instant),
                _ => new ExpireGrant(org, new GrantId(id), instant),
            });
        }

        return commands;
    }

    private const string OrganisationsDueSql = """
        select org_id
        from (
            select org_id
            from ledger.holds
            where state = 'open'
                and expires_at <= $1
                and org_id > $2
            union
            select g.org_id
            from ledger.grants g
            join ledger.accounts a on a.org_id = g.org_id and a.account_id = g.grant_id
            where g.state = 'open'
                and g.due_at <= $1
                and g.org_id > $2
                and (g.waits or a.balance_micros > a.held_micros)
        ) due
        order by org_id
        limit $3
        """;

    public Task<IReadOnlyList<OrgId>> OrganisationsDue(
        DateTimeOffset instant, OrgId? after, int limit, CancellationToken cancellationToken) =>
        database.OrganisationsDue(OrganisationsDueSql, instant, after, limit, cancellationToken);
}
