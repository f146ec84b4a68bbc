using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Quoin.Platform;
using Quoin.StripeSimulator;
using Quoin.Tests.Support;
using Xunit.Abstractions;

namespace Quoin.Tests.EndToEnd.Billing.Payments;

/// <summary>
/// Two real processes on one database, one of them killed with SIGKILL where a purchase hurts most: before the provider
/// hears of it, before its answer is written down, and while its news is gone through. The other one goes on by itself;
/// nobody asks it to.
/// </summary>
public sealed class KillingTheHostDuringAPurchase(TestDatabase databases, ITestOutputHelper log)
    : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private const string Sessions = "/v1/checkout/sessions";
    private const string ClientKey = "the-purchase";
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Loop = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>What a busy machine may add to a lease and a loop.</summary>
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource patience = new(Patience);
    private TestDatabase database = null!;
    private SimulatorFixture stripe = null!;
    private QuoinProcess[] replicas = [];
    private TestOrganisation org = null!;
    private string operatorKey = string.Empty;

    public async Task InitializeAsync()
    {
        // A database each: what a killed replica holds beyond payments' own leases must not reach into the next case.
        database = await databases.CreateDatabase();
        stripe = await SimulatorFixture.Start();
        await using (var beside = await TestHost.Start(database, "api"))
        {
            org = await beside.CreateOrganisation();
            using var client = await beside.OperatorClient();
            operatorKey = client.DefaultRequestHeaders.Authorization!.Parameter!;
        }

        replicas = await Task.WhenAll(Serve(), Serve());
    }

    public async Task DisposeAsync()
    {
        await Task.WhenAll(replicas.Select(replica => replica.DisposeAsync().AsTask()));
        await stripe.DisposeAsync();
        patience.Dispose();
    }

    [Fact]
    public async Task Buys_once_when_killed_before_the_provider_hears_of_it()
    {
        stripe.Fault(FaultKind.TimeoutBefore, Sessions, "POST", times: 10);
        var asking = Ask(replicas[0]);
        while (!stripe.Simulator.Calls.Any(call => call is { Path: Sessions, Fault: FaultKind.TimeoutBefore }))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), patience.Token);
        }

        (await Count("select count(*) from payments.requests where status = 'pending' and frozen_params is not null")).ShouldBe(1);
        replicas[0].Kill();
        stripe.Simulator.All("checkout.session").ShouldBeEmpty("the provider heard of it");
        stripe.Simulator.ClearFaults();

        await asking.ShouldThrowAsync<HttpRequestException>();
        await RequireRecovered(replicas[1]);
    }

    [Fact]
    public async Task Buys_once_when_killed_before_the_answer_is_written_down()
    {
        stripe.Fault(FaultKind.TimeoutAfter, Sessions, "POST");
        var asking = Ask(replicas[0]);
        while (stripe.Simulator.All("checkout.session").Count == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), patience.Token);
        }

        (await Count("select count(*) from payments.checkouts")).ShouldBe(0, "the answer was written down");
        replicas[0].Kill();

        await asking.ShouldThrowAsync<HttpRequestException>();
        await RequireRecovered(replicas[1]);
        stripe.Simulator.Calls.Count(call => call is { Path: Sessions, Method: "POST", IsReplay: true }).ShouldBe(1);
    }

    [Fact]
    public async Task Applies_news_once_when_killed_while_going_through_it()
    {
        var session = (string)(await Bought(replicas[0]))["checkout"]!["provider_checkout_id"]!;
        Array.ForEach(replicas, replica => stripe.SendWebhooksTo(replica.Address));
        long interrupted;
        await using (var connection = await database.Owner.OpenConnectionAsync(patience.Token))
        await using (var transaction = await connection.BeginTransactionAsync(patience.Token))
        {
            await using (var hold = transaction.Sql("select from payments.billing_accounts for update"))
            {
                await hold.ExecuteNonQueryAsync(patience.Token);
            }

            stripe.PayCheckout(session).ShouldBeTrue();
            (await WhoWaitsFor(connection)).Kill();
            interrupted = await Count("select count(*) from payments.webhook_events where state = 'processing'");
        }

        var killedAt = Stopwatch.GetTimestamp();
        interrupted.ShouldBeGreaterThan(0, "a kill that met nobody proves nothing");
        await Until("""
            select count(*)
            from payments.subscriptions, payments.payments
            where is_current and payments.status = 'succeeded'
              and not exists (select from payments.webhook_events where state <> 'processed')
            """);

        var took = Stopwatch.GetElapsedTime(killedAt);
        log.WriteLine($"{interrupted} events broken off, all gone through {took} after the kill");
        took.ShouldBeLessThan(Lease + Loop + Slack);
        await RequireAppliedOnce();
    }

    /// <summary>What was asked for was done by the replica that is left, on its first attempt and in time, once.</summary>
    private async Task RequireRecovered(QuoinProcess left)
    {
        await Until("select count(*) from payments.requests where status = 'succeeded'");

        await using var command = database.Owner.CreateCommand(
            "select finished_at - created_at, recovery_attempts from payments.requests");
        await using (var reader = await command.ExecuteReaderAsync(patience.Token))
        {
            (await reader.ReadAsync(patience.Token)).ShouldBeTrue();
            var took = reader.GetTimeSpan(0);
            log.WriteLine($"recovered {took - Lease} after its lease lapsed");
            took.ShouldBeGreaterThan(Lease, "its lease had not lapsed");
            took.ShouldBeLessThan(Lease + Loop + Slack);
            reader.GetInt32(1).ShouldBe(1);
            (await reader.ReadAsync(patience.Token)).ShouldBeFalse("there is a second request");
        }

        var made = stripe.Simulator.All("checkout.session").ShouldHaveSingleItem();
        var answer = await Bought(left);
        ((string)answer["checkout"]!["provider_checkout_id"]!).ShouldBe((string)made["id"]!);
        JsonNode.DeepEquals(await Bought(left), answer).ShouldBeTrue("the same key was answered differently");
        (await Count("select count(*) from payments.checkouts where status = 'open'")).ShouldBe(1);
        (await Count("select count(*) from payments.checkouts")).ShouldBe(1);
        stripe.Simulator.All("checkout.session").Count.ShouldBe(1);
    }

    private async Task RequireAppliedOnce()
    {
        foreach (var table in (string[])["requests", "checkouts", "customers", "subscriptions", "invoices", "payments"])
        {
            (await Count($"select count(*) from payments.{table}")).ShouldBe(1, table);
        }

        (await Count("select count(*) from payments.checkouts where status = 'completed_reconciled'")).ShouldBe(1);
        (await Count("select count(*) from ledger.transfers where key like 'payment/%'")).ShouldBe(1);
        (await Count("select count(*) from platform.outbox where topic = 'payments.payment_succeeded'")).ShouldBe(1);
        (await Count("""
            select count(*)
            from platform.outbox
            where topic = 'payments.subscription_changed'
              and payload ->> 'before' is null
            """)).ShouldBe(1);
        (await Count("select max(attempts)::bigint from payments.webhook_events")).ShouldBeGreaterThan(1, "nothing was broken off");
        stripe.Simulator.All("checkout.session").Count.ShouldBe(1);
        stripe.Simulator.All("subscription").Count.ShouldBe(1);
    }

    /// <summary>The replica that goes through news and waits for a lock which a connection holds.</summary>
    private async Task<QuoinProcess> WhoWaitsFor(NpgsqlConnection holder)
    {
        await Until($"""
            select count(*)
            from pg_stat_activity
            where {holder.ProcessID.ToString(CultureInfo.InvariantCulture)} = any (pg_blocking_pids(pid))
              and exists (select from payments.webhook_events where state = 'processing')
            """);
        await using var command = database.Owner.CreateCommand("""
            select owner
            from platform.leases
            join payments.webhook_events on name = 'payments.webhooks/' || shard
            where state = 'processing'
            limit 1
            """);
        var owner = (string)(await command.ExecuteScalarAsync(patience.Token))!;
        return replicas.Single(replica =>
            owner.Split('/')[1] == replica.ProcessId.ToString(CultureInfo.InvariantCulture));
    }

    private Task<QuoinProcess> Serve() => QuoinProcess.ServeConfigured(database.ConnectionString, new Dictionary<string, string>
    {
        ["QUOIN_MASTER_KEY"] = TestHost.MasterKey,
        ["QUOIN_STRIPE_TEST_URL"] = stripe.Address.ToString(),
        ["QUOIN_STRIPE_TEST_SECRET_KEY"] = SimulatorFixture.SecretKey,
        ["QUOIN_STRIPE_TEST_WEBHOOK_SECRETS"] = SimulatorFixture.WebhookSecret,
        ["QUOIN_PAYMENTS_LEASE_SECONDS"] = $"{Lease.TotalSeconds}",
        ["QUOIN_PAYMENTS_LOOP_SECONDS"] = $"{Loop.TotalSeconds}",
    });

    private async Task<HttpResponseMessage> Ask(QuoinProcess replica)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/billing/checkout");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", operatorKey);
        request.Headers.Add("Quoin-Org", org.Id.ToString());
        request.Headers.Add("Idempotency-Key", ClientKey);
        request.Content = JsonContent.Create(new { plan = "starter", success_path = "/done", cancel_path = "/cancelled" });
        return await replica.Client.SendAsync(request, patience.Token);
    }

    private async Task<JsonNode> Bought(QuoinProcess replica)
    {
        using var answer = await Ask(replica);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        return await answer.Json();
    }

    private async Task Until(string sql)
    {
        while (await Count(sql) == 0)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), patience.Token);
        }
    }

    private async Task<long> Count(string sql)
    {
        await using var command = database.Owner.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync(patience.Token))!;
    }
}
