using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Pricing;
using Quoin.Tests.Support;
using Xunit.Abstractions;

namespace Quoin.Tests.EndToEnd.Billing;

/// <summary>
/// A real process, killed with SIGKILL while the clocks of several customers run through a year: each period's fee is
/// charged and each period's grant is given, once.
/// </summary>
public sealed class KillingTheHostDuringRenewals(TestDatabase database, ITestOutputHelper log) : IClassFixture<TestDatabase>
{
    private const int Customers = 6;
    private const int Kills = 2;
    private const int Months = 12;
    private const string Plan = "01900000-0000-7000-8000-0000000000b1";
    private static readonly DateTimeOffset Start = new(2026, 1, 31, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Renews_each_period_exactly_once()
    {
        var seed = Environment.TickCount;
        log.WriteLine($"seed {seed}");
        var random = new Random(seed);
        using var patience = new CancellationTokenSource(Patience);
        await using var beside = await TestHost.Start(database, "api");
        await OfferPlan();
        var customers = new List<TestOrganisation>();
        for (var count = 0; count < Customers; count++)
        {
            customers.Add(await NewCustomer(beside));
        }

        await using var run = new Run(database, await QuoinProcess.ServeBeside(database));
        var advancing = customers.ConvertAll(customer => run.Advance(customer, Start.AddMonths(Months).AddSeconds(-1), patience.Token));
        for (var kill = 1; kill <= Kills; kill++)
        {
            var charged = (Customers * Months * kill / (Kills + 1)) + random.Next(-4, 5);
            await run.KillAfter(charged, TimeSpan.FromMilliseconds(random.Next(0, 15)), patience.Token);
        }

        await Task.WhenAll(advancing);

        run.BrokenOff.ShouldBeGreaterThan(0, "a kill that met nobody proves nothing");
        foreach (var customer in customers)
        {
            await RequireEachPeriodOnce(customer);
        }

        (await Count("select coalesce(sum(amount_micros), 0)::bigint from ledger.entries where org_id <> $1", Guid.Empty)).ShouldBe(0);
    }

    private async Task RequireEachPeriodOnce(TestOrganisation customer)
    {
        var org = customer.Id.Value;
        (await Count("select count(*) from charging.period_lines where org_id = $1", org)).ShouldBe(Months);
        (await Count("select count(distinct period_start) from charging.period_lines where org_id = $1", org)).ShouldBe(Months);
        (await Count("select count(*) from charging.period_lines where org_id = $1 and amount_micros = 49000000", org)).ShouldBe(Months);
        (await Count("select count(*) from ledger.transfers where org_id = $1 and kind = 'plan_period'", org)).ShouldBe(Months);
        (await Count("select count(*) from ledger.grants where org_id = $1 and granted_micros = 10000000", org)).ShouldBe(Months);
        (await Count("select sum(balance_micros)::bigint from ledger.accounts where org_id = $1 and kind = 'receivable'", org))
            .ShouldBe(-49_000_000L * Months);
    }

    private static async Task<TestOrganisation> NewCustomer(TestHost host)
    {
        var customer = await host.CreateOrganisation();
        (await host.Get<DueWork>().MoveClock(customer.Id, Start, CancellationToken.None)).ShouldBeOfType<ClockOutcome.Moved>();
        var assigned = await host.Get<Plans>().Assign(
            new NewAssignment(
                new BillingAccountKey(customer.Id, customer.BillingAccount), AssignmentKind.Plan, new PlanVersionId(new Guid(Plan))),
            "test",
            CancellationToken.None);
        assigned.ShouldBeOfType<AssignOutcome.Done>();
        return customer;
    }

    private async Task OfferPlan()
    {
        await using var command = database.Owner.CreateCommand($$"""
            with family as (
                insert into pricing.plan_families (family, name, description, visibility, created_at)
                values ('credit', 'Credit', '', 'custom', '2026-01-01T00:00:00Z')
            )
            insert into pricing.plan_versions
                (plan_version_id, family, number, status, currency, fee_micros, trial_days, entitlements, grants, content_hash,
                created_at, published_at)
            values ('{{Plan}}', 'credit', 1, 'published', 'USD', 49000000, 0, '[]',
                '[{"name":"monthly","amount_micros":10000000,"priority":30,"scopes":[]}]', 'x',
                '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z')
            """);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<long> Count(string sql, Guid org)
    {
        await using var command = database.Owner.Sql(sql, org);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private sealed class Run(TestDatabase database, QuoinProcess first) : IAsyncDisposable
    {
        private readonly Lock gate = new();
        private QuoinProcess host = first;
        private int brokenOff;

        public int BrokenOff => brokenOff;

        private QuoinProcess Host
        {
            get
            {
                lock (gate)
                {
                    return host;
                }
            }
        }

        /// <summary>Moves a customer's clock, and asks again until it has arrived.</summary>
        public async Task Advance(TestOrganisation customer, DateTimeOffset to, CancellationToken cancellationToken)
        {
            while (!await TryAdvance(customer, to, cancellationToken))
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
            }
        }

        /// <summary>Kills the host a moment after so many fees were charged, and starts another.</summary>
        public async Task KillAfter(int charged, TimeSpan moment, CancellationToken cancellationToken)
        {
            await using var command = database.Owner.CreateCommand("select count(*) from charging.period_lines");
            while ((long)(await command.ExecuteScalarAsync(cancellationToken))! < charged)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(2), cancellationToken);
            }

            await Task.Delay(moment, cancellationToken);
            Host.Kill();
            var next = await QuoinProcess.ServeBeside(database);
            lock (gate)
            {
                host = next;
            }
        }

        public async ValueTask DisposeAsync() => await Host.DisposeAsync();

        private async Task<bool> TryAdvance(TestOrganisation customer, DateTimeOffset to, CancellationToken cancellationToken)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/test-clock/advance");
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", customer.Key);
                request.Content = JsonContent.Create(new { to });
                using var answer = await Host.Client.SendAsync(request, cancellationToken);
                if (answer.StatusCode is not (HttpStatusCode.OK or HttpStatusCode.Accepted))
                {
                    // The clock belongs to the dead host for some seconds yet.
                    ((string)(await answer.Json())["code"]!).ShouldBe("clock_is_busy");
                }

                return answer.StatusCode == HttpStatusCode.OK;
            }
            catch (Exception gone) when (gone is HttpRequestException or IOException or ObjectDisposedException)
            {
                Interlocked.Increment(ref brokenOff);
                return false;
            }
        }
    }
}
