using System.Net.Http.Json;
using System.Text.Json;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

public sealed class LettingADeviceIn(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const string Fetch = "/v1/device-codes/token";

    [Fact]
    public async Task Waits_for_a_person_and_gives_the_key_once()
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var (ada, _) = await host.SignedIn(database, "ada@wait.example");
        await database.Join(org, ada, MemberRole.Developer);
        var asked = await Ask(host);

        await (await Poll(host, asked)).Problem(400, "authorization_pending");
        (await host.Devices.Decide(ada, Code(asked), org, null, default)).ShouldBe(new DeviceDecisionOutcome.Decided(true));
        var token = await (await Poll(host, asked)).Json();
        await (await Poll(host, asked)).Problem(400, "invalid_grant");

        token.GetProperty("token_type").GetString().ShouldBe("Bearer");
        token.GetProperty("organisation_id").GetString().ShouldBe(org.ToString());
        token.GetProperty("user_id").GetString().ShouldBe(ada.ToString());
        var key = token.GetProperty("key");
        key.GetProperty("user_id").GetString().ShouldBe(ada.ToString());
        key.GetProperty("expires_at").GetDateTimeOffset().ShouldBe(host.Clock.GetUtcNow().AddDays(90));
        (await host.Get("/v1/whoami", token.GetProperty("access_token").GetString())).IsSuccessStatusCode.ShouldBeTrue();
    }

    [Fact]
    public async Task Shows_a_code_nobody_misreads_and_takes_it_however_it_is_typed()
    {
        await using var host = await AccountsHost.Start(database);
        var (ada, _) = await host.SignedIn(database, "ada@code.example");
        var asked = await Ask(host);
        var code = Code(asked);

        code.ShouldMatch("^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$");
        asked.GetProperty("expires_in").GetInt32().ShouldBe(900);
        asked.GetProperty("interval").GetInt32().ShouldBe(5);
        asked.GetProperty("verification_uri_complete").GetString().ShouldEndWith($"/device?code={code}");
        foreach (var typed in new[] { code.ToLowerInvariant(), code.Replace("-", " "), $"  {code[..4]}{code[5..]} " })
        {
            (await host.Devices.Find(ada, typed, default)).ShouldBeOfType<DeviceDecisionOutcome.Waiting>()
                .Request.Client.ShouldBe("quoin on ada-laptop");
        }
    }

    [Fact]
    public async Task Tells_who_asks_too_often_to_slow_down()
    {
        await using var host = await AccountsHost.Start(database);
        var asked = await Ask(host);

        await (await Poll(host, asked)).Problem(400, "authorization_pending");
        host.Clock.Advance(TimeSpan.FromSeconds(4));
        var slower = await (await Poll(host, asked)).Problem(400, "slow_down");
        host.Clock.Advance(TimeSpan.FromSeconds(9));
        var again = await (await Poll(host, asked)).Problem(400, "slow_down");
        host.Clock.Advance(TimeSpan.FromSeconds(15));
        await (await Poll(host, asked)).Problem(400, "authorization_pending");

        slower.GetProperty("error").GetString().ShouldBe("slow_down");
        slower.GetProperty("interval").GetInt32().ShouldBe(10);
        again.GetProperty("interval").GetInt32().ShouldBe(15);
    }

    [Fact]
    public async Task Ends_after_a_quarter_of_an_hour()
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var (ada, _) = await host.SignedIn(database, "ada@late.example");
        await database.Join(org, ada, MemberRole.Developer);
        var asked = await Ask(host);

        host.Clock.Advance(TimeSpan.FromMinutes(15));

        await (await Poll(host, asked)).Problem(400, "expired_token");
        (await host.Devices.Decide(ada, Code(asked), org, null, default)).ShouldBeOfType<DeviceDecisionOutcome.Unknown>();
    }

    [Fact]
    public async Task Is_turned_away_for_good()
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var (ada, _) = await host.SignedIn(database, "ada@no.example");
        await database.Join(org, ada, MemberRole.Developer);
        var asked = await Ask(host);

        (await host.Devices.Decide(ada, Code(asked), null, null, default)).ShouldBe(new DeviceDecisionOutcome.Decided(false));

        await (await Poll(host, asked)).Problem(400, "access_denied");
        (await host.Devices.Decide(ada, Code(asked), org, null, default)).ShouldBeOfType<DeviceDecisionOutcome.Unknown>();
    }

    [Fact]
    public async Task Gives_one_key_to_many_who_fetch_it_at_once()
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var (ada, _) = await host.SignedIn(database, "ada@race.example");
        await database.Join(org, ada, MemberRole.Developer);
        var asked = await Ask(host);
        await host.Devices.Decide(ada, Code(asked), org, null, default);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Poll(host, asked)));

        answers.Count(answer => (int)answer.StatusCode == 200).ShouldBe(1);
        (await host.Keys.Newest(org, default)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Acts_in_no_organisation_its_person_does_not_belong_to()
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var (ada, _) = await host.SignedIn(database, "ada@stranger.example");
        var asked = await Ask(host);

        (await host.Devices.Decide(ada, Code(asked), org, null, default)).ShouldBeOfType<DeviceDecisionOutcome.NotAMember>();

        await (await Poll(host, asked)).Problem(400, "authorization_pending");
    }

    [Theory]
    [InlineData("delete from accounts.members where user_id = $1")]
    [InlineData("update accounts.users set state = 'suspended' where user_id = $1")]
    public async Task Is_refused_on_every_replica_within_a_second_once_its_person_is_gone(string sql)
    {
        await using var here = await AccountsHost.Start(database);
        await using var there = await AccountsHost.Start(database, here.Clock);
        var org = (await here.Organisations.CreateTest()).Id;
        var (ada, _) = await here.SignedIn(database, $"ada@gone{sql.Length}.example");
        await database.Join(org, ada, MemberRole.Developer);
        var secret = await LetIn(here, ada, org);
        (await there.Get("/v1/whoami", secret)).IsSuccessStatusCode.ShouldBeTrue();

        await database.Write(sql, ada.Value);
        here.Clock.Advance(TimeSpan.FromSeconds(1));

        await (await there.Get("/v1/whoami", secret)).Problem(401, "key_owner_gone");
    }

    [Fact]
    public async Task Does_no_more_than_its_person_may_whatever_it_asked_for()
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var (ada, _) = await host.SignedIn(database, "ada@viewer.example");
        await database.Join(org, ada, MemberRole.Viewer);

        var secret = await LetIn(host, ada, org);

        (await host.Get("/v1/organisation", secret)).IsSuccessStatusCode.ShouldBeTrue();
        await (await host.Get("/v1/keys", secret)).Problem(403, "permission_denied");
        await database.Write("update accounts.members set role = 'developer' where user_id = $1", ada.Value);
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        (await host.Get("/v1/keys", secret)).IsSuccessStatusCode.ShouldBeTrue();
    }

    [Fact]
    public async Task Gets_of_what_it_asked_only_what_its_person_left()
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var (ada, _) = await host.SignedIn(database, "ada@less.example");
        await database.Join(org, ada, MemberRole.Owner);

        var secret = await LetIn(host, ada, org, "usage.read", "audit.read");

        (await host.Get("/v1/whoami", secret)).IsSuccessStatusCode.ShouldBeTrue();
        await (await host.Get("/v1/organisation", secret)).Problem(403, "permission_denied");
        await (await host.Get("/v1/audit", secret)).Problem(403, "permission_denied");
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Manages_keys_only_where_it_asked_and_its_person_left_that(bool isAsked, bool isLeft)
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var (ada, _) = await host.SignedIn(database, $"ada@manage{isAsked}{isLeft}.example");
        await database.Join(org, ada, MemberRole.Owner);
        var asked = isAsked
            ? await Ask(host)
            : await (await host.Post("/v1/device-codes", new { client = "quoin on ada-laptop" })).Json();

        string[]? left = isLeft ? null : ["usage.read"];
        await host.Devices.Decide(ada, Code(asked), org, isAsked ? left : null, default);
        var secret = (await (await Poll(host, asked)).Json()).GetProperty("access_token").GetString();

        ((int)(await host.Get("/v1/keys", secret)).StatusCode).ShouldBe(isLeft ? 200 : 403);
        ((int)(await host.Get("/v1/me", secret)).StatusCode).ShouldBe(403);
    }

    [Fact]
    public async Task Is_let_in_at_the_address_people_use()
    {
        var options = new AccountsOptions { PublicUrl = new Uri("https://quoin.example.com/") };
        await using var host = await AccountsHost.Start(database, options: options);

        var asked = await Ask(host);

        asked.GetProperty("verification_uri").GetString().ShouldBe("https://quoin.example.com/device");
        asked.GetProperty("verification_uri_complete").GetString()
            .ShouldBe($"https://quoin.example.com/device?code={Code(asked)}");
    }

    [Fact]
    public async Task Cannot_be_guessed()
    {
        await using var host = await AccountsHost.Start(database);
        var (mallory, _) = await host.SignedIn(database, "mallory@guess.example");
        var asked = await Ask(host);

        for (var number = 0; number < Limits.DeviceTriesMax; number++)
        {
            (await host.Devices.Find(mallory, "BBBB-BBBB", default)).ShouldBeOfType<DeviceDecisionOutcome.Unknown>();
        }

        (await host.Devices.Find(mallory, Code(asked), default)).ShouldBeOfType<DeviceDecisionOutcome.TooManyTries>();
        (await host.Devices.Decide(mallory, Code(asked), null, null, default))
            .ShouldBeOfType<DeviceDecisionOutcome.TooManyTries>();
    }

    [Fact]
    public async Task Gives_no_visitor_codes_without_end()
    {
        await using var host = await AccountsHost.Start(await database.CreateDatabase());

        for (var number = 0; number < Limits.DeviceCodesPerVisitorMax; number++)
        {
            await Ask(host);
        }

        var more = await host.Post("/v1/device-codes", new { client = "x" });
        await more.Problem(429, "too_many_devices");
        more.Headers.RetryAfter.ShouldNotBeNull();
    }

    [Fact]
    public async Task Is_a_key_that_nobody_else_can_rotate_and_that_ends_itself()
    {
        await using var host = await AccountsHost.Start(database);
        var org = (await host.Organisations.CreateTest()).Id;
        var root = await host.Keys.CreateOperatorKey();
        var (ada, _) = await host.SignedIn(database, "ada@own.example");
        await database.Join(org, ada, MemberRole.Developer);
        var secret = await LetIn(host, ada, org);
        var id = (await host.Keys.Newest(org, default)).Single().Id;

        await (await host.Post($"/v1/keys/{id}/rotate", new { }, root.Secret, org)).Problem(409, "key_is_a_persons");
        var caller = await (await host.Get("/v1/caller", secret)).Json();
        ((int)(await host.Post("/v1/caller/revoke", new { }, secret)).StatusCode).ShouldBe(204);
        host.Clock.Advance(TimeSpan.FromSeconds(1));

        caller.GetProperty("user").GetProperty("id").GetString().ShouldBe(ada.ToString());
        caller.GetProperty("organisations")[0].GetProperty("id").GetString().ShouldBe(org.ToString());
        await (await host.Get("/v1/whoami", secret)).Problem(401, "revoked_key");
    }

    [Fact]
    public async Task Keeps_ssh_keys_of_a_person_apart_from_those_of_others()
    {
        const string Line =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBlqeETMIxJBgYPG3b6Kg4NieggjCz8mDsoM/2vueG+m ada@laptop";
        await using var host = await AccountsHost.Start(database);
        var (_, ada) = await host.SignedIn(database, "ada@ssh.example");
        var (_, bob) = await host.SignedIn(database, "bob@ssh.example");

        var added = await (await Send(ada, HttpMethod.Post, new { public_key = Line })).Json(201);
        var id = added.GetProperty("id").GetString();
        added.GetProperty("fingerprint").GetString().ShouldBe("SHA256:PfQqcZGExC6kcLrN0mQEIiryUNwyCYLCu+TZyFU1I6I");
        added.GetProperty("label").GetString().ShouldBe("ada@laptop");
        await (await Send(ada, HttpMethod.Post, new { public_key = Line, label = "again" })).Problem(409, "ssh_key_known");
        await (await Send(bob, HttpMethod.Post, new { public_key = Line })).Json(201);
        await (await Send(ada, HttpMethod.Post, new { public_key = "ssh-rsa nonsense" })).Problem(422, "invalid_member");
        await (await host.AsPerson(bob, $"/v1/me/ssh-keys/{id}", method: HttpMethod.Delete)).Problem(404, "not_found");
        ((int)(await host.AsPerson(ada, $"/v1/me/ssh-keys/{id}", method: HttpMethod.Delete)).StatusCode).ShouldBe(204);
        var left = await (await host.AsPerson(ada, "/v1/me/ssh-keys")).Json();
        left.GetProperty("data").GetArrayLength().ShouldBe(0);

        async Task<HttpResponseMessage> Send(string cookie, HttpMethod method, object body)
        {
            using var json = JsonContent.Create(body, options: JsonConventions.Options);
            return await host.AsPerson(cookie, "/v1/me/ssh-keys", method: method, body: json);
        }
    }

    private static async Task<string> LetIn(AccountsHost host, UserId person, OrgId org, params string[] scopes)
    {
        var asked = await Ask(host);
        var outcome = await host.Devices.Decide(person, Code(asked), org, scopes.Length == 0 ? null : scopes, default);
        outcome.ShouldBe(new DeviceDecisionOutcome.Decided(true));
        return (await (await Poll(host, asked)).Json()).GetProperty("access_token").GetString()!;
    }

    private static async Task<JsonElement> Ask(AccountsHost host) => await (await host.Post(
        "/v1/device-codes",
        new
        {
            client = "quoin on ada-laptop",
            scopes = KeyScopes.OfPersons.Select(scope => scope.Name).ToArray(),
        })).Json();

    private static string Code(JsonElement asked) => asked.GetProperty("user_code").GetString()!;

    private static Task<HttpResponseMessage> Poll(AccountsHost host, JsonElement asked) =>
        host.Post(Fetch, new { device_code = asked.GetProperty("device_code").GetString() });
}
