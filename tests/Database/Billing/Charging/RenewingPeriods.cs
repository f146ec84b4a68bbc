using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Pricing;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Charging;

public sealed class RenewingPeriods(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private static readonly PlanVersionId Starter = new(new Guid("01900000-0000-7000-8000-0000000000a2"));
    private static readonly PlanVersionId Growth = new(new Guid("01900000-0000-7000-8000-0000000000a3"));
    private static readonly PlanVersionId WithCredit = new(new Guid("01900000-0000-7000-8000-0000000000b1"));
    private static readonly PlanVersionId WithTrial = new(new Guid("01900000-0000-7000-8000-0000000000b2"));
    private static readonly DateTimeOffset Start = new(2026, 1, 10, 0, 0, 0, TimeSpan.Zero);

    private TestHost host = null!;
    private TestOrganisation org = null!;
    private HttpClient client = null!;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api");
        await Execute("""
            insert into pricing.plan_families (family, name, description, visibility, created_at)
            values ('credit', 'Credit', '', 'custom', '2026-01-01T00:00:00Z'), ('trial', 'Trial', '', 'custom', '2026-01-01T00:00:00Z')
            on conflict do nothing
            """);
        await Execute("""
            insert into pricing.plan_versions
                (plan_version_id, family, number, status, currency, fee_micros, trial_days, entitlements, grants, content_hash,
                created_at, published_at)
            values
                ('01900000-0000-7000-8000-0000000000b1', 'credit', 1, 'published', 'USD', 49000000, 0, '[]',
                    '[{"name":"monthly","amount_micros":10000000,"priority":30,"scopes":[]}]', 'x',
                    '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'),
                ('01900000-0000-7000-8000-0000000000b2', 'trial', 1, 'published', 'USD', 31000000, 14, '[]', '[]', 'x',
                    '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')
            on conflict do nothing
            """);
        if ((await host.Get<PriceBooks>().Current(CancellationToken.None)).Versions.Count == 0)
        {
            await host.PublishUsualPrices();
        }

        org = await host.CreateOrganisation();
        client = host.Client(org.Key);
        await MoveTo(Start);
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Charges_twelve_fees_and_gives_twelve_grants_in_a_year_of_months()
    {
        await Assign(WithCredit);

        await MoveTo(Start.AddYears(1).AddSeconds(-1));

        var lines = await PeriodLines();
        lines.Select(line => line.Amount.Micros).ShouldBe(Enumerable.Repeat(49_000_000L, 12));
        lines.Select(line => line.Period.Start).ShouldBe(Enumerable.Range(0, 12).Select(month => Start.AddMonths(month)));
        (await Count("select count(*) from ledger.grants where org_id = $1 and granted_micros = 10000000")).ShouldBe(12);
        (await Count("select count(*) from ledger.grants where org_id = $1 and state = 'open'")).ShouldBe(1);
        (await Count("select count(*) from ledger.transfers where org_id = $1 and kind = 'plan_period'")).ShouldBe(12);
        (await BooksAreExact()).ShouldBeTrue();
    }

    [Fact]
    public async Task Adds_nothing_when_it_is_run_again_on_two_replicas_at_once()
    {
        await Assign(WithCredit);
        await using var other = await TestHost.Start(database, "api");

        await Task.WhenAll(Enumerable.Range(0, 4).Select(index => RunDue(index % 2 == 0 ? host : other, Start)));
        await Task.WhenAll(Enumerable.Range(0, 4).Select(index => RunDue(index % 2 == 0 ? host : other, Start)));

        (await PeriodLines()).Count.ShouldBe(1);
        (await Count("select count(*) from ledger.grants where org_id = $1")).ShouldBe(1);
    }

    [Fact]
    public async Task Charges_an_upgrade_by_the_second()
    {
        var assigned = await Assign(Starter);
        await MoveTo(Start.AddDays(10));

        await host.Get<Plans>().Change(
            new PlanChange(org.Id, assigned, Growth, ChangeTime.Now), "test", CancellationToken.None);
        await MoveTo(Start.AddDays(11));

        // January has 31 days: ten of them at 49 dollars, twenty-one at 199, rounded once.
        var expected = Rounding.HalfUpToMicros(ExactFraction.Of((49 * 10) + (199 * 21), 31))!.Value;
        var lines = await PeriodLines();
        lines.Select(line => line.TotalMicros).ShouldBe([49_000_000, expected]);
        lines.Sum(line => line.Amount.Micros).ShouldBe(expected);
        await MoveTo(Start.AddMonths(1).AddDays(1));
        (await PeriodLines())[^1].Amount.Micros.ShouldBe(199_000_000);
    }

    [Fact]
    public async Task Charges_nothing_before_a_trial_is_over()
    {
        await Assign(WithTrial);

        await MoveTo(Start.AddDays(14).AddSeconds(-1));
        (await PeriodLines()).ShouldBeEmpty();
        await MoveTo(Start.AddDays(15));

        (await PeriodLines()).Single().Amount.Micros.ShouldBe(17_000_000);
    }

    [Fact]
    public async Task Gives_nothing_more_after_a_plan_has_ended()
    {
        var assigned = await Assign(WithCredit);
        await MoveTo(Start.AddDays(3));

        await host.Get<Plans>().Cancel(
            new AssignmentEnd(org.Id, assigned, ChangeTime.PeriodEnd), "test", CancellationToken.None);
        await MoveTo(Start.AddMonths(5));

        (await PeriodLines()).Count.ShouldBe(1);
        (await Count("select count(*) from ledger.grants where org_id = $1")).ShouldBe(1);
    }

    [Fact]
    public async Task Lifts_a_closed_period_to_its_prices_minimum_and_takes_that_back_from_late_usage()
    {
        await host.PublishPrices(
            new NewPrice(
                "llm.input_tokens",
                Dimensions.Of("model", "minimal"),
                PriceTerms.PerUnit(1m, 1m) with { Minimum = 5m },
                null),
            new NewPrice("llm.output_tokens", Dimensions.Of("model", "minimal"), 0m, 1, null));
        await Send("a", 2, "minimal", Start);

        await MoveTo(new DateTimeOffset(2026, 2, 2, 12, 0, 0, TimeSpan.Zero));
        (await Used()).ShouldBe(5_000_000);
        await Send("late", 1, "minimal", Start);
        (await Used()).ShouldBe(5_000_000);
        await Send("later", 4, "minimal", Start.AddDays(1));

        (await Used()).ShouldBe(7_000_000);
        var lines = (await client.GetJson("/v1/rated-lines?meter=llm.input_tokens&dimension=model:minimal"))["data"]!.AsArray();
        lines.Select(line => $"{line!["kind"]} {line["amount"]!["amount_micros"]} {line["is_late"]}").Reverse().ShouldBe(
            ["usage 2000000 false", "usage 0 true", "usage 2000000 true"]);
        (await client.GetJson("/v1/rated-lines?late=true"))["data"]!.AsArray().Count.ShouldBe(4);
        (await BooksAreExact()).ShouldBeTrue();
    }

    [Fact]
    public async Task Charges_what_was_promised_and_not_used_and_gives_it_back_for_late_usage()
    {
        var outcome = await host.Get<Plans>().Assign(
            new NewAssignment(Account, AssignmentKind.Contract, null) { Commitment = new Commitment(100_000_000, 1.5m) },
            "test",
            CancellationToken.None);
        outcome.ShouldBeOfType<AssignOutcome.Done>();
        await MoveTo(Start.AddDays(1));
        await Send("a", 10_000_000, "gpt-4o", Start.AddHours(1));

        await MoveTo(Start.AddMonths(1).AddDays(2));
        (await PeriodLines()).Single().Amount.Micros.ShouldBe(75_000_000);
        await Send("late", 10_000_000, "gpt-4o", Start.AddHours(2));
        await MoveTo(Start.AddMonths(1).AddDays(3));
        (await PeriodLines())[^1].Amount.Micros.ShouldBe(-25_000_000);
        await Send("much", 40_000_000, "gpt-4o", Start.AddHours(2));
        await MoveTo(Start.AddMonths(1).AddDays(4));

        // 150 dollars used: fifty beyond the promise, half as much again on those.
        var lines = await PeriodLines();
        lines.Select(line => line.TotalMicros).ShouldBe([75_000_000, 50_000_000, 25_000_000]);
        lines.Select(line => line.IsLate).ShouldBe([false, true, true]);
        (await BooksAreExact()).ShouldBeTrue();
    }

    private BillingAccountKey Account => new(org.Id, org.BillingAccount);

    private async Task<AssignmentId> Assign(PlanVersionId plan)
    {
        var outcome = await host.Get<Plans>().Assign(
            new NewAssignment(Account, AssignmentKind.Plan, plan), "test", CancellationToken.None);
        return outcome.ShouldBeOfType<AssignOutcome.Done>().Assignment.Id;
    }

    private async Task MoveTo(DateTimeOffset to)
    {
        // A move that is longer than one may be is made in parts.
        while (await host.Get<DueWork>().MoveClock(org.Id, to, CancellationToken.None) is ClockOutcome.TooFar(var now))
        {
            await host.Get<DueWork>().MoveClock(org.Id, now + (ClockLimits.MoveLongest / 2), CancellationToken.None);
        }
    }

    private async Task RunDue(TestHost replica, DateTimeOffset instant)
    {
        foreach (var kind in replica.Get<IEnumerable<IDueWork>>().Where(kind => kind.Name == "charging.periods"))
        {
            await kind.RunUpTo(org.Id, instant, CancellationToken.None);
        }
    }

    private async Task Send(string id, long input, string model, DateTimeOffset at)
    {
        var answer = await client.SendEvent(UsageEvents.Completion(id, input, 0, model, $"{at:yyyy-MM-ddTHH:mm:ssZ}"));
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync());
        await host.RateAll();
    }

    private async Task<List<Quoin.Charging.PeriodLine>> PeriodLines() =>
        [.. (await host.Get<Quoin.Charging.Charging>().PeriodLines(org.Id, null, null, null, 100, CancellationToken.None)).Reverse()];

    private async Task<long> Used() => (await client.GetJson("/v1/balance"))["data"]!.AsArray()
        .Sum(row => (long)row!["used"]!["amount_micros"]!);

    private async Task<long> Count(string sql)
    {
        await using var command = database.Owner.CreateCommand(sql);
        command.Parameters.Add(new NpgsqlParameter { Value = org.Id.Value });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task Execute(string sql)
    {
        await using var command = database.Owner.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    // Entries sum to zero, and what lines come to is revenue.
    private async Task<bool> BooksAreExact()
    {
        await using var command = database.Owner.CreateCommand("""
            select
                (select coalesce(sum(amount_micros), 0) from ledger.entries) = 0
                and (select coalesce(sum(amount_micros), 0) from charging.rated_lines)
                    + (select coalesce(sum(amount_micros), 0) from charging.period_lines)
                    = (select coalesce(sum(balance_micros), 0) from ledger.accounts where kind = 'revenue')
            """);
        return (bool)(await command.ExecuteScalarAsync())!;
    }
}
