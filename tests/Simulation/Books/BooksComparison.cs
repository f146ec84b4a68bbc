using Npgsql;

namespace Quoin.Tests.Simulation.Books;

/// <summary>Compares what the database has with what the model has.</summary>
internal static class BooksComparison
{
    private const string AccountsSql = """
        select a.org_id, a.billing_account_id, a.currency, a.kind, g.reference, a.balance_micros, a.held_micros,
            a.credit_limit_micros, g.state
        from ledger.accounts a
        left join ledger.grants g on g.org_id = a.org_id and g.grant_id = a.account_id
        where a.org_id = any ($1)
        """;

    /// <summary>Compares every balance, what is held, limits and states of grants.</summary>
    public static async Task RequireSame(BooksDatabase database, IEnumerable<Organisation> organisations)
    {
        var orgs = organisations.ToList();
        var actual = await Read(database, [.. orgs.Select(org => org.Id.Value)]);
        foreach (var org in orgs)
        {
            foreach (var account in org.Model.Accounts)
            {
                var expected = new Standing(
                    account.Balance, account.Held, account.Limit, account.Terms is null ? null : account.State);
                var found = actual.Remove((org.Id.Value, account.Name), out var standing);
                if (found ? standing != expected : account is not { Balance: 0, Held: 0, Terms: null })
                {
                    throw new InvalidOperationException(
                        $"{account.Name} should be {expected} and is {standing?.ToString() ?? "not there"}");
                }
            }
        }

        if (actual.FirstOrDefault(one => one.Value.Balance != 0 || one.Value.Held != 0) is { Value: not null } other)
        {
            throw new InvalidOperationException($"{other.Key.Name} should not be there and is {other.Value}");
        }
    }

    private static async Task<Dictionary<(Guid Org, string Name), Standing>> Read(BooksDatabase database, Guid[] orgs)
    {
        await using var command = new NpgsqlCommand(AccountsSql, database.Watch);
        command.Parameters.Add(new() { Value = orgs });
        await using var reader = await command.ExecuteReaderAsync();
        var standing = new Dictionary<(Guid, string), Standing>();
        while (await reader.ReadAsync())
        {
            var name = reader.IsDBNull(4)
                ? $"{reader.GetGuid(1)} {reader.GetString(2)} {reader.GetString(3)}"
                : $"transfer {reader.GetString(4)}";
            standing.Add((reader.GetGuid(0), name), new Standing(
                reader.GetInt64(5),
                reader.GetInt64(6),
                reader.IsDBNull(7) ? null : reader.GetInt64(7),
                reader.IsDBNull(8) ? null : reader.GetString(8)));
        }

        return standing;
    }

    private const string ChainSql = """
        select t.org_id, t.chain_count, t.key, t.kind, t.billing_account_id, e.currency, a.kind, g.reference,
            sum(e.amount_micros)::bigint
        from ledger.transfers t
        left join ledger.entries e on e.org_id = t.org_id and e.transfer_id = t.transfer_id
        left join ledger.accounts a on a.org_id = e.org_id and a.account_id = e.account_id
        left join ledger.grants g on g.org_id = e.org_id and g.grant_id = e.account_id
        where t.org_id = any ($1)
        group by 1, 2, 3, 4, 5, 6, 7, 8
        """;

    private const string HoldsSql = """
        select org_id, key, state, amount_micros, captured_micros,
            (select coalesce(sum(micros), 0)::bigint from unnest(part_micros) as micros), expires_at
        from ledger.holds
        where org_id = any ($1)
        """;

    /// <summary>Compares every transfer, in its place in the chain, with each account it moved; and every hold.</summary>
    public static async Task RequireSameHistory(BooksDatabase database, IReadOnlyList<Organisation> orgs)
    {
        await using var batch = new NpgsqlBatch(database.Watch);
        foreach (var sql in new[] { ChainSql, HoldsSql })
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.Add(new() { Value = orgs.Select(org => org.Id.Value).ToArray() });
            batch.BatchCommands.Add(command);
        }

        await using var reader = await batch.ExecuteReaderAsync();
        var lines = new HashSet<string>();
        while (await reader.ReadAsync())
        {
            var transfer = $"{reader.GetGuid(0)} {reader.GetInt64(1)} {reader.GetString(2)} {reader.GetString(3)}";
            lines.Add(transfer);
            if (!reader.IsDBNull(6) && reader.GetInt64(8) is not 0 and var micros)
            {
                var account = reader.IsDBNull(7)
                    ? $"{reader.GetGuid(4)} {reader.GetString(5)} {reader.GetString(6)}"
                    : $"transfer {reader.GetString(7)}";
                lines.Add($"{transfer}: {account} {micros}");
            }
        }

        await reader.NextResultAsync();
        while (await reader.ReadAsync())
        {
            lines.Add($"{reader.GetGuid(0)} hold {reader.GetString(1)} {reader.GetString(2)} {reader.GetInt64(3)} "
                + $"{reader.GetInt64(4)} {reader.GetInt64(5)} {reader.GetFieldValue<DateTimeOffset>(6):O}");
        }

        var expected = orgs.SelectMany(Lines).ToHashSet();
        if (expected.Except(lines).FirstOrDefault() is { } missing)
        {
            throw new InvalidOperationException($"The books lack: {missing}");
        }

        if (lines.Except(expected).FirstOrDefault() is { } surplus)
        {
            throw new InvalidOperationException($"The books should not have: {surplus}");
        }
    }

    private static IEnumerable<string> Lines(Organisation org)
    {
        foreach (var transfer in org.Model.Chain)
        {
            var line = $"{org.Id.Value} {transfer.Count} {transfer.Key} {transfer.Kind}";
            yield return line;
            foreach (var (account, micros) in transfer.Moved.Where(pair => pair.Value != 0))
            {
                yield return $"{line}: {account.Name} {micros}";
            }
        }

        foreach (var hold in org.Model.Holds)
        {
            yield return $"{org.Id.Value} hold {hold.Terms.Key} {hold.State.ToString().ToLowerInvariant()} {hold.Amount} "
                + $"{hold.Captured} {hold.Left} {hold.ExpiresAt:O}";
        }
    }

    private sealed record Standing(long Balance, long Held, long? Limit, string? State);
}
