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
    public static async Task RequireSame(BooksDatabase database, IEnumerable<Organisation> organisations, Work? work)
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

    private sealed record Standing(long Balance, long Held, long? Limit, string? State);
}
