using System.Net.Http.Json;
using System.Text.Json;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

public sealed class ActingInSomebodysStead(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Acts_in_one_organisation_without_money_keys_members_and_the_account()
    {
        await using var host = await AccountsHost.Start(database);
        var (org, ada, root) = await Ready(host, "acts");

        await (await Begin(host, root, ada, org)).Json();

        var who = await host.AsPerson(root, "/v1/whoami");
        (await who.Content.ReadAsStringAsync()).ShouldBe($"Organisation {ada} {org}");
        var caller = await (await host.AsPerson(root, "/v1/caller")).Json();
        caller.GetProperty("impersonator").GetString().ShouldStartWith("usr_");
        var permissions = caller.GetProperty("permissions").EnumerateArray().Select(one => one.GetString()).ToList();
        permissions.ShouldContain("usage.read");
        permissions.ShouldNotContain("billing.purchase");
        permissions.ShouldNotContain("keys.manage");
        await (await host.AsPerson(root, "/v1/keys")).Problem(403, "permission_denied");
        await (await host.AsPerson(root, "/v1/me/ssh-keys")).Problem(403, "permission_denied");
        await (await host.AsPerson(root, "/v1/users")).Problem(403, "permission_denied");
    }

    [Fact]
    public async Task Reaches_no_other_organisation_of_the_person()
    {
        await using var host = await AccountsHost.Start(database);
        var (org, ada, root) = await Ready(host, "other");
        var other = (await host.Organisations.CreateTest("Other")).Id;
        await database.Join(other, ada, MemberRole.Owner);

        await (await Begin(host, root, ada, org)).Json();

        await (await host.AsPerson(root, "/v1/whoami", other)).Problem(404, "organisation_not_found");
    }

    [Fact]
    public async Task Ends_at_the_press_of_a_button_after_an_hour_or_when_the_person_leaves()
    {
        await using var host = await AccountsHost.Start(database);
        var (org, ada, root) = await Ready(host, "ends");

        await (await Begin(host, root, ada, org)).Json();
        ((int)(await host.AsPerson(root, "/v1/impersonation", method: HttpMethod.Delete)).StatusCode).ShouldBe(204);
        (await Realm(host, root)).ShouldBe("Operator");

        await (await Begin(host, root, ada, org)).Json();
        (await Realm(host, root)).ShouldBe("Organisation");
        host.Clock.Advance(TimeSpan.FromHours(1));
        (await Realm(host, root)).ShouldBe("Operator");

        await (await Begin(host, root, ada, org)).Json();
        await database.Write("delete from accounts.members where user_id = $1", ada.Value);
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        (await Realm(host, root)).ShouldBe("Operator");
    }

    [Fact]
    public async Task Is_recorded_at_its_start_at_each_act_and_at_its_end()
    {
        await using var host = await AccountsHost.Start(database);
        var (org, ada, root) = await Ready(host, "audit");
        var operators = await (await host.AsPerson(root, "/v1/caller")).Json();
        var by = operators.GetProperty("actor").GetString()!;

        await (await Begin(host, root, ada, org)).Json();
        await using (var connection = await database.App.OpenConnectionAsync())
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await host.Audit.Record(transaction, new AuditEntry(org, by, "key.created", "key_1"), default);
            await transaction.CommitAsync();
        }

        using var body = JsonContent.Create(new { mark = "x" });
        (await host.AsPerson(root, "/v1/recorded", method: HttpMethod.Post, body: body)).EnsureSuccessStatusCode();
        await host.AsPerson(root, "/v1/impersonation", method: HttpMethod.Delete);

        var key = await host.Keys.CreateOperatorKey();
        var entries = (await (await host.Get("/v1/audit?limit=4", key.Secret, org)).Json()).GetProperty("data");
        entries.EnumerateArray().Select(Told).ShouldBe(
        [
            $"impersonation.ended {by} ", $"thing.done {ada} {by}", $"key.created {by} ", $"impersonation.started {by} ",
        ]);
        entries[3].GetProperty("reason").GetString().ShouldBe("ticket 7");
        (await host.Audit.Verify(org, default)).ShouldBeOfType<AuditVerdict.Intact>();
    }

    [Fact]
    public async Task Is_recorded_once_when_its_time_runs_out_on_any_number_of_replicas()
    {
        await using var here = await AccountsHost.Start(database);
        await using var there = await AccountsHost.Start(database, here.Clock);
        var (org, ada, root) = await Ready(here, "runs-out");

        await (await Begin(here, root, ada, org)).Json();
        await here.Impersonations.EndThoseOver(default);
        (await Realm(here, root)).ShouldBe("Organisation");
        here.Clock.Advance(Limits.ImpersonationLifetime);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(number =>
            (number % 2 == 0 ? here : there).Impersonations.EndThoseOver(default)));

        (await Ends(org)).ShouldBe(1);
        (await Realm(there, root)).ShouldBe("Operator");
        ((int)(await here.AsPerson(root, "/v1/impersonation", method: HttpMethod.Delete)).StatusCode).ShouldBe(409);
    }

    [Fact]
    public async Task Is_recorded_when_the_session_ends_or_another_one_begins_after_it()
    {
        await using var host = await AccountsHost.Start(database);
        var (org, ada, root) = await Ready(host, "replaced");

        await (await Begin(host, root, ada, org)).Json();
        host.Clock.Advance(Limits.ImpersonationLifetime);
        await (await Begin(host, root, ada, org)).Json();
        (await Ends(org)).ShouldBe(1);
        await host.Submit("/sign-out", root);
        await host.Impersonations.EndThoseOver(default);

        (await Ends(org)).ShouldBe(2);
    }

    [Fact]
    public async Task Needs_a_reason_a_member_who_is_no_operator_and_a_session()
    {
        await using var host = await AccountsHost.Start(database);
        var (org, ada, root) = await Ready(host, "needs");
        var (bob, _) = await host.SignedIn(database, "bob@needs.example", isOperator: true);
        await database.Join(org, bob, MemberRole.Owner);
        var stranger = (await host.Organisations.CreateTest("Strange")).Id;
        var key = await host.Keys.CreateOperatorKey();

        await (await Begin(host, root, ada, org, " ")).Problem(422, "invalid_member");
        await (await Begin(host, root, ada, stranger)).Problem(404, "not_found");
        await (await Begin(host, root, bob, org)).Problem(409, "cannot_impersonate");
        var byKey = await host.Post(
            "/v1/impersonation", new { user_id = ada, organisation_id = org, reason = "x" }, key.Secret);
        await byKey.Problem(409, "session_needed");
    }

    [Fact]
    public async Task Finds_people_with_their_organisations_and_shuts_them_out_everywhere()
    {
        await using var host = await AccountsHost.Start(database);
        var (org, ada, root) = await Ready(host, "people");
        var (_, cookie) = await host.SignedIn(database, "eve@people.example");
        var page = await (await host.AsPerson(root, "/v1/users?search=EVE@people")).Json();
        var eve = page.GetProperty("data")[0].GetProperty("user").GetProperty("id").GetString();

        var found = await (await host.AsPerson(root, $"/v1/users/{ada}")).Json();
        found.GetProperty("memberships")[0].GetProperty("organisation_id").GetString().ShouldBe(org.ToString());
        found.GetProperty("memberships")[0].GetProperty("role").GetString().ShouldBe("owner");
        (await host.AsPerson(cookie, "/v1/caller")).IsSuccessStatusCode.ShouldBeTrue();
        await (await host.AsPerson(root, $"/v1/users/{eve}/suspend?reason=abuse", method: HttpMethod.Post)).Json();
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        await (await host.AsPerson(cookie, "/v1/caller")).Problem(401, "session_ended");
        var self = await (await host.AsPerson(root, "/v1/caller")).Json();
        var own = await host.AsPerson(
            root, $"/v1/users/{self.GetProperty("actor").GetString()}/suspend", method: HttpMethod.Post);
        await own.Problem(409, "cannot_suspend_oneself");
    }

    [Fact]
    public async Task Sets_typed_flags_for_all_and_for_one_and_every_replica_follows_within_a_second()
    {
        await using var here = await AccountsHost.Start(database);
        await using var there = await AccountsHost.Start(database, here.Clock);
        var org = (await here.Organisations.CreateTest()).Id;
        var other = (await here.Organisations.CreateTest()).Id;
        var key = (await here.Keys.CreateOperatorKey()).Secret;
        (await there.Flags.Get(Flag.OnboardingChecklist, org, default)).ShouldBeTrue();

        await (await here.Post("/v1/flags", new { name = "onboarding.checklist", value = false }, key)).Json();
        await (await here.Post("/v1/flags", new { name = "onboarding.checklist", value = true }, key, other)).Json();
        await (await here.Post("/v1/flags", new { name = "trials.credit_micros", value = 7 }, key, org)).Json();
        here.Clock.Advance(TimeSpan.FromSeconds(1));

        (await there.Flags.Get(Flag.OnboardingChecklist, org, default)).ShouldBeFalse();
        (await there.Flags.Get(Flag.OnboardingChecklist, other, default)).ShouldBeTrue();
        (await there.Flags.Get(Flag.TrialCreditMicros, org, default)).ShouldBe(7);
        await (await here.Post("/v1/flags", new { name = "onboarding.checklist", value = "yes" }, key)).Problem(422, "invalid_member");
        await (await here.Post("/v1/flags", new { name = "no.such", value = true }, key)).Problem(422, "invalid_member");
        await (await here.Post("/v1/flags", new { name = "onboarding.checklist", value = (bool?)null }, key)).Json();
        here.Clock.Advance(TimeSpan.FromSeconds(1));
        (await there.Flags.Get(Flag.OnboardingChecklist, org, default)).ShouldBeTrue();
    }

    [Fact]
    public async Task Announces_maintenance_from_its_beginning_to_its_end()
    {
        await using var host = await AccountsHost.Start(await database.CreateDatabase());
        var key = (await host.Keys.CreateOperatorKey()).Secret;
        var start = host.Clock.GetUtcNow().AddHours(1);

        var banner = new { text = "Back at noon", starts_at = start, ends_at = start.AddHours(1) };
        await (await host.Post("/v1/banner", banner, key)).Json();

        (await host.Banners.Current(default)).ShouldBeNull();
        host.Clock.Advance(TimeSpan.FromHours(1));
        (await host.Banners.Current(default))!.Text.ShouldBe("Back at noon");
        host.Clock.Advance(TimeSpan.FromHours(1));
        (await host.Banners.Current(default)).ShouldBeNull();
        await (await host.Post("/v1/banner", new { text = "x", ends_at = start }, key)).Problem(422, "invalid_member");
    }

    private Task<long> Ends(OrgId org) => database.Count(
        "select count(*) from accounts.audit_log where org_id = $1 and action = 'impersonation.ended'", org.Value);

    private static string Told(JsonElement entry) =>
        string.Join(' ', new[] { "action", "actor", "impersonator" }.Select(name => entry.GetProperty(name).GetString()));

    private async Task<(OrgId Org, UserId Ada, string Root)> Ready(AccountsHost host, string name)
    {
        var org = (await host.Organisations.CreateTest()).Id;
        var (ada, _) = await host.SignedIn(database, $"ada@{name}.example");
        await database.Join(org, ada, MemberRole.Owner);
        var (_, root) = await host.SignedIn(database, $"root@{name}.example", isOperator: true);
        return (org, ada, root);
    }

    private static async Task<HttpResponseMessage> Begin(
        AccountsHost host, string cookie, UserId user, OrgId org, string reason = "ticket 7")
    {
        using var body = JsonContent.Create(
            new { user_id = user, organisation_id = org, reason }, options: JsonConventions.Options);
        return await host.AsPerson(cookie, "/v1/impersonation", method: HttpMethod.Post, body: body);
    }

    private static async Task<string> Realm(AccountsHost host, string cookie)
    {
        var answer = await host.AsPerson(cookie, "/v1/whoami");
        return (await answer.Content.ReadAsStringAsync()).Split(' ')[0];
    }
}
