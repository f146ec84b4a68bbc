using System.Net;
using System.Text.Json;
using Quoin.Accounts;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

/// <summary>Each test has its own database: whence a visitor comes is counted, and clocks are moved.</summary>
public sealed class KeepingSessions : IAsyncLifetime
{
    private const string Password = "correct horse battery";

    private readonly TestDatabase database = new();

    public Task InitializeAsync() => database.InitializeAsync();

    public Task DisposeAsync() => database.DisposeAsync();

    [Fact]
    public async Task Lists_where_one_is_signed_in_and_marks_this_one()
    {
        await using var host = await AccountsHost.Start(database);
        var first = await host.SignUp("ada@example.com", Password);
        var second = (await SignIn(host, "ada@example.com")).Cookie();

        var sessions = (await (await host.GetWith(second, "/v1/me/sessions")).Json()).GetProperty("data");

        sessions.GetArrayLength().ShouldBe(2);
        var present = sessions.EnumerateArray().Single(session => session.GetProperty("is_this_one").GetBoolean());
        present.GetProperty("method").GetString().ShouldBe("password");
        present.GetProperty("ip").GetString().ShouldBe(Visitors.Of(host.Clock).ToString());
        present.GetProperty("id").GetString()!.ShouldStartWith("sis_");
        first.ShouldNotBe(second);
    }

    [Fact]
    public async Task Ends_one_of_them_everywhere_and_none_of_anybody_else()
    {
        await using var host = await AccountsHost.Start(database);
        await using var there = await AccountsHost.Start(database);
        var lost = await host.SignUp("ada@example.com", Password);
        var own = (await SignIn(host, "ada@example.com")).Cookie();
        var stranger = await host.SignUp("eve@example.com", Password);
        (await there.GetWith(lost, "/v1/me")).IsSuccessStatusCode.ShouldBeTrue();
        var id = (await Sessions(host, lost)).Single(session => session.GetProperty("is_this_one").GetBoolean())
            .GetProperty("id").GetString();

        (await Send(host, HttpMethod.Delete, stranger, $"/v1/me/sessions/{id}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await Send(host, HttpMethod.Delete, own, $"/v1/me/sessions/{id}")).StatusCode.ShouldBe(HttpStatusCode.NoContent);

        (await host.GetWith(lost, "/v1/me")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        there.Clock.Advance(Limits.FreshFor);
        (await there.GetWith(lost, "/v1/me")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await host.GetWith(own, "/v1/me")).IsSuccessStatusCode.ShouldBeTrue();
        (await Send(host, HttpMethod.Delete, own, "/v1/me/sessions/sis_nonsense")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Ends_all_others()
    {
        await using var host = await AccountsHost.Start(database);
        var others = new[] { await host.SignUp("ada@example.com", Password), (await SignIn(host, "ada@example.com")).Cookie() };
        var own = (await SignIn(host, "ada@example.com")).Cookie();

        var ended = await (await Send(host, HttpMethod.Post, own, "/v1/me/sessions/end-others")).Json();

        ended.GetProperty("ended").GetInt32().ShouldBe(2);
        foreach (var other in others)
        {
            (await host.GetWith(other, "/v1/me")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        }

        (await host.GetWith(own, "/v1/me")).IsSuccessStatusCode.ShouldBeTrue();
    }

    [Fact]
    public async Task Lasts_as_long_as_it_is_used_every_week_but_no_longer_than_thirty_days()
    {
        var clock = new SettableClock();
        var cookie = await UseOnce(clock, null);
        for (var days = 6; days < 30; days += 6)
        {
            clock.Advance(TimeSpan.FromDays(6));
            await UseOnce(clock, cookie);
        }

        clock.Advance(TimeSpan.FromDays(6));

        await using var host = await AccountsHost.Start(database, clock);
        (await host.GetWith(cookie, "/v1/me")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Ends_after_a_week_without_use()
    {
        var clock = new SettableClock();
        var cookie = await UseOnce(clock, null);
        clock.Advance(TimeSpan.FromDays(3));
        await UseOnce(clock, cookie);

        clock.Advance(TimeSpan.FromDays(7) - TimeSpan.FromMinutes(1));
        await UseOnce(clock, cookie, isSeen: false);
        clock.Advance(TimeSpan.FromDays(7));

        await using var host = await AccountsHost.Start(database, clock);
        (await host.GetWith(cookie, "/v1/me")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task Ends_when_the_person_is_shut_out()
    {
        await using var host = await AccountsHost.Start(database);
        var cookie = await host.SignUp("out@example.com", Password);
        (await host.GetWith(cookie, "/v1/me")).IsSuccessStatusCode.ShouldBeTrue();
        await using var suspend = database.Owner.CreateCommand("update accounts.users set state = 'suspended'");
        await suspend.ExecuteNonQueryAsync();

        host.Clock.Advance(Limits.FreshFor);

        (await host.GetWith(cookie, "/v1/me")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    // A replica that stops in good order writes down what it saw.
    private async Task<string> UseOnce(SettableClock clock, string? cookie, bool isSeen = true)
    {
        await using var host = await AccountsHost.Start(database, clock);
        cookie ??= await host.SignUp("ada@example.com", Password);
        if (isSeen)
        {
            (await host.GetWith(cookie, "/v1/me")).StatusCode.ShouldBe(HttpStatusCode.OK);
        }

        return cookie;
    }

    private static Task<HttpResponseMessage> SignIn(AccountsHost host, string email) =>
        host.Submit("/sign-in", null, ("email", email), ("password", Password));

    private static async Task<List<JsonElement>> Sessions(AccountsHost host, string cookie) =>
        [.. (await (await host.GetWith(cookie, "/v1/me/sessions")).Json()).GetProperty("data").EnumerateArray()];

    private static Task<HttpResponseMessage> Send(AccountsHost host, HttpMethod method, string cookie, string path) =>
        host.SendWith(method, cookie, path);
}
