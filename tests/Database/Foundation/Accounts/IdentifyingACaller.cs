using System.Diagnostics.Metrics;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

public sealed class IdentifyingACaller(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Knows_a_key_by_its_organisation()
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var key = await host.Keys.CreateKey(org);

        var answer = await host.Get("/v1/whoami", key.Secret);

        (await answer.Content.ReadAsStringAsync()).ShouldBe($"Organisation {key.Key.Id} {org}");
    }

    [Fact]
    public async Task Lets_a_key_name_its_own_organisation_and_no_other()
    {
        await using var host = await AccountsHost.Start(database);
        var mine = (await host.Organisations.CreateTest("Mine")).Id;
        var theirs = (await host.Organisations.CreateTest("Theirs")).Id;
        var key = await host.Keys.CreateKey(mine);

        (await host.Get("/v1/whoami", key.Secret, mine)).IsSuccessStatusCode.ShouldBeTrue();
        await (await host.Get("/v1/whoami", key.Secret, theirs)).Problem(404, "organisation_not_found");
    }

    [Fact]
    public async Task Lets_the_operator_name_any_organisation_that_exists()
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var key = await host.Keys.CreateOperatorKey();

        var named = await host.Get("/v1/whoami", key.Secret, org);
        var unnamed = await host.Get("/v1/whoami", key.Secret);

        (await named.Content.ReadAsStringAsync()).ShouldBe($"Operator {key.Key.Id} {org}");
        (await unnamed.Content.ReadAsStringAsync()).ShouldBe($"Operator {key.Key.Id} ");
        await (await host.Get("/v1/whoami", key.Secret, default(OrgId))).Problem(404, "organisation_not_found");
    }

    [Theory]
    [InlineData("acme")]
    [InlineData("org_")]
    [InlineData("org_00000000000000000000000001, org_00000000000000000000000002")]
    public async Task Takes_only_an_id_as_the_organisations_name(string named)
    {
        await using var host = await AccountsHost.Start(database);
        var key = await host.Keys.CreateOperatorKey();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/whoami");
        request.Headers.Add("Authorization", $"Bearer {key.Secret}");
        request.Headers.Add("Quoin-Org", named);

        await (await host.Client.SendAsync(request)).Problem(404, "organisation_not_found");
    }

    [Theory]
    [InlineData("Basic dXNlcjpwYXNz")]
    [InlineData("Bearer")]
    [InlineData("Bearer  ")]
    [InlineData("Bearer qn_live_short")]
    [InlineData("Bearer qn_live_0000000000000000000000000000000000000000000000000")]
    [InlineData("qn_test_0000000000000000000000000000000000000000000000000")]
    public async Task Refuses_what_is_no_key(string authorization)
    {
        await using var host = await AccountsHost.Start(database);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/whoami");
        request.Headers.TryAddWithoutValidation("Authorization", authorization);

        await (await host.Client.SendAsync(request)).Problem(401, "invalid_key");
    }

    [Fact]
    public async Task Refuses_a_key_that_was_never_given_out()
    {
        await using var host = await AccountsHost.Start(database);

        var response = await host.Get("/v1/whoami", SecretText.Create(SecretText.LiveKey));

        await response.Problem(401, "invalid_key");
    }

    [Fact]
    public async Task Refuses_a_key_sent_with_another_prefix()
    {
        await using var host = await AccountsHost.Start(database);
        var key = await host.Keys.CreateKey((await host.Organisations.CreateTest()).Id);

        var misnamed = key.Secret.Replace("qn_test_", "qn_live_", StringComparison.Ordinal);
        var response = await host.Get("/v1/whoami", misnamed);

        await response.Problem(401, "invalid_key");
    }

    [Fact]
    public async Task Refuses_two_credentials_at_once()
    {
        await using var host = await AccountsHost.Start(database);
        var key = await host.Keys.CreateKey((await host.Organisations.CreateTest()).Id);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/whoami");
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key.Secret}");
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key.Secret}");

        var response = await Raw.Send(host.Client.BaseAddress!, request);

        response.ShouldStartWith("HTTP/1.1 400");
        response.ShouldContain("ambiguous_credentials");
    }

    [Fact]
    public async Task Refuses_an_expired_key_from_the_instant_it_expires()
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var key = await host.Keys.CreateKey(org, host.Clock.GetUtcNow().AddMinutes(1));

        host.Clock.Advance(TimeSpan.FromMinutes(1) - TimeSpan.FromMilliseconds(1));
        (await host.Get("/v1/whoami", key.Secret)).IsSuccessStatusCode.ShouldBeTrue();
        host.Clock.Advance(TimeSpan.FromMilliseconds(1));

        await (await host.Get("/v1/whoami", key.Secret)).Problem(401, "expired_key");
    }

    [Fact]
    public async Task Refuses_a_revoked_key_on_every_replica_within_a_second()
    {
        await using var here = await AccountsHost.Start(database);
        await using var there = await AccountsHost.Start(database);
        var org = (await here.Organisations.CreateTest()).Id;
        var key = await here.Keys.CreateKey(org);
        (await there.Get("/v1/whoami", key.Secret)).IsSuccessStatusCode.ShouldBeTrue();

        await here.Keys.Revoke(org, key.Key.Id, "leaked", "system", default);
        there.Clock.Advance(TimeSpan.FromSeconds(1));

        await (await there.Get("/v1/whoami", key.Secret)).Problem(401, "revoked_key");
    }

    [Fact]
    public async Task Knows_a_new_key_within_a_second_even_where_it_was_tried_too_early()
    {
        await using var here = await AccountsHost.Start(database);
        await using var there = await AccountsHost.Start(database);
        var key = await here.Keys.CreateKey((await here.Organisations.CreateTest()).Id);
        var unknown = SecretText.Create(SecretText.TestKey);

        await (await there.Get("/v1/whoami", unknown)).Problem(401, "invalid_key");
        (await there.Get("/v1/whoami", key.Secret)).IsSuccessStatusCode.ShouldBeTrue();
    }

    [Fact]
    public async Task Reads_a_key_once_for_all_who_present_it_at_the_same_time()
    {
        await using var replica = new AccountsReplica(database);
        var key = await replica.Keys.CreateKey((await replica.CreateOrganisation()).Id);
        var readings = 0;
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Name == "accounts.key.read" && instrument.Meter.Scope == replica.Meters)
            {
                listening.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => Interlocked.Increment(ref readings));
        listener.Start();

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 500).Select(_ =>
            Task.Run(async () => await replica.Identify(key.Secret))));

        outcomes.ShouldAllBe(outcome => outcome is CallerOutcome.Known);
        readings.ShouldBe(1);
    }

    [Fact]
    public async Task Fails_while_the_database_fails_and_works_again_right_after()
    {
        await using var replica = new AccountsReplica(database);
        var key = await replica.Keys.CreateKey((await replica.CreateOrganisation()).Id);
        (await replica.Identify(key.Secret)).ShouldBeOfType<CallerOutcome.Known>();
        replica.Clock.Advance(Limits.FreshFor);

        await Execute("alter table accounts.keys rename to keys_gone");
        await Should.ThrowAsync<PostgresException>(async () => await replica.Identify(key.Secret));
        await Execute("alter table accounts.keys_gone rename to keys");

        (await replica.Identify(key.Secret)).ShouldBeOfType<CallerOutcome.Known>();
    }

    private async Task Execute(string sql)
    {
        await using var command = database.Owner.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    [Fact]
    public async Task Answers_thousands_who_come_at_once()
    {
        await using var host = await AccountsHost.Start(database);
        var good = await host.Keys.CreateKey((await host.Organisations.CreateTest()).Id);

        var answers = await Task.WhenAll(Enumerable.Range(0, 1_000).Select(number =>
            host.Get("/v1/whoami", number % 2 == 0 ? good.Secret : SecretText.Create(SecretText.TestKey))));

        answers.Count(answer => (int)answer.StatusCode == 200).ShouldBe(500);
        answers.Count(answer => (int)answer.StatusCode == 401).ShouldBe(500);
    }
}
