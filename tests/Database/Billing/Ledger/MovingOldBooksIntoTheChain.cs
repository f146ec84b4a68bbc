using System.Reflection;
using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Ledger;

public sealed class MovingOldBooksIntoTheChain(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const string SchemaSql = """
        create schema ledger;
        grant usage on schema ledger to quoin_app
        """;

    private const string AccountSql = """
        insert into ledger.accounts
            (org_id, account_id, billing_account_id, kind, currency, balance_micros, entry_count, created_at)
        values ($1, $2, $3, $4, 'USD', $5, $6, $7)
        """;

    private const string TransferSql = """
        insert into ledger.transfers
            (org_id, transfer_id, billing_account_id, key, body_hash, kind, reference, occurred_at, recorded_at)
        values ($1, $2, $3, $4, $2, $5, 'über 日本', $6, $6)
        """;

    private const string EntriesSql = """
        insert into ledger.entries
            (org_id, transfer_id, ordinal, account_id, account_sequence, currency, amount_micros, balance_after_micros)
        select $1, $2, ordinal, account_id, account_sequence, 'USD', amount_micros, balance_after_micros
        from unnest($3::smallint[], $4::uuid[], $5::bigint[], $6::bigint[], $7::bigint[])
            as e (ordinal, account_id, account_sequence, amount_micros, balance_after_micros)
        """;

    private readonly IdSource ids = new(TimeProvider.System);

    [Fact]
    public async Task Leaves_books_that_verify_and_that_can_be_posted_to()
    {
        var old = await database.CreateEmptyDatabase();
        await Apply(old, files => files[..1], SchemaSql);
        var customers = new List<Customer>();
        var ledger = new Quoin.Ledger.Ledger(old.App, TimeProvider.System, ids);
        for (var index = 0; index < 3; index++)
        {
            customers.Add(new Customer(ledger, ids));
            await PostOldHistory(old, customers[^1]);
        }

        await Apply(old, files => files[1..]);

        (await Verify(old)).Transfers.ShouldBe(6);
        await customers[0].Run(customers[0].Usage(400, "new"), customers[0].Credit(1_000, "new credit"), customers[0].Hold(100, "hold"));
        var report = await Verify(old);
        report.Findings.ShouldBeEmpty();
        report.Transfers.ShouldBe(8);
    }

    // A thousand of credit, of which three hundred were used.
    private async Task PostOldHistory(TestDatabase old, Customer customer)
    {
        var (clearing, grants, revenue) = (ids.Next(), ids.Next(), ids.Next());
        var (funded, used) = (ids.Next(), ids.Next());
        await OpenAccount(old, customer, clearing, "processor_clearing", -1_000, 1);
        await OpenAccount(old, customer, grants, "grants", 700, 2);
        await OpenAccount(old, customer, revenue, "revenue", 300, 1);
        await Execute(
            old.Owner, TransferSql, customer.Org.Value, funded, customer.Account.Value, "credit", "credit_purchased", Customer.Noon);
        await Execute(
            old.Owner,
            EntriesSql,
            customer.Org.Value,
            funded,
            new short[] { 0, 1 },
            new[] { clearing, grants },
            new long[] { 1, 1 },
            new long[] { -1_000, 1_000 },
            new long[] { -1_000, 1_000 });
        await Execute(
            old.Owner, TransferSql, customer.Org.Value, used, customer.Account.Value, "usage", "usage_prepaid", Customer.Noon);
        await Execute(
            old.Owner,
            EntriesSql,
            customer.Org.Value,
            used,
            new short[] { 0, 1 },
            new[] { grants, revenue },
            new long[] { 2, 1 },
            new long[] { -300, 300 },
            new long[] { 700, 300 });
    }

    private static Task OpenAccount(TestDatabase old, Customer customer, Guid account, string kind, long balance, long entries) =>
        Execute(
            old.Owner, AccountSql, customer.Org.Value, account, customer.Account.Value, kind, balance, entries, Customer.Noon);

    private static async Task<VerificationReport> Verify(TestDatabase old)
    {
        var outcome = await new LedgerVerification(old.App).Run(new VerificationOptions(), null, CancellationToken.None);
        var report = outcome.ShouldBeOfType<VerificationOutcome.Verified>().Report;
        report.Findings.ShouldBeEmpty();
        return report;
    }

    private static async Task Apply(TestDatabase old, Func<string[], string[]> some, string? before = null)
    {
        if (before is not null)
        {
            await Execute(old.Owner, before);
        }

        var assembly = typeof(LedgerModule).Assembly;
        string[] files = [.. assembly.GetManifestResourceNames()
            .Where(name => name.Contains(".Schema.", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)];
        foreach (var file in some(files))
        {
            await Execute(old.Owner, await Read(assembly, file));
        }
    }

    private static async Task<string> Read(Assembly assembly, string file)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(file)!);
        return await reader.ReadToEndAsync();
    }

    private static async Task Execute(NpgsqlDataSource source, string sql, params object?[] values)
    {
        await using var command = source.Sql(sql, values);
        await command.ExecuteNonQueryAsync();
    }
}
