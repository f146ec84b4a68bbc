using Npgsql;

namespace Quoin.Tests.Simulation.Books;

/// <summary>
/// The database's own opinion: what the program must never do, the server refuses, whoever asks. Without it a lock that
/// works would hide a rule that is gone.
/// </summary>
internal static class DatabaseRefusals
{
    private static readonly (string What, string Sql)[] Wrongs =
    [
        ("a second transfer with a key",
            """
            insert into ledger.transfers
                (org_id, transfer_id, billing_account_id, key, body_hash, kind, reference, occurred_at, recorded_at, chain_count,
                chain_hash)
            select org_id, org_id, billing_account_id, key, body_hash, kind, reference, occurred_at, recorded_at, chain_count,
                chain_hash
            from ledger.transfers
            where org_id = any ($1)
            limit 1
            """),
        ("a second hold with a key",
            """
            insert into ledger.holds
                (org_id, hold_id, billing_account_id, currency, key, body_hash, terms, overrun, reference, amount_micros,
                captured_micros, account_ids, part_micros, state, expires_at, created_at)
            select org_id, org_id, billing_account_id, currency, key, body_hash, terms, overrun, reference, amount_micros,
                captured_micros, account_ids, part_micros, state, expires_at, created_at
            from ledger.holds
            where org_id = any ($1)
            limit 1
            """),
        ("a second reversal",
            """
            insert into ledger.transfers
                (org_id, transfer_id, billing_account_id, key, body_hash, kind, reference, occurred_at, recorded_at, chain_count,
                chain_hash, reverses_transfer_id)
            select org_id, org_id, billing_account_id, 'undo', body_hash, kind, reference, occurred_at, recorded_at, chain_count,
                chain_hash, reverses_transfer_id
            from ledger.transfers
            where org_id = any ($1)
                and reverses_transfer_id is not null
            limit 1
            """),
        ("a transfer that does not sum to zero",
            """
            insert into ledger.entries (org_id, transfer_id, ordinal, account_id, currency, amount_micros, balance_after_micros)
            select org_id, org_id, ordinal, account_id, currency, amount_micros, balance_after_micros
            from ledger.entries
            where org_id = any ($1)
            limit 1
            """),
        ("a grant below what it holds",
            """
            update ledger.accounts
            set balance_micros = held_micros - 1
            where org_id = any ($1)
                and kind = 'grants'
            """),
        ("a changed entry", "update ledger.entries set amount_micros = amount_micros + 1 where org_id = any ($1)"),
        ("a lost transfer", "delete from ledger.transfers where org_id = any ($1)"),
    ];

    /// <summary>Tries each wrong; the server must refuse it.</summary>
    public static async Task Require(BooksDatabase database, IReadOnlyList<Organisation> orgs)
    {
        // As the owner: what only the program's role may not do, triggers and keys refuse to everybody.
        foreach (var (what, sql) in Wrongs)
        {
            await using var command = new NpgsqlCommand(sql, database.Watch);
            command.Parameters.Add(new() { Value = orgs.Select(org => org.Id.Value).ToArray() });
            try
            {
                if (await command.ExecuteNonQueryAsync() > 0)
                {
                    throw new InvalidOperationException($"The database took {what}.");
                }
            }
            catch (PostgresException refusal) when (refusal.SqlState.StartsWith("23", StringComparison.Ordinal))
            {
                // As it should.
            }
        }
    }
}
