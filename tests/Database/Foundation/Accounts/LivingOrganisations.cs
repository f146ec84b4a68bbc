using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

public sealed class LivingOrganisations(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Are_made_by_people_who_own_them()
    {
        await using var host = await AccountsHost.Start(database);
        var (person, cookie) = await host.SignedIn(database, "founder@example.com");

        var made = await (await host.AsPerson(
            cookie, HttpMethod.Post, "/v1/me/organisations", new { name = "Hooli", mode = "test", slug = "hooli" })).Json(201);
        var again = await host.AsPerson(
            cookie, HttpMethod.Post, "/v1/me/organisations", new { name = "Hooli", mode = "test", slug = "hooli" });
        var own = (await (await host.AsPerson(cookie, "/v1/me/organisations")).Json()).GetProperty("data");

        made.GetProperty("kind").GetString().ShouldBe("team");
        own.GetArrayLength().ShouldBe(1);
        own[0].GetProperty("role").GetString().ShouldBe("owner");
        await again.Problem(409, "slug_taken");
        person.Value.ShouldNotBe(Guid.Empty);
    }

    [Fact]
    public async Task Are_limited_in_number_even_when_asked_for_at_once()
    {
        await using var host = await AccountsHost.Start(database);
        var (_, cookie) = await host.SignedIn(database, "collector@example.com");

        var answers = await Task.WhenAll(Enumerable.Range(0, Limits.OwnedOrganisationsMax + 5).Select(number =>
            host.AsPerson(cookie, HttpMethod.Post, "/v1/me/organisations", new { name = $"Shop {number}", mode = "test" })));

        answers.Count(answer => answer.IsSuccessStatusCode).ShouldBe(Limits.OwnedOrganisationsMax);
        await answers.First(answer => !answer.IsSuccessStatusCode).Problem(409, "too_many_organisations");
    }

    [Fact]
    public async Task Are_renamed_and_free_the_slug_they_had()
    {
        await using var host = await AccountsHost.Start(database);
        var (_, cookie) = await host.SignedIn(database, "renamer@example.com");
        var first = await Make(host, cookie, "One", "one-slug");
        var second = await Make(host, cookie, "Two", null);

        var renamed = await (await host.AsPerson(
            cookie, HttpMethod.Patch, "/v1/organisation", new { name = "Uno", slug = "uno-slug" }, first)).Json();
        var taken = await host.AsPerson(cookie, HttpMethod.Patch, "/v1/organisation", new { slug = "uno-slug" }, second);
        var freed = await host.AsPerson(cookie, HttpMethod.Patch, "/v1/organisation", new { slug = "one-slug" }, second);

        renamed.GetProperty("name").GetString().ShouldBe("Uno");
        renamed.GetProperty("default_billing_account").GetProperty("name").GetString().ShouldBe("Uno");
        await taken.Problem(409, "slug_taken");
        (await freed.Json()).GetProperty("name").GetString().ShouldBe("Two");
    }

    [Fact]
    public async Task Refuse_keys_and_changes_while_they_are_being_deleted_and_come_back()
    {
        await using var host = await AccountsHost.Start(database);
        var (_, cookie) = await host.SignedIn(database, "deleter@example.com");
        var org = await Make(host, cookie, "Doomed", "doomed");
        var key = await host.Keys.CreateKey(org);
        (await host.Get("/v1/organisation", key.Secret)).IsSuccessStatusCode.ShouldBeTrue();

        var deleted = await (await host.AsPerson(cookie, HttpMethod.Delete, "/v1/organisation?reason=over", org: org)).Json();
        host.Clock.Advance(Limits.FreshFor);

        deleted.GetProperty("state").GetString().ShouldBe("deleting");
        await (await host.Get("/v1/organisation", key.Secret)).Problem(403, "organisation_deleting");
        await (await host.AsPerson(cookie, HttpMethod.Patch, "/v1/organisation", new { name = "Saved" }, org))
            .Problem(403, "permission_denied");
        (await host.AsPerson(cookie, "/v1/members", org)).IsSuccessStatusCode.ShouldBeTrue();
        (await host.AsPerson(cookie, HttpMethod.Post, "/v1/organisation/restore", org: org)).IsSuccessStatusCode.ShouldBeTrue();
        host.Clock.Advance(Limits.FreshFor);
        (await host.Get("/v1/organisation", key.Secret)).IsSuccessStatusCode.ShouldBeTrue();
    }

    [Fact]
    public async Task Close_for_good_after_the_grace_and_keep_what_money_names()
    {
        var own = await database.CreateDatabase();
        await using var host = await AccountsHost.Start(own);
        var (person, cookie) = await host.SignedIn(own, "closer@example.com");
        var org = await Make(host, cookie, "Secret Project", "secret-project");
        await host.AsPerson(cookie, HttpMethod.Post, "/v1/invitations", new { email = "guest@example.com", role = "viewer" }, org);
        await host.AsPerson(cookie, HttpMethod.Delete, "/v1/organisation", org: org);

        host.Clock.Advance(Limits.DeletionGrace - TimeSpan.FromSeconds(1));
        await host.Life.CloseDue(default);
        (await State(own, org)).ShouldBe("deleting");
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        await host.Life.CloseDue(default);

        (await State(own, org)).ShouldBe("closed");
        (await host.Organisations.Find(org, default)).ShouldNotBeNull().Name.ShouldBe("Deleted organisation");
        (await Count(own, "members", org)).ShouldBe(0);
        (await Count(own, "invitations", org)).ShouldBe(0);
        (await Count(own, "billing_accounts", org)).ShouldBe(1);
        person.Value.ShouldNotBe(Guid.Empty);
    }

    [Fact]
    public async Task Belong_to_each_person_from_the_moment_they_sign_up()
    {
        var own = await database.CreateDatabase();
        await using var host = await AccountsHost.Start(own);

        var first = await host.SignUpAs("ada@example.com", "Ada Lovelace");
        var second = await host.SignUpAs("ada@example.org", "Ada Lovelace");

        var one = await Only(host, first);
        var other = await Only(host, second);
        one.GetProperty("slug").GetString().ShouldBe("ada-lovelace");
        other.GetProperty("slug").GetString()!.ShouldStartWith("ada-lovelace-");
        one.GetProperty("kind").GetString().ShouldBe("personal");
        await (await host.AsPerson(first, HttpMethod.Delete, "/v1/organisation")).Problem(409, "personal_organisation");
    }

    private static async Task<System.Text.Json.JsonElement> Only(AccountsHost host, string cookie)
    {
        var own = (await (await host.AsPerson(cookie, "/v1/me/organisations")).Json()).GetProperty("data");
        own.GetArrayLength().ShouldBe(1);
        return own[0].GetProperty("organisation");
    }

    private static async Task<OrgId> Make(AccountsHost host, string cookie, string name, string? slug)
    {
        var made = await host.AsPerson(cookie, HttpMethod.Post, "/v1/me/organisations", new { name, mode = "test", slug });
        return Id.Parse<OrgId>((await made.Json(201)).GetProperty("id").GetString()!);
    }

    private static async Task<object?> State(TestDatabase database, OrgId org)
    {
        await using var command = database.Owner.Sql("select state from accounts.organisations where org_id = $1", org.Value);
        return await command.ExecuteScalarAsync();
    }

    private static async Task<long> Count(TestDatabase database, string table, OrgId org)
    {
        await using var command = database.Owner.Sql($"select count(*) from accounts.{table} where org_id = $1", org.Value);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
