using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Payments;

/// <summary>What the database itself refuses, whoever writes.</summary>
public sealed class KeepingPaymentsRows(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private readonly SettableClock clock = new();
    private PaymentsReplica replica = null!;
    private BillingAccountProfile account = null!;

    public async Task InitializeAsync()
    {
        replica = new PaymentsReplica(database, clock, new ScriptedProvider(clock));
        account = await replica.CreateAccount();
    }

    public async Task DisposeAsync() => await replica.DisposeAsync();

    /// <summary>Case T39.</summary>
    [Fact]
    public async Task Refuses_a_second_sellable_price_of_a_plan()
    {
        var plan = replica.Get<IdSource>().Next();
        await Price(plan, "price_a", isActive: true);
        await Price(plan, "price_b", isActive: false);

        var refused = await Should.ThrowAsync<PostgresException>(() => Price(plan, "price_c", isActive: true));

        refused.ConstraintName.ShouldBe("one_sellable_price");
    }

    /// <summary>Case T42.</summary>
    [Fact]
    public async Task Lets_an_incomplete_subscription_be_the_current_one()
    {
        await replica.Subscribe(account, "incomplete");
    }

    /// <summary>Case T43.</summary>
    [Theory]
    [InlineData("canceled")]
    [InlineData("incomplete_expired")]
    public async Task Refuses_an_ended_subscription_as_the_current_one(string status)
    {
        var refused = await Should.ThrowAsync<PostgresException>(() => replica.Subscribe(account, status));

        refused.ConstraintName.ShouldBe("current_is_not_ended");
    }

    /// <summary>Case T44.</summary>
    [Fact]
    public async Task Has_one_current_subscription_before_and_after_a_change()
    {
        var first = await replica.Subscribe(account);
        var second = await replica.Subscribe(account, isCurrent: false);
        (await Should.ThrowAsync<PostgresException>(() => replica.Subscribe(account))).ConstraintName
            .ShouldBe("one_current_subscription");

        await using var connection = await database.Owner.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using var clear = transaction.Sql(
            "update payments.subscriptions set is_current = false where provider_subscription_id = $1", first);
        await clear.ExecuteNonQueryAsync();
        await using var set = transaction.Sql(
            "update payments.subscriptions set is_current = true where provider_subscription_id = $1", second);
        await set.ExecuteNonQueryAsync();
        (await Current()).ShouldBe([first]);
        await transaction.CommitAsync();

        (await Current()).ShouldBe([second]);
    }

    /// <summary>Case T71.</summary>
    [Fact]
    public async Task Can_forget_whatever_a_reference_forgets()
    {
        var columns = await replica.Rows(
            """
            select json_build_object('column', a.attname, 'required', a.attnotnull)::text
            from pg_constraint c
            join pg_class t on t.oid = c.conrelid
            cross join lateral unnest(coalesce(nullif(c.confdelsetcols, '{}'), c.conkey)) as key (number)
            join pg_attribute a on a.attrelid = c.conrelid and a.attnum = key.number
            where c.contype = 'f'
              and c.confdeltype = 'n'
              and t.relnamespace = 'payments'::regnamespace
            """);

        columns.Count.ShouldBeGreaterThan(2);
        columns.ShouldAllBe(column => !(bool)column["required"]!);
    }

    /// <summary>Extra: PostgreSQL cuts longer names; those it makes itself it makes different, ours could meet.</summary>
    [Fact]
    public async Task Has_names_that_are_not_cut()
    {
        var names = await replica.Rows(
            """
            select json_build_object('name', relname)::text
            from pg_class
            where relnamespace = 'payments'::regnamespace
              and relname !~ '_(key|pkey|fkey)[0-9]*$'
            """);

        names.Count.ShouldBeGreaterThan(20);
        names.ShouldAllBe(name => ((string)name["name"]!).Length < 63);
    }

    private Task Price(Guid plan, string price, bool isActive) => replica.Execute(
        """
        insert into payments.plan_prices
            (plan_price_id, plan_version_id, provider, mode, component, usage_type, interval_unit, interval_count,
            currency, amount_minor, provider_price_id, is_active, created_at, updated_at)
        values ($1, $2, 'scripted', 'test', 'base', 'licensed', 'month', 1, 'USD', 4900, $3, $4, $5, $5)
        """,
        replica.Get<IdSource>().Next(),
        plan,
        price,
        isActive,
        clock.GetUtcNow());

    private async Task<IEnumerable<string>> Current() => (await replica.Rows(
        """
        select json_build_object('id', provider_subscription_id)::text
        from payments.subscriptions
        where org_id = $1
          and is_current
        """,
        account.OrganisationId.Value)).Select(row => (string)row["id"]!);
}
