using System.Net;
using System.Net.Http.Json;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

/// <summary>People who are signed in, whatever the ways of signing in are.</summary>
internal static class People
{
    /// <summary>Somebody with a session: by an operator's link, the way that needs nothing else, and then no operator.</summary>
    public static async Task<(UserId Person, string Cookie)> SignedIn(
        this AccountsHost host, TestDatabase database, string email, bool isOperator = false)
    {
        var link = await host.Operators.CreateLink(email);
        var token = Uri.UnescapeDataString(link[(link.IndexOf('=') + 1)..]);
        using var form = new FormUrlEncodedContent(new Dictionary<string, string> { ["token"] = token });
        var entered = await host.Client.PostAsync("/sign-in", form);
        entered.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        await using var find = database.Owner.Sql(
            "select user_id from accounts.users where email_folded = $1", email.ToLowerInvariant());
        var person = (Guid)(await find.ExecuteScalarAsync())!;
        await database.Write(
            "update accounts.users set email_verified_at = created_at where user_id = $1", person);
        if (!isOperator)
        {
            await database.Write("delete from accounts.operators where user_id = $1", person);
        }

        return (new UserId(person), entered.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
    }

    /// <summary>Somebody who signs up with an address and a password.</summary>
    public static async Task<string> SignUpAs(this AccountsHost host, string email, string name)
    {
        const string Password = "correct horse battery";
        await host.Submit("/sign-up", null, ("name", name), ("email", email), ("password", Password));
        var token = host.Mails.LinkTo(email).Split("token=")[1];
        var finished = await host.Submit("/verify-email", null, ("token", token), ("password", Password));
        finished.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        return finished.Cookie();
    }

    /// <summary>Signs in with a wallet; somebody who is not known yet is, afterwards.</summary>
    public static async Task<HttpResponseMessage> SignInWith(
        this AccountsHost host, TestWallet wallet, string returnTo = "/", string? cookie = null)
    {
        var given = await (await host.Post(
            "/v1/auth/wallet/nonce", new { address = wallet.Address.ToString() })).Json();
        var message = given.GetProperty("message").GetString()!;
        var body = new { message, signature = wallet.Sign(message), return_to = returnTo };
        return cookie is null
            ? await host.Post("/v1/auth/wallet/verify", body)
            : await host.SendWith(HttpMethod.Post, cookie, "/v1/auth/wallet/verify", body);
    }

    /// <summary>Links a wallet with the account of somebody who is signed in.</summary>
    public static async Task Link(this AccountsHost host, string cookie, TestWallet wallet)
    {
        var given = await (await host.SendWith(
            HttpMethod.Post, cookie, "/v1/me/wallets/nonce", new { address = wallet.Address.ToString() })).Json();
        var message = given.GetProperty("message").GetString()!;
        await (await host.SendWith(
            HttpMethod.Post, cookie, "/v1/me/wallets", new { message, signature = wallet.Sign(message) })).Json();
    }

    /// <summary>The organisation of somebody's own.</summary>
    public static async Task<OrgId> PersonalOf(this TestDatabase database, UserId person)
    {
        await using var command = database.Owner.Sql(
            """
            select o.org_id
            from accounts.organisations o
            join accounts.members m using (org_id)
            where o.kind = 'personal'
                and m.user_id = $1
            """,
            person.Value);
        return new OrgId((Guid)(await command.ExecuteScalarAsync())!);
    }

    /// <summary>A key of somebody's device.</summary>
    public static async Task<string> DeviceKey(this AccountsHost host, UserId person, OrgId org)
    {
        var asked = await (await host.Post("/v1/device-codes", new { client = "laptop" })).Json();
        await host.Devices.Decide(person, asked.GetProperty("user_code").GetString()!, org, null, default);
        var token = await (await host.Post(
            "/v1/device-codes/token", new { device_code = asked.GetProperty("device_code").GetString() })).Json();
        return token.GetProperty("access_token").GetString()!;
    }

    /// <summary>A number that a statement selects.</summary>
    public static async Task<long> Count(this TestDatabase database, string sql, params object?[] values)
    {
        await using var command = database.Owner.Sql(sql, values);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>Makes somebody a member, past the door.</summary>
    public static Task Join(
        this TestDatabase database, OrgId org, UserId person, string role, string joined = "2026-01-01") =>
        database.Write(
            """
            insert into accounts.members (org_id, user_id, role, added_by, joined_at)
            values ($1, $2, $3, 'system', $4)
            """,
            org.Value,
            person.Value,
            role,
            DateTimeOffset.Parse(joined, System.Globalization.CultureInfo.InvariantCulture).ToUniversalTime());

    /// <summary>Changes what no door changes.</summary>
    public static async Task Write(this TestDatabase database, string sql, params object?[] values)
    {
        await using var command = database.Owner.Sql(sql, values);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Somebody who belongs to an organisation, signed in.</summary>
    public static async Task<(UserId Person, string Cookie)> Member(
        this AccountsHost host, TestDatabase database, OrgId org, string role, string email)
    {
        var signedIn = await host.SignedIn(database, email);
        await database.Join(org, signedIn.Person, role);
        return signedIn;
    }

    /// <summary>Sends JSON as a person's browser does.</summary>
    public static Task<HttpResponseMessage> AsPerson(
        this AccountsHost host, string cookie, HttpMethod method, string path, object? body = null, OrgId? org = null) =>
        host.AsPerson(
            cookie,
            path,
            org,
            method,
            body is null ? null : JsonContent.Create(body, options: JsonConventions.Options));

    /// <summary>Sends what a person's browser sends.</summary>
    public static async Task<HttpResponseMessage> AsPerson(
        this AccountsHost host,
        string cookie,
        string path,
        OrgId? org = null,
        HttpMethod? method = null,
        HttpContent? body = null)
    {
        using var request = new HttpRequestMessage(method ?? HttpMethod.Get, path) { Content = body };
        request.Headers.Add("Cookie", cookie);
        if (org is { } named)
        {
            request.Headers.Add("Quoin-Org", named.ToString());
        }

        return await host.Client.SendAsync(request);
    }
}
