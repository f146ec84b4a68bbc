using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Ledger;

/// <summary>Somebody who verifies the books of one customer, and somebody who owns the database and changes them.</summary>
internal sealed class Auditor(TestDatabase database, Customer customer)
{
    public LedgerVerification Verification { get; } = new(database.App);

    /// <summary>What verification of the customer's organisation finds.</summary>
    public async Task<VerificationReport> Verify(LedgerAnchor? anchor = null) => (await Verification.Run(
        new VerificationOptions { Org = customer.Org, Anchor = anchor }, null, CancellationToken.None))
        .ShouldBeOfType<VerificationOutcome.Verified>().Report;

    /// <summary>The kinds of what verification finds, in order.</summary>
    public async Task<FindingKind[]> Findings(LedgerAnchor? anchor = null) =>
        [.. (await Verify(anchor)).Findings.Select(finding => finding.Kind)];

    /// <summary>The customer's transfers, in the order of the chain.</summary>
    public async Task<IReadOnlyList<Guid>> Transfers()
    {
        await using var command = database.Owner.Sql(
            "select transfer_id from ledger.transfers where org_id = $1 order by transfer_id", customer.Org.Value);
        await using var reader = await command.ExecuteReaderAsync();
        var transfers = new List<Guid>();
        while (await reader.ReadAsync())
        {
            transfers.Add(reader.GetGuid(0));
        }

        return transfers;
    }

    /// <summary>The account of a kind; one of them, for grants.</summary>
    public async Task<Guid> Account(AccountKind kind)
    {
        await using var command = database.Owner.Sql(
            "select account_id from ledger.accounts where org_id = $1 and kind = $2 order by account_id limit 1",
            customer.Org.Value,
            kind.Name());
        return (Guid)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Changes rows as a superuser with the triggers off. <c>$1</c> is the organisation.</summary>
    public async Task Tamper(string sql, params object?[] values)
    {
        await using var connection = await database.Owner.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var off = transaction.Sql("set local session_replication_role = replica"))
        {
            await off.ExecuteNonQueryAsync();
        }

        await using (var command = transaction.Sql(sql, [customer.Org.Value, .. values]))
        {
            (await command.ExecuteNonQueryAsync()).ShouldBeGreaterThan(0, sql);
        }

        await transaction.CommitAsync();
    }

    /// <summary>Computes every balance, hash and head anew, as an owner of the database can.</summary>
    public async Task RewriteChain()
    {
        await Tamper("""
            with running as (
                select transfer_id, ordinal,
                    sum(amount_micros) over (partition by account_id order by transfer_id, ordinal) as balance
                from ledger.entries
                where org_id = $1
            )
            update ledger.entries
            set balance_after_micros = running.balance
            from running
            where entries.org_id = $1
                and entries.transfer_id = running.transfer_id
                and entries.ordinal = running.ordinal
            """);
        await Tamper("""
            update ledger.accounts
            set balance_micros = (
                select coalesce(sum(amount_micros), 0)
                from ledger.entries
                where entries.org_id = $1
                    and entries.account_id = accounts.account_id)
            where org_id = $1
            """);
        var count = 0;
        foreach (var transfer in await Transfers())
        {
            await Tamper("update ledger.transfers set chain_count = $3 where org_id = $1 and transfer_id = $2", transfer, (long)++count);
            await Tamper(
                """
                update ledger.transfers
                set chain_hash = ledger.chain_hash_of(
                    coalesce(
                        (select chain_hash from ledger.transfers where org_id = $1 and chain_count = $3 - 1),
                        sha256(uuid_send($1))),
                    $1, $2)
                where org_id = $1
                    and transfer_id = $2
                """,
                transfer,
                (long)count);
        }

        await Tamper("""
            update ledger.books
            set transfer_count = t.chain_count, last_transfer_id = t.transfer_id, head_hash = t.chain_hash,
                last_recorded_at = t.recorded_at
            from ledger.transfers t
            where books.org_id = $1
                and t.org_id = $1
                and t.chain_count = (select max(chain_count) from ledger.transfers where org_id = $1)
            """);
    }

    /// <summary>How many stored hashes are not those the SQL function computes.</summary>
    public async Task<long> HashesThatDiffer()
    {
        await using var command = database.Owner.Sql(
            """
            select count(*)
            from (
                select transfer_id, chain_hash,
                    lag(chain_hash, 1, sha256(uuid_send($1))) over (order by transfer_id) as previous
                from ledger.transfers
                where org_id = $1
            ) t
            where t.chain_hash <> ledger.chain_hash_of(t.previous, $1, t.transfer_id)
            """,
            customer.Org.Value);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>The one thing verification finds.</summary>
    public async Task<BooksFinding> Finding() => (await Verify()).Findings.ShouldHaveSingleItem();
}
