using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;

namespace Quoin.Limiting.Internal;

/// <summary>Due work of grants that expire soon, by the organisation's clock: each is told of once.</summary>
internal sealed class TellOfExpiringGrants(
    NpgsqlDataSource database, Ledger.Ledger ledger, LimitNews news, TimeProvider time, GrantNotice notice) : IDueWork
{
    public string Name => "limits.expiring_grants";

    public async Task<DateTimeOffset?> NextDue(OrgId org, CancellationToken cancellationToken)
    {
        var untold = await Untold(org, cancellationToken);
        return untold.Count == 0 ? null : untold.Min(DueAt);
    }

    public async Task RunUpTo(OrgId org, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        var due = (await Untold(org, cancellationToken)).Where(grant => DueAt(grant) <= instant).ToArray();
        await using (var connection = await database.OpenConnectionAsync(cancellationToken))
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await news.Once(
                transaction,
                [
                    .. due.Where(grant => grant.Terms.ExpiresAt > instant).Select(grant => (org, KeyOf(grant.Terms.Id), new GrantExpiring(
                        grant.Terms.BillingAccount,
                        grant.Terms.Id.ToString(),
                        grant.Balance - grant.Held,
                        grant.Terms.ExpiresAt!.Value))),
                ],
                cancellationToken);

            // What has expired before anybody looked is no news; it is remembered, so that it is due no more.
            await Remember(transaction, org, due.Where(grant => grant.Terms.ExpiresAt <= instant), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        news.Hint();
    }

    public async Task<IReadOnlyList<OrgId>> OrganisationsDue(
        DateTimeOffset instant, OrgId? after, int limit, CancellationToken cancellationToken)
    {
        var due = new List<OrgId>();
        while (due.Count < limit)
        {
            var page = await ledger.GrantsExpiring(new Period(instant, instant + notice.Before), after, limit, cancellationToken);
            var told = await Told([.. page.SelectMany(one => one.Grants.Select(grant => (one.Org, KeyOf(grant))))], cancellationToken);
            due.AddRange(page
                .Where(one => one.Grants.Any(grant => !told.Contains((one.Org.Value, KeyOf(grant)))))
                .Select(one => one.Org));
            if (page.Count < limit)
            {
                break;
            }

            after = page[^1].Org;
        }

        return [.. due.Take(limit)];
    }

    private async Task<IReadOnlyList<Grant>> Untold(OrgId org, CancellationToken cancellationToken)
    {
        var open = await ledger.Grants(org, new GrantFilter(null, GrantState.Open), null, Limits.GrantsSeen, cancellationToken);
        var ending = open.Where(grant => grant.Terms.ExpiresAt is not null && grant.Balance.Micros > grant.Held.Micros).ToArray();
        var told = await Told(Array.ConvertAll(ending, grant => (org, KeyOf(grant.Terms.Id))), cancellationToken);
        return [.. ending.Where(grant => !told.Contains((org.Value, KeyOf(grant.Terms.Id))))];
    }

    private const string ToldSql = """
        select n.org_id, n.key
        from unnest($1::uuid[], $2::text[]) as asked (org_id, key)
        join limits.notices n
            on n.org_id = asked.org_id
            and n.key = asked.key
        """;

    private async Task<HashSet<(Guid Org, string Key)>> Told(
        (OrgId Org, string Key)[] asked, CancellationToken cancellationToken)
    {
        var told = new HashSet<(Guid, string)>();
        if (asked.Length == 0)
        {
            return told;
        }

        await using var command = database.Sql(
            ToldSql, Array.ConvertAll(asked, one => one.Org.Value), Array.ConvertAll(asked, one => one.Key));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            told.Add((reader.GetGuid(0), reader.GetString(1)));
        }

        return told;
    }

    private const string RememberSql = """
        insert into limits.notices (org_id, key, told_at)
        select $1, key, $3
        from unnest($2::text[]) as expired (key)
        on conflict do nothing
        """;

    private async Task Remember(
        NpgsqlTransaction transaction, OrgId org, IEnumerable<Grant> expired, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            RememberSql, org.Value, expired.Select(grant => KeyOf(grant.Terms.Id)).ToArray(), time.GetUtcNow());
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private DateTimeOffset DueAt(Grant grant) => grant.Terms.ExpiresAt!.Value - notice.Before;

    private static string KeyOf(GrantId grant) => $"grant/{grant}";
}
