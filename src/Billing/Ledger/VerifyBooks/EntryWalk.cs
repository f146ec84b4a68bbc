using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.VerifyBooks;

/// <summary>
/// Goes through an organisation's entries in the order of transfers, though they lie account by account: for each account
/// it remembers where the next one is, so that a chunk reads the accounts that have entries in it, and no others.
/// Whatever accounts entries name are found, known or not.
/// </summary>
internal sealed class EntryWalk
{
    private readonly NpgsqlTransaction transaction;
    private readonly OrgId org;
    private readonly Dictionary<Guid, Guid> nextByAccount = [];
    private Guid after;

    private EntryWalk(NpgsqlTransaction transaction, OrgId org, Guid after) =>
        (this.transaction, this.org, this.after) = (transaction, org, after);

    private const string NextEntry = """
        cross join lateral (
                select entries.transfer_id
                from ledger.entries
                where entries.org_id = $1
                    and entries.account_id = had.account_id
                    and entries.transfer_id > $2
                order by entries.org_id, entries.account_id, entries.transfer_id
                limit 1
            ) next
        """;

    // From account to account, one probe each.
    private const string AccountsSql = $"""
        with recursive had (account_id) as (
            (
                select account_id
                from ledger.entries
                where org_id = $1
                order by org_id, account_id
                limit 1
            )
            union all
            select (
                select entries.account_id
                from ledger.entries
                where entries.org_id = $1
                    and entries.account_id > had.account_id
                order by entries.org_id, entries.account_id
                limit 1
            )
            from had
            where had.account_id is not null
        )
        select had.account_id, next.transfer_id
        from had
        {NextEntry}
        """;

    /// <summary>Begins with the entries of the transfers after one.</summary>
    public static async Task<EntryWalk> Begin(
        NpgsqlTransaction transaction, OrgId org, Guid after, CancellationToken cancellationToken)
    {
        var walk = new EntryWalk(transaction, org, after);
        await walk.Find(AccountsSql, [org.Value, after], cancellationToken);
        return walk;
    }

    /// <summary>Reads the entries up to the last transfer of a chunk; all that are left, where nothing follows it.</summary>
    public async Task Read(BooksChunk chunk, CancellationToken cancellationToken)
    {
        var until = chunk.IsLast ? Guid.AllBitsSet : chunk.Last!.Value;
        Guid[] accounts = [.. nextByAccount.Where(next => next.Value.CompareTo(until) <= 0).Select(next => next.Key)];

        // COPY takes no parameters; ids are the only values, and cannot end a literal.
        var braced = $"{{{string.Join(',', accounts)}}}";
        var sql = $$"""
            copy (
                select {{CopiedEntry.Columns}}
                from ledger.entries
                where org_id = '{{org.Value}}'
                    and account_id = any ('{{braced}}')
                    and transfer_id > '{{after}}'
                    and transfer_id <= '{{until}}'
                order by transfer_id, ordinal
            ) to stdout (format binary)
            """;
        await chunk.Entries.Fill(transaction.Connection!, sql, cancellationToken);
        after = until;
        if (!chunk.IsLast)
        {
            await MoveOn(accounts, cancellationToken);
        }
    }

    private const string NextSql = $"""
        select had.account_id, next.transfer_id
        from unnest($3::uuid[]) as had (account_id)
        {NextEntry}
        """;

    private async Task MoveOn(Guid[] accounts, CancellationToken cancellationToken)
    {
        foreach (var account in accounts)
        {
            nextByAccount.Remove(account);
        }

        await Find(NextSql, [org.Value, after, accounts], cancellationToken);
    }

    // However long it takes: the caller's token ends it earlier.
    private async Task Find(string sql, object[] values, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(sql, values);
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            nextByAccount.Add(reader.GetGuid(0), reader.GetGuid(1));
        }
    }
}
