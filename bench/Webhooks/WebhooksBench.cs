using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Quoin.Accounts;
using Quoin.Bench.Ingest;
using Quoin.Platform;
using Quoin.Server.Hosting;
using Quoin.Tests.Support;

namespace Quoin.Bench.Webhooks;

/// <summary>
/// The provider's news: taken in over HTTP with its signature checked, and stored, from 64 connections; then a backlog of
/// 100,000 gone through by one worker. Beside it the bare insert of the same rows. Each round checks that every event was
/// applied and every payment counted once.
/// </summary>
internal sealed class WebhooksBench(BenchOptions options)
{
    private const int Connections = 64;
    private const int Payers = 300;
    private const int WarmUpSeconds = 6;
    private const long Backlog = 100_000;

    private long sent;

    public async Task Run(CancellationToken cancellationToken)
    {
        await using var cluster = await BenchCluster.Start(cancellationToken);
        var (doors, drains) = (new List<(double Rows, double Accepted)>(), new List<double>());
        for (var number = 1; number <= options.Rounds; number++)
        {
            if (options.Wants("door"))
            {
                var round = (Rows: await Floor(cluster, cancellationToken), Accepted: await Door(cluster, cancellationToken));
                doors.Add(round);
                Print($"round {number}: bare rows {round.Rows:0}/s, accepted {round.Accepted:0}/s");
            }

            if (options.Wants("drain"))
            {
                drains.Add(await Drain(cluster, cancellationToken));
                Print($"round {number}: {Backlog} gone through in {drains[^1]:0.0} s");
            }
        }

        if (doors.Count > 0)
        {
            Figures.Print("webhooks.rows_per_second", Figures.Median(doors.Select(round => round.Rows)));
            Figures.Print("webhooks.accepted_per_second", Figures.Median(doors.Select(round => round.Accepted)));
            Figures.Print("webhooks.accepted_over_rows", Figures.Median(doors.Select(round => round.Accepted / round.Rows)));
        }

        if (drains.Count > 0)
        {
            Figures.Print("webhooks.drain_seconds", Figures.Median(drains));
        }
    }

    private async Task<double> Door(BenchCluster cluster, CancellationToken cancellationToken)
    {
        var database = await cluster.CreateDatabase();
        sent = 0;
        double accepted;
        await using (var door = await Start(database, cluster.Folder, "api"))
        {
            BenchPayer[] payers = [.. Enumerable.Range(0, Payers).Select(number => new BenchPayer("org_x", "ba_x", number))];
            await Send(door, payers, TimeSpan.FromSeconds(WarmUpSeconds), cancellationToken);
            var (before, cpu) = (sent, CpuTimes.Now(door.ProcessId));
            var clock = Stopwatch.StartNew();
            await Send(door, payers, TimeSpan.FromSeconds(options.Seconds), cancellationToken);
            accepted = (sent - before) / clock.Elapsed.TotalSeconds;
            Print($"  accepted, {CpuTimes.Now(door.ProcessId).PerEventSince(cpu, sent - before)}");
        }

        await using (var looking = NpgsqlDataSource.Create(database))
        {
            var stored = await Count(
                looking,
                "select count(*) from payments.webhook_events join payments.webhook_payloads using (webhook_event_id)",
                cancellationToken);
            if (stored != sent)
            {
                throw new InvalidOperationException($"{sent} were accepted, {stored} are stored.");
            }
        }

        await cluster.Drop(database);
        return accepted;
    }

    private static async Task<double> Drain(BenchCluster cluster, CancellationToken cancellationToken)
    {
        var database = await cluster.CreateDatabase();
        var payers = await Prepare(database, cluster.Folder, cancellationToken);
        await using var looking = NpgsqlDataSource.Create(database);
        await Fill(looking, payers, cancellationToken);
        var drain = await Drain(database, cluster.Folder, looking, cancellationToken);
        await Check(looking, cancellationToken);
        await looking.DisposeAsync();
        await cluster.Drop(database);
        return drain;
    }

    private static Task<QuoinProcess> Start(string database, string folder, string roles) => QuoinProcess.ServeConfigured(
        database,
        new Dictionary<string, string>
        {
            ["QUOIN_STRIPE_TEST_SECRET_KEY"] = "sk_test_bench",
            ["QUOIN_STRIPE_TEST_WEBHOOK_SECRETS"] = WebhookLoad.Secret,
            ["QUOIN_STRIPE_TEST_URL"] = "http://127.0.0.1:9",
        },
        "--data",
        folder,
        "--roles",
        roles);

    private async Task Send(
        QuoinProcess door, BenchPayer[] payers, TimeSpan length, CancellationToken cancellationToken)
    {
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(
            async () =>
            {
                using var connection = await LoadConnection.Open(door.Address, cancellationToken);
                while (clock.Elapsed < length)
                {
                    var number = Interlocked.Increment(ref sent) - 1;
                    var payer = payers[number / 3 % payers.Length];
                    var status = await connection.Send(WebhookLoad.Request(payer, number), cancellationToken);
                    if (status != 200)
                    {
                        throw new InvalidOperationException($"The host answered {status}. It wrote:\n{door.Output}");
                    }
                }
            },
            cancellationToken)));
    }

    private const string FillSql = """
        with arrived as (
            select *
            from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::smallint[], $7::bytea[])
                as event (id, name, type, customer, created_at, shard, payload)
        ), events as (
            insert into payments.webhook_events
                (webhook_event_id, provider, mode, provider_event_id, event_type, provider_created_at, provider_customer_id,
                shard, state, due_at, received_at)
            select id, 'stripe', 'test', name, type, created_at, customer, shard, 'received', $8, $8
            from arrived
        )
        insert into payments.webhook_payloads (webhook_event_id, payload)
        select id, payload
        from arrived
        """;

    // As the door leaves them, without its time: what is measured is going through them.
    private static async Task Fill(NpgsqlDataSource looking, BenchPayer[] payers, CancellationToken cancellationToken)
    {
        const int atOnce = 1_000;
        var ids = new Kernel.IdSource(TimeProvider.System);
        var now = TimeProvider.System.GetUtcNow();
        for (long first = 0; first < Backlog; first += atOnce)
        {
            var numbers = Enumerable.Range(0, atOnce).Select(index => first + index).ToArray();
            await using var command = looking.Sql(
                FillSql,
                numbers.Select(_ => ids.Next()).ToArray(),
                numbers.Select(number => $"evt_bench_{number}").ToArray(),
                numbers.Select(WebhookLoad.TypeOf).ToArray(),
                numbers.Select(number => $"cus_bench_{payers[number / 3 % payers.Length].Number}").ToArray(),
                numbers.Select(number => DateTimeOffset.FromUnixTimeSeconds(WebhookLoad.FirstSecond + number)).ToArray(),
                numbers.Select(number => (short)(number / 3 % payers.Length % 16)).ToArray(),
                numbers.Select(number => WebhookLoad.Body(payers[number / 3 % payers.Length], number)).ToArray(),
                now);
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private static async Task<double> Drain(
        string database, string folder, NpgsqlDataSource looking, CancellationToken cancellationToken)
    {
        await using var worker = await Start(database, folder, "worker,api");
        var cpu = CpuTimes.Now(worker.ProcessId);
        var clock = Stopwatch.StartNew();
        while (await Count(looking, "select count(*) from payments.webhook_events where due_at is not null", cancellationToken) > 0)
        {
            if (clock.Elapsed > TimeSpan.FromMinutes(15))
            {
                throw new InvalidOperationException($"The backlog does not end. The host wrote:\n{worker.Output}");
            }

            await Task.Delay(250, cancellationToken);
        }

        var seconds = clock.Elapsed.TotalSeconds;
        Print($"  gone through, {CpuTimes.Now(worker.ProcessId).PerEventSince(cpu, Backlog)}");
        return seconds;
    }

    private static async Task Check(NpgsqlDataSource looking, CancellationToken cancellationToken)
    {
        var odd = await Count(looking, "select count(*) from payments.webhook_events where state <> 'processed'", cancellationToken);
        var all = await Count(looking, "select count(*) from payments.webhook_events", cancellationToken);
        var payments = WebhookLoad.Payments(Backlog);
        var paid = await Count(looking, "select count(*) from payments.payments where status = 'succeeded'", cancellationToken);
        var told = await Count(looking, "select count(*) from platform.outbox where topic = 'payments.payment_succeeded'",
            cancellationToken);
        if (odd != 0 || all != Backlog || paid != payments || told != payments)
        {
            throw new InvalidOperationException(
                $"Of {all} events {odd} are not done with; {payments} payments were told of, {paid} are stored, {told} were told on.");
        }
    }

    private static async Task<long> Count(NpgsqlDataSource looking, string sql, CancellationToken cancellationToken)
    {
        await using var command = looking.CreateCommand(sql);
        command.CommandTimeout = 120;
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private const string FloorSql = """
        with events as (
            insert into payments.webhook_events
                (webhook_event_id, provider, mode, provider_event_id, event_type, provider_created_at, provider_object_id,
                provider_customer_id, shard, state, due_at, received_at)
            select id, 'stripe', 'test', name, 'invoice.paid', $3, name, name, 0, 'received', $3, $3
            from unnest($1::uuid[], $2::text[]) as row (id, name)
        )
        insert into payments.webhook_payloads (webhook_event_id, payload)
        select id, payload
        from unnest($1::uuid[], $4::bytea[]) as row (id, payload)
        """;

    // One connection, a commit for as many rows as there are connections that would wait for it.
    private async Task<double> Floor(BenchCluster cluster, CancellationToken cancellationToken)
    {
        var database = await cluster.CreateDatabase();
        await using var source = NpgsqlDataSource.Create(database);
        var payload = WebhookLoad.Body(new BenchPayer("org", "ba", 0), 0);
        var payloads = Enumerable.Repeat(payload, Connections).ToArray();
        var ids = new Kernel.IdSource(TimeProvider.System);
        var clock = Stopwatch.StartNew();
        long rows = 0;
        while (clock.Elapsed.TotalSeconds < options.Seconds)
        {
            var names = Enumerable.Range(0, Connections).Select(index => $"evt_floor_{rows + index}").ToArray();
            await using var command = source.Sql(
                FloorSql,
                names.Select(_ => ids.Next()).ToArray(),
                names,
                TimeProvider.System.GetUtcNow(),
                payloads);
            await command.ExecuteNonQueryAsync(cancellationToken);
            rows += Connections;
        }

        var perSecond = rows / clock.Elapsed.TotalSeconds;
        NpgsqlConnection.ClearAllPools();
        await cluster.Drop(database);
        return perSecond;
    }

    private static async Task<BenchPayer[]> Prepare(string database, string folder, CancellationToken cancellationToken)
    {
        var settings = new HostSettings { DataFolder = folder, Database = database };
        await using var app = QuoinHost.Build(settings, database);
        var organisations = app.Services.GetRequiredService<Organisations>();
        var payers = new BenchPayer[Payers];
        for (var index = 0; index < Payers; index++)
        {
            var created = await organisations.Create(
                new NewOrganisation($"Bench {index}", OrganisationMode.Test), "bench", cancellationToken);
            var profile = ((CreateOrganisationOutcome.Created)created).Organisation;
            payers[index] = new BenchPayer(profile.Id.ToString(), profile.DefaultBillingAccount.Id.ToString(), index);
        }

        await using var owner = NpgsqlDataSource.Create(database);
        await using var price = owner.Sql(
            """
            insert into payments.plan_prices
                (plan_price_id, plan_version_id, provider, mode, component, usage_type, interval_unit, interval_count,
                currency, amount_minor, provider_price_id, is_active, created_at, updated_at)
            values ($1, $1, 'stripe', 'test', 'base', 'licensed', 'month', 1, 'USD', 2000, 'price_bench', true, $2, $2)
            """,
            new Kernel.IdSource(TimeProvider.System).Next(),
            TimeProvider.System.GetUtcNow());
        await price.ExecuteNonQueryAsync(cancellationToken);
        return payers;
    }

    private static void Print(string line) => Console.WriteLine(line);
}
