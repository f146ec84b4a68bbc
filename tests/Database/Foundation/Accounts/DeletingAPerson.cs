using System.Net;
using Quoin.Accounts;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

public sealed class DeletingAPerson(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const string Password = "correct horse battery";
    private const string Deletion = "/v1/me/deletion";

    [Fact]
    public async Task Ends_sessions_and_keys_at_once_and_everything_that_tells_of_them_after_fourteen_days()
    {
        await using var host = await AccountsHost.Start(database);
        var cookie = await host.SignUp("ada@gone.example", Password);
        var ada = (await host.Users.FindByEmail("ada@gone.example", default))!.Id;
        var personal = await database.PersonalOf(ada);
        var personalKey = await host.Keys.CreateKey(personal);
        var team = (await host.Organisations.CreateTest()).Id;
        await database.Join(team, ada, MemberRole.Developer);
        var deviceKey = await host.DeviceKey(ada, team);

        var asked = await (await host.SendWith(HttpMethod.Post, cookie, Deletion)).Json();
        host.Clock.Advance(TimeSpan.FromSeconds(1));

        asked.GetProperty("deletes_at").GetDateTimeOffset()
            .ShouldBe(host.Clock.GetUtcNow() - TimeSpan.FromSeconds(1) + TimeSpan.FromDays(14));
        (await host.GetWith(cookie, "/v1/me")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        await (await host.Get("/v1/whoami", deviceKey)).Problem(401, "key_owner_gone");
        await (await host.Get("/v1/whoami", personalKey.Secret)).Problem(403, "organisation_deleting");
        host.Mails.To("ada@gone.example")[^1].Subject.ShouldBe("Your account will be deleted");

        host.Clock.Advance(TimeSpan.FromDays(14));
        await host.FinishDeletions();
        (await host.Users.Find(ada, default))!.State.ShouldBe(UserState.Deleting, "its own organisation is still there");
        await host.Life.CloseDue(default);
        await host.FinishDeletions();
        await host.FinishDeletions();

        var row = (await host.Users.Find(ada, default)).ShouldNotBeNull();
        (row.State, row.Name, row.Email, row.HasPassword).ShouldBe((UserState.Deleted, null, null, false));
        (await database.Count("select count(*) from accounts.members where user_id = $1", ada.Value)).ShouldBe(0);
        (await database.Count(
            "select count(*) from accounts.sessions where user_id = $1 and (ip is not null or user_agent is not null)",
            ada.Value)).ShouldBe(0);
        (await database.Count(
            "select count(*) from accounts.keys where user_id = $1 and revoked_at is null", ada.Value)).ShouldBe(0);
        (await Entries(ada.ToString(), "user.deleted")).ShouldBe(1);
        (await host.Audit.Verify(team, default)).ShouldBeOfType<AuditVerdict.Intact>();
        (await host.Audit.Verify(null, default)).ShouldBeOfType<AuditVerdict.Intact>();
        (await host.SignUp("ada@gone.example", Password)).ShouldNotBeNull("the address is free again");
    }

    [Fact]
    public async Task Is_taken_back_by_signing_in()
    {
        await using var host = await AccountsHost.Start(database);
        var cookie = await host.SignUp("bea@stays.example", Password);
        var bea = (await host.Users.FindByEmail("bea@stays.example", default))!.Id;
        var personal = await database.PersonalOf(bea);
        var key = await host.Keys.CreateKey(personal);
        (await host.SendWith(HttpMethod.Post, cookie, Deletion)).EnsureSuccessStatusCode();
        host.Clock.Advance(TimeSpan.FromDays(13));

        var back = await host.Submit("/sign-in", null, ("email", "bea@stays.example"), ("password", Password));
        await host.FinishDeletions();
        host.Clock.Advance(TimeSpan.FromDays(2));
        await host.FinishDeletions();

        (await host.GetWith(back.Cookie(), "/v1/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await host.Get("/v1/organisation", key.Secret)).StatusCode.ShouldBe(HttpStatusCode.OK);
        host.Mails.To("bea@stays.example")[^1].Subject.ShouldBe("Your account stays");
        (await Entries(bea.ToString(), "user.deletion_taken_back")).ShouldBe(1);
    }

    [Fact]
    public async Task Lets_nobody_in_any_more_once_the_day_has_come()
    {
        await using var host = await AccountsHost.Start(database);
        var cookie = await host.SignUp("cyd@late.example", Password);
        (await host.SendWith(HttpMethod.Post, cookie, Deletion)).EnsureSuccessStatusCode();

        host.Clock.Advance(TimeSpan.FromDays(14));
        var late = await host.Submit("/sign-in", null, ("email", "cyd@late.example"), ("password", Password));

        (await late.Page(403)).ShouldContain("You cannot sign in");
    }

    [Fact]
    public async Task Names_the_organisations_nobody_else_owns()
    {
        await using var host = await AccountsHost.Start(database);
        var cookie = await host.SignUp("dan@owns.example", Password);
        var dan = (await host.Users.FindByEmail("dan@owns.example", default))!.Id;
        var alone = (await host.Organisations.CreateTest("Dan & Sons")).Id;
        var shared = (await host.Organisations.CreateTest("Shared")).Id;
        var (eve, _) = await host.SignedIn(database, "eve@owns.example");
        await database.Join(alone, dan, MemberRole.Owner);
        await database.Join(alone, eve, MemberRole.Admin);
        await database.Join(shared, dan, MemberRole.Owner);
        await database.Join(shared, eve, MemberRole.Owner);

        var refused = await (await host.SendWith(HttpMethod.Post, cookie, Deletion)).Problem(409, "sole_owner");
        var page = await (await host.Submit("/account/delete", cookie, ("sure", "yes"))).Page(409);
        await database.Write(
            "update accounts.members set role = 'owner' where org_id = $1 and user_id = $2", alone.Value, eve.Value);
        var begun = await host.Submit("/account/delete", cookie, ("sure", "yes"));

        refused.GetProperty("organisation_ids").EnumerateArray().Select(id => id.GetString()).ShouldBe([alone.ToString()]);
        page.ShouldContain("Dan &amp; Sons");
        page.ShouldNotContain("Shared");
        (await begun.Page()).ShouldContain("15 January 2026");
        begun.Headers.GetValues("Set-Cookie").Single().ShouldStartWith("quoin_session=;");
    }

    [Fact]
    public async Task Leaves_an_owner_to_two_who_go_at_once()
    {
        await using var host = await AccountsHost.Start(database);
        var first = await host.SignUp("fay@race.example", Password);
        var second = await host.SignUp("gus@race.example", Password);
        var org = (await host.Organisations.CreateTest("Duo")).Id;
        foreach (var email in new[] { "fay@race.example", "gus@race.example" })
        {
            await database.Join(org, (await host.Users.FindByEmail(email, default))!.Id, MemberRole.Owner);
        }

        var answers = await Task.WhenAll(
            host.SendWith(HttpMethod.Post, first, Deletion), host.SendWith(HttpMethod.Post, second, Deletion));

        answers.Select(answer => (int)answer.StatusCode).Order().ShouldBe([200, 409]);
    }

    [Fact]
    public async Task Needs_a_recent_proof_and_is_not_for_operators()
    {
        await using var host = await AccountsHost.Start(database);
        var (_, root) = await host.SignedIn(database, "root@stays.example", isOperator: true);

        await (await host.SendWith(HttpMethod.Post, root, Deletion)).Problem(409, "operator_stays");
        host.Clock.Advance(Limits.ProofIsRecentFor);
        await (await host.SendWith(HttpMethod.Post, root, Deletion)).Problem(403, "recent_sign_in_required");
    }

    private Task<long> Entries(string subject, string action) => database.Count(
        "select count(*) from accounts.audit_log where subject = $1 and action = $2", subject, action);
}
