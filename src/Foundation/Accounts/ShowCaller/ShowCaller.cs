using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Tells who asks, and lets a key end itself.</summary>
internal sealed class ShowCaller(NpgsqlDataSource database, OrganisationReader organisations, Keys keys, Users users)
{
    /// <summary><c>GET /v1/caller</c>.</summary>
    public static async Task<Ok<CallerProfile>> Endpoint(
        ShowCaller handler, HttpContext context, CancellationToken cancellationToken) =>
        TypedResults.Ok(await handler.Handle(context.Caller(), cancellationToken));

    /// <summary><c>POST /v1/caller/revoke</c>: no right is needed to give up one's own key.</summary>
    public static async Task<Results<NoContent, Problem>> Revoke(
        ShowCaller handler, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        if (!Id.TryParse<KeyId>(caller.Actor, out var key))
        {
            return new Problem(AccountsProblems.NotAKey, "This request was not sent with a key.");
        }

        var owner = caller.Realm == Realm.Operator ? null : caller.Org;
        await handler.keys.Revoke(owner, key, "Given up by whoever had it", caller.Actor, cancellationToken);
        return TypedResults.NoContent();
    }

    private readonly Keys keys = keys;

    private async Task<CallerProfile> Handle(Caller caller, CancellationToken cancellationToken)
    {
        var user = await PersonOf(caller, cancellationToken);
        var orgs = new List<OrgId>(user is { } person ? await OrganisationsOf(person, cancellationToken) : []);
        if (caller.Org is { } current && !orgs.Contains(current))
        {
            orgs.Insert(0, current);
        }

        var found = await organisations.FindMany(orgs, cancellationToken);
        var shown = orgs.Where(found.ContainsKey).Select(org => Shown(found[org])).ToList();
        var profile = user is { } known ? await users.Find(known, cancellationToken) : null;
        return new CallerProfile(
            caller.Realm,
            caller.Actor,
            caller.Impersonator,
            shown.Find(one => one.Id == caller.Org),
            profile is null ? null : new CallerUser(profile.Id, profile.DisplayName),
            [.. caller.Permissions.Select(permission => permission.Name).Order(StringComparer.Ordinal)],
            shown);
    }

    private async Task<UserId?> PersonOf(Caller caller, CancellationToken cancellationToken)
    {
        if (Id.TryParse<UserId>(caller.Actor, out var user))
        {
            return user;
        }

        return caller is { Realm: Realm.Organisation, Org: { } org } && Id.TryParse<KeyId>(caller.Actor, out var key)
            ? (await keys.Find(org, key, cancellationToken))?.UserId
            : null;
    }

    private const string OrganisationsSql = """
        select org_id
        from accounts.members
        where user_id = $1
        order by joined_at, org_id
        """;

    private async Task<IReadOnlyList<OrgId>> OrganisationsOf(UserId user, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(OrganisationsSql, user.Value);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var orgs = new List<OrgId>();
        while (await row.ReadAsync(cancellationToken))
        {
            orgs.Add(new OrgId(row.GetGuid(0)));
        }

        return orgs;
    }

    private static CallerOrganisation Shown(OrganisationProfile organisation) =>
        new(organisation.Id, organisation.Name, organisation.Slug, organisation.Mode);
}
