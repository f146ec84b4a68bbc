using System.Net;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Foundation.Accounts;

/// <summary>Somebody who sends requests, and what a request of theirs carries.</summary>
/// <param name="Name">Who, for the table.</param>
/// <param name="Key">Their key; null for people and strangers.</param>
/// <param name="Cookie">Their session; null for keys and strangers.</param>
/// <param name="Named">The organisation their requests name.</param>
/// <param name="Permissions">What they may do where they are let in; null where their credentials are no good.</param>
internal sealed record TestCaller(string Name, string? Key, string? Cookie, OrgId? Named, IReadOnlySet<Permission>? Permissions)
{
    public HttpRequestMessage Request(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, path);
        if (Key is not null)
        {
            request.Headers.Authorization = new("Bearer", Key);
        }

        if (Cookie is not null)
        {
            request.Headers.Add("Cookie", Cookie);
        }

        if (Named is { } org)
        {
            request.Headers.Add("Quoin-Org", org.ToString());
        }

        return request;
    }
}

/// <summary>One caller of each kind, for a host.</summary>
internal sealed class EveryCaller(TestHost host, TestDatabase database)
{
    /// <summary>The organisation everything is about.</summary>
    public TestOrganisation Acme { get; private set; } = null!;

    /// <summary>Nobody: no credentials.</summary>
    public TestCaller Nobody { get; } = new("nobody", null, null, null, null);

    /// <summary>Those whose credentials are no good, or not here.</summary>
    public List<TestCaller> Refused { get; } = [];

    /// <summary>Those who are let in, each with what their role allows.</summary>
    public List<TestCaller> LetIn { get; } = [];

    /// <summary>The owner of another organisation, acting in their own.</summary>
    public TestCaller OtherOwner { get; private set; } = null!;

    public async Task Create()
    {
        Acme = await host.CreateOrganisation();
        var globex = await host.CreateOrganisation();
        LetIn.Add(new("key of the organisation", Acme.Key, null, null, await PermissionsOf(Acme.Key)));
        foreach (var role in MemberRole.All)
        {
            LetIn.Add(new(role, null, await Member(Acme.Id, role), Acme.Id, MemberRole.PermissionsOf(role)));
        }

        foreach (var role in OperatorRole.All)
        {
            var created = await host.Get<Keys>().CreateForOperator(
                new NewOperatorKey(role, [role]), "test", CancellationToken.None);
            var secret = ((CreateKeyOutcome.Created)created).Key.Secret;
            LetIn.Add(new($"operator key: {role}", secret, null, Acme.Id, OperatorRole.PermissionsOf([role])));
        }

        var stranger = await Member(globex.Id, MemberRole.Owner);
        OtherOwner = new("owner of another organisation", null, stranger, globex.Id, MemberRole.PermissionsOf(MemberRole.Owner));
        Refused.Add(new("another organisation's key", globex.Key, null, Acme.Id, null));
        Refused.Add(new("another organisation's owner", null, stranger, Acme.Id, null));
        Refused.Add(new("a revoked key", await RevokedKey(), null, null, null));
        Refused.Add(new("an expired key", await ExpiredKey(), null, null, null));
        Refused.Add(new("an ended session", null, await EndedSession(), Acme.Id, null));
        Refused.Add(new("a key nobody gave out", "qn_live_0000000000000000000000000000000000000000000000", null, null, null));
    }

    private async Task<IReadOnlySet<Permission>> PermissionsOf(string key)
    {
        var context = new Microsoft.AspNetCore.Http.DefaultHttpContext();
        context.Request.Headers.Authorization = $"Bearer {key}";
        var outcome = await host.Get<ICallerSource>().Identify(context, CancellationToken.None);
        return outcome.ShouldBeOfType<CallerOutcome.Known>().Caller.Permissions;
    }

    // By an operator's link, the way in that needs nothing else; then no operator any more.
    private async Task<string> Member(OrgId org, string role)
    {
        var email = $"{role}-{org}@example.com".ToLowerInvariant();
        await host.Get<Operators>().Create(email, [OperatorRole.Support], "test", CancellationToken.None);
        var made = await host.Get<Operators>().CreateSignInLink(email, "test", CancellationToken.None);
        var token = ((CreateSignInLinkOutcome.Created)made).Path.Split('=')[^1];
        using var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false })
        {
            BaseAddress = host.Address,
        };
        using var form = new FormUrlEncodedContent([new("token", Uri.UnescapeDataString(token))]);
        var entered = await client.PostAsync("/sign-in", form);
        entered.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        await Write(
            """
            with person as (delete from accounts.operators where user_id = (
                select user_id from accounts.users where email_folded = $2) returning user_id)
            insert into accounts.members (org_id, user_id, role, added_by, joined_at)
            select $1, user_id, $3, 'test', '2026-01-01' from person
            """,
            org.Value,
            email,
            role);
        return entered.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
    }

    private async Task<string> EndedSession()
    {
        var cookie = await Member((await host.CreateOrganisation()).Id, MemberRole.Owner);
        await Write("""
            update accounts.sessions
            set ended_at = started_at + interval '1 second'
            where session_id = (select max(session_id::text)::uuid from accounts.sessions)
            """);
        return cookie;
    }

    private async Task<string> RevokedKey()
    {
        var created = await NewKey(null);
        await host.Get<Keys>().Revoke(Acme.Id, created.Key.Id, "test", "test", CancellationToken.None);
        return created.Secret;
    }

    private async Task<string> ExpiredKey()
    {
        var created = await NewKey(TimeProvider.System.GetUtcNow().AddHours(1));
        await Write(
            """
            update accounts.keys
            set created_at = created_at - interval '2 hours', expires_at = expires_at - interval '2 hours'
            where key_id = $1
            """,
            created.Key.Id.Value);
        return created.Secret;
    }

    private async Task<CreatedKey> NewKey(DateTimeOffset? expiresAt)
    {
        var created = await host.Get<Keys>().CreateForOrganisation(
            Acme.Id, new NewKey("test", ExpiresAt: expiresAt), "test", CancellationToken.None);
        return ((CreateKeyOutcome.Created)created).Key;
    }

    private async Task Write(string sql, params object?[] values)
    {
        await using var command = database.Owner.Sql(sql, values);
        await command.ExecuteNonQueryAsync();
    }
}
