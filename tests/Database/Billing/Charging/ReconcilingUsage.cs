using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Quoin.Charging;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Pricing;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Charging;

public sealed class ReconcilingUsage(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private const string FirstLine =
        "line_id = (select line_id from charging.rated_lines where org_id = '{0}' order by line_id limit 1)";

    private const string LastLine =
        "line_id = (select line_id from charging.rated_lines where org_id = '{0}' order by line_id desc limit 1)";

    private TestHost host = null!;
    private TestOrganisation org = null!;
    private HttpClient client = null!;
    private HttpClient operators = null!;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api");
        org = await host.CreateOrganisation();
        client = host.Client(org.Key);
        operators = await host.OperatorClient();
        operators.DefaultRequestHeaders.Add("Quoin-Org", org.Id.ToString());
        if ((await host.Get<PriceBooks>().Current(CancellationToken.None)).Versions.Count == 0)
        {
            await host.PublishUsualPrices();
        }
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        operators.Dispose();
        await host.DisposeAsync();
    }

    [Fact]
    public async Task Finds_nothing_where_everything_fits()
    {
        await UseAndRate();

        var run = await Reconcile();

        run.State.ShouldBe(ReconciliationState.Finished);
        run.IsSound.ShouldBeTrue(await Told(run));
        run.Events.ShouldBe(12);
        run.Transfers.ShouldBeGreaterThan(0);
        run.Lines.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Is_not_deceived_by_usage_that_waits_or_is_set_aside()
    {
        await UseAndRate();
        await client.SendBatch(UsageEvents.Completion("later", 10, 10), UsageEvents.Completion("unpriced", 10, 10, "nobody-knows"));
        var waiting = await Reconcile();
        await host.RateAll();
        await client.SendEvent(UsageEvents.Completion("again", 5, 5));

        var rated = await Reconcile();

        waiting.IsSound.ShouldBeTrue(await Told(waiting));
        rated.IsSound.ShouldBeTrue(await Told(rated));
    }

    [Fact]
    public async Task Follows_events_that_were_taken_back()
    {
        await UseAndRate();
        var sent = await client.SendBatch(
            UsageEvents.Completion("wrong", 500, 50, time: "2026-03-12T10:00:00Z"));
        var events = (await sent.Json())["results"]!.AsArray();
        await host.RateAll();
        var voided = await operators.PostAsJsonAsync($"/v1/events/{events[0]!["event"]}/void", new { reason = "a test" });
        var waiting = await Reconcile();
        await host.RateAll();

        var run = await Reconcile();

        voided.IsSuccessStatusCode.ShouldBeTrue(await voided.Content.ReadAsStringAsync());
        waiting.IsSound.ShouldBeTrue(await Told(waiting));
        run.IsSound.ShouldBeTrue(await Told(run));
        run.Events.ShouldBe(16);
    }

    [Fact]
    public async Task Gives_no_false_alarm_while_usage_streams_in()
    {
        await using var working = await TestHost.Start(database);
        using var sending = working.Client(org.Key);
        var stream = Task.Run(async () =>
        {
            for (var index = 0; index < 60; index++)
            {
                await sending.SendBatch(Enumerable.Range(0, 20).Select(
                    one => UsageEvents.Completion($"{index}-{one}", 7, 3, time: $"2026-03-0{1 + (one % 9)}T10:{index:00}:00Z")));
            }
        });

        var runs = new List<ReconciliationRun>();
        while (!stream.IsCompleted)
        {
            runs.Add(await Reconcile());
        }

        await stream;
        runs.Add(await Reconcile());
        foreach (var run in runs)
        {
            run.IsSound.ShouldBeTrue(await Told(run));
        }
    }

    [Theory]
    [InlineData("delete from charging.rated_lines where " + FirstLine, "missing_rating")]
    [InlineData("update charging.rated_lines set amount_micros = amount_micros + 100 where " + FirstLine, "amount_mismatch")]
    [InlineData("update charging.rated_lines set quantity = quantity + 1 where " + LastLine, "amount_mismatch")]
    [InlineData("update charging.rated_lines set transfer_id = null where org_id = '{0}'", "missing_posting")]
    [InlineData(
        "update charging.rated_lines set transfer_id = '00000000-0000-0000-0000-000000000001' where org_id = '{0}'",
        "missing_posting")]
    [InlineData("update metering.usage_buckets set quantity = quantity + 1 where org_id = '{0}'", "bucket_mismatch")]
    [InlineData("delete from metering.usage_buckets where org_id = '{0}'", "bucket_mismatch")]
    [InlineData("update charging.rating_positions set rated_micros = rated_micros + 1 where org_id = '{0}'", "amount_mismatch")]
    [InlineData("delete from metering.events where org_id = '{0}'", "orphan")]
    [InlineData(
        "update charging.rated_lines set fold_ids = fold_ids || '00000000-0000-0000-0000-000000000001'::uuid where org_id = '{0}'",
        "orphan")]
    [InlineData(
        "insert into charging.rated_lines "
        + "select (jsonb_populate_record(l, jsonb_build_object('line_id', '01900000-0000-7000-8000-00000000000a'))).* "
        + "from charging.rated_lines l where " + LastLine,
        "duplicate")]
    [InlineData(
        "insert into metering.unrated_folds (org_id, fold_id, billing_account_id, meter_id, dimensions, bucket_start, quantity, "
        + "event_count, recorded_at, shard) "
        + "select org_id, fold_ids[1], billing_account_id, meter_id, dimensions, bucket_start, quantity, event_count, rated_at, 0 "
        + "from charging.rated_lines where " + LastLine,
        "duplicate")]
    public async Task Finds_a_planted_fault(string sql, string kind)
    {
        await UseAndRate();
        await Plant(string.Format(System.Globalization.CultureInfo.InvariantCulture, sql, org.Id.Value));

        var run = await Reconcile();

        run.IsSound.ShouldBeFalse();
        (await Kinds(run)).ShouldContain(kind);
        await Plant($"delete from metering.unrated_folds where org_id = '{org.Id.Value}'");
    }

    [Theory]
    [InlineData(true, "duplicate")]
    [InlineData(false, "orphan")]
    public async Task Finds_a_transfer_posted_twice_and_one_from_nowhere(bool isCopy, string kind)
    {
        await UseAndRate();
        await Plant($"""
            with copied as (
                insert into ledger.transfers
                select (jsonb_populate_record(t, jsonb_build_object(
                    'transfer_id', 'ffffffff-0000-7000-8000-00000000000b', 'key', 'planted', 'chain_count', 1000000,
                    'reference', case when {isCopy} then reference else 'from nowhere' end))).*
                from ledger.transfers t
                where org_id = '{org.Id.Value}' and kind = 'usage_postpaid'
                order by transfer_id desc limit 1
                returning transfer_id)
            insert into ledger.entries
            select (jsonb_populate_record(e, jsonb_build_object(
                'transfer_id', 'ffffffff-0000-7000-8000-00000000000b'))).*
            from ledger.entries e
            where org_id = '{org.Id.Value}' and transfer_id = (
                select transfer_id from ledger.transfers where org_id = '{org.Id.Value}' and kind = 'usage_postpaid'
                order by transfer_id desc limit 1)
            """);

        var run = await Reconcile();

        (await Kinds(run)).ShouldBe([kind]);
    }

    [Fact]
    public async Task Queues_lost_usage_again_and_rates_it_once()
    {
        await client.SendEvent(UsageEvents.Completion("lost", 1000, 0));
        await Plant($"delete from metering.unrated_folds where org_id = '{org.Id.Value}'");
        await UseAndRate();
        var run = await Reconcile();
        var findings = (await operators.GetJson($"/v1/reconciliation/{run.Id}/findings"))["data"]!.AsArray();

        foreach (var finding in findings)
        {
            await Repair((string)finding!["id"]!, "ok");
            await Repair((string)finding["id"]!, "ok");
        }

        await host.RateAll();
        var after = await Reconcile();
        findings.Select(one => (string)one!["kind"]!).ShouldAllBe(kind => kind == "missing_rating");
        findings.Count.ShouldBe(2);
        after.IsSound.ShouldBeTrue(await Told(after));
        (await Audited()).ShouldBe(2);
    }

    [Fact]
    public async Task Does_not_charge_twice_for_a_line_that_was_removed()
    {
        await UseAndRate();
        await Plant("delete from charging.rated_lines where " + LastLine.Replace("{0}", $"{org.Id.Value}", StringComparison.Ordinal));
        var run = await Reconcile();
        var finding = (await operators.GetJson($"/v1/reconciliation/{run.Id}/findings?kind=missing_rating"))["data"]![0]!;

        var code = await Repair((string)finding["id"]!, "not_repairable");

        code.ShouldBe("not_repairable");
    }

    [Fact]
    public async Task Asks_for_a_correction_that_makes_the_books_right_when_a_second_person_agrees()
    {
        await UseAndRate();
        await Plant(
            "update charging.rated_lines set amount_micros = amount_micros - 100 where "
            + LastLine.Replace("{0}", $"{org.Id.Value}", StringComparison.Ordinal));
        var run = await Reconcile();
        var finding = (await operators.GetJson($"/v1/reconciliation/{run.Id}/findings?kind=amount_mismatch"))["data"]!.AsArray()
            .Single(one => (string)one!["stage"]! == "posting")!;
        var repaired = await operators.PostAsJsonAsync(
            $"/v1/reconciliation/findings/{finding["id"]}/repair", new { reason = "the line says less" });
        var correction = (string)(await repaired.Json())["correction"]!;
        using var second = await host.OperatorClient();
        second.DefaultRequestHeaders.Add("Quoin-Org", org.Id.ToString());
        await Plant("update ledger.corrections set requested_by_origin = 'usr_somebody_else'");

        var approved = await second.PostAsJsonAsync($"/v1/ledger/corrections/{correction}/approve", new { reason = "agreed" });

        approved.IsSuccessStatusCode.ShouldBeTrue(await approved.Content.ReadAsStringAsync());
        var again = await Reconcile();
        ((long)finding["difference"]!["amount_micros"]!).ShouldBe(100);
        (await host.Get<Reconciliation>().Findings(again.Id, null, null, null, 100, CancellationToken.None))
            .ShouldNotContain(one => one.Fault.Stage == ReconciliationStage.Posting);
    }

    [Fact]
    public async Task Goes_on_where_another_replica_stopped()
    {
        await UseAndRate();
        var from = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var scope = new ReconciliationScope(org.Id, new Period(from, from.AddDays(120)));
        var run = await host.Get<Reconciliation>().Start(scope, "test", CancellationToken.None);
        await using (var connection = await database.Owner.OpenConnectionAsync())
        {
            // Half-way, by a replica that died: the next one compares what is left of the range.
            await using var half = new NpgsqlCommand(
                "update charging.reconciliation_runs set at_org = $2, at_stage = 'usage', "
                + "at_place = '2026-03-01T00:00:00.0000000Z', organisation_count = 1 where run_id = $1",
                connection)
            { Parameters = { new() { Value = run.Id.Value }, new() { Value = org.Id.Value } } };
            await half.ExecuteNonQueryAsync();
        }

        await host.Get<JobRunner>().RunDue(CancellationToken.None);

        var done = (await host.Get<Reconciliation>().Find(null, run.Id, CancellationToken.None))!;
        done.IsSound.ShouldBeTrue(await Told(done));
        done.Events.ShouldBe(4);
        done.Organisations.ShouldBe(1);
    }

    [Fact]
    public async Task Runs_once_a_night_over_everybody()
    {
        var reconciliation = host.Get<Reconciliation>();

        await reconciliation.StartNightly(CancellationToken.None);
        var second = await reconciliation.StartNightly(CancellationToken.None);

        second.ShouldBeNull();
        (await reconciliation.Runs(null, null, 100, CancellationToken.None))
            .Count(run => run.StartedBy == "system").ShouldBeLessThanOrEqualTo(1);
    }

    [Fact]
    public async Task Is_for_operators_only()
    {
        (await client.GetAsync("/v1/reconciliation")).StatusCode.ShouldBe(System.Net.HttpStatusCode.Forbidden);
    }

    private async Task UseAndRate()
    {
        for (var month = 1; month <= 3; month++)
        {
            await client.SendBatch(
                UsageEvents.Completion($"a{month}", 1000, 100, time: $"2026-0{month}-10T10:00:00Z"),
                UsageEvents.Completion($"b{month}", 333, 77, time: $"2026-0{month}-20T10:05:00Z"));
            await host.RateAll();
        }
    }

    private async Task<ReconciliationRun> Reconcile()
    {
        var answer = await operators.PostAsJsonAsync(
            "/v1/reconciliation", new { from = "2026-01-01T00:00:00Z", to = "2026-12-31T00:00:00Z" });
        answer.StatusCode.ShouldBe(System.Net.HttpStatusCode.Accepted, await answer.Content.ReadAsStringAsync());
        var id = (string)(await answer.Json())["id"]!;
        IdText.TryParse(ReconciliationRunId.Prefix, id, out var value).ShouldBeTrue();
        ReconciliationRun? run;
        do
        {
            // Another replica of the test may have taken it: then there is nothing to run but its end to see.
            await host.Get<JobRunner>().RunDue(CancellationToken.None);
            run = await host.Get<Reconciliation>().Find(null, new(value), CancellationToken.None);
        }
        while (run!.State == ReconciliationState.Running);

        return run;
    }

    private async Task<string[]> Kinds(ReconciliationRun run) =>
    [
        .. (await operators.GetJson($"/v1/reconciliation/{run.Id}/findings"))["data"]!.AsArray()
            .Select(one => (string)one!["kind"]!)
            .Distinct(),
    ];

    private async Task<string> Told(ReconciliationRun run) =>
        (await operators.GetJson($"/v1/reconciliation/{run.Id}/findings")).ToJsonString();

    private async Task<string> Repair(string finding, string expected)
    {
        var answer = await operators.PostAsJsonAsync($"/v1/reconciliation/findings/{finding}/repair", new { reason = "test" });
        var json = await answer.Json();
        answer.IsSuccessStatusCode.ShouldBe(expected == "ok", json.ToJsonString());
        return (string?)json["code"] ?? "ok";
    }

    private async Task<long> Audited()
    {
        await using var command = database.Owner.CreateCommand(
            $"select count(*) from accounts.audit_log where org_id = '{org.Id.Value}' and action = 'reconciliation_finding.repaired'");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    // As somebody with all rights on the server, past every trigger.
    private async Task Plant(string sql)
    {
        await using var connection = await database.Owner.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(
            $"set session_replication_role = replica; {sql}; reset session_replication_role", connection);
        await command.ExecuteNonQueryAsync();
    }
}
