using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>
/// Who belongs to a team, as LiteLLM's tools keep it, and what a member may do within it: a budget, limits a minute and models of
/// their own, which hold for keys made for that user and that team. What is refused is thrown.
/// </summary>
internal sealed class LiteLlmMembers(
    NpgsqlDataSource database, LiteLlmTeams teams, ScopeBudgets budgets, IdSource ids, TimeProvider time)
{
    // What a member may do within a team, and what the same is called of a spender.
    private static readonly (string Member, string Spender)[] Holding =
    [
        ("max_budget_in_team", "max_budget"),
        ("budget_duration", "budget_duration"),
        ("tpm_limit", "tpm_limit"),
        ("rpm_limit", "rpm_limit"),
        ("allowed_models", "models"),
    ];

    /// <summary>Takes members in, with what each may do.</summary>
    public async Task<Spender> Add(OrgId org, JsonElement body, Caller caller, CancellationToken cancellationToken)
    {
        body.RefuseUnkept("max_budget_in_team");
        var team = await Team(org, body, cancellationToken);
        var said = body.Member("member") is { ValueKind: JsonValueKind.Array } many ? TeamMembers.Read(many)
            : body.Object("member") is { } one ? new JsonArray(TeamMembers.Of(one))
            : throw JsonMembers.Wrong("'member' is missing.");
        var names = Holds(body) ? said.Select(member => NameOf(team, member!)).ToArray() : [];
        var after = await Write(org, team, said, [.. said.Select(member => member!.DeepClone())], caller);
        foreach (var name in names)
        {
            await Hold(org, name, body, caller);
        }

        return after;
    }

    /// <summary>Lets a member go; their budget within the team ends.</summary>
    public async Task<Spender> Remove(OrgId org, JsonElement body, Caller caller, CancellationToken cancellationToken)
    {
        body.RefuseUnkept();
        var team = await Team(org, body, cancellationToken);
        var named = TeamMembers.Named(body);
        var gone = team.Members.Where(member => TeamMembers.IsSame(member!, named)).ToArray();
        var after = await Write(org, team, new JsonArray(named), [], caller);
        await End(org, team.Name, gone, caller);
        return after;
    }

    /// <summary>Changes a member's role, or what they may do within the team.</summary>
    public async Task<JsonObject> Update(OrgId org, JsonElement body, Caller caller, CancellationToken cancellationToken)
    {
        body.RefuseUnkept("max_budget_in_team");
        var team = await Team(org, body, cancellationToken);
        var named = TeamMembers.Named(body);
        var member = team.Members.FirstOrDefault(one => TeamMembers.IsSame(one!, named))
            ?? throw new RefusedRequestException(PlatformProblems.NotFound, $"Team {team.Name} has no such member.");
        var name = Holds(body) ? NameOf(team, member) : null;
        if (TeamMembers.Role(body) is { } role && role != (string?)member["role"])
        {
            var changed = member.DeepClone();
            changed["role"] = role;
            await Write(org, team, new JsonArray(member.DeepClone()), [changed], caller);
        }

        if (name is not null)
        {
            await Hold(org, name, body, caller);
        }

        var (held, money) = await Held(org, team.Name, member, cancellationToken);
        return new JsonObject
        {
            ["team_id"] = team.Name,
            ["user_id"] = TeamMembers.IdOf(member),
            ["user_email"] = (string?)member["user_email"],
            ["max_budget_in_team"] = money?.Max,
            ["budget_duration"] = held?.Budgets.Duration,
            ["tpm_limit"] = held?.TokensPerMinute,
            ["rpm_limit"] = held?.RequestsPerMinute,
            ["allowed_models"] = held?.Models is { } models ? LiteLlmViews.Names(models) : null,
        };
    }

    /// <summary>The members of a team who are held to something within it, with what they spent.</summary>
    public async Task<JsonArray> List(OrgId org, Spender team, CancellationToken cancellationToken)
    {
        var rows = new JsonArray();
        foreach (var member in team.Members)
        {
            if (await Held(org, team.Name, member!, cancellationToken) is ({ } held, { } money))
            {
                rows.Add(LiteLlmViews.Membership(team.Name, TeamMembers.IdOf(member!)!, held, money));
            }
        }

        return rows;
    }

    /// <summary>Deletes teams, all or none, and ends what their members could do within them.</summary>
    public async Task<IReadOnlyList<string>> DeleteTeams(
        OrgId org, JsonElement body, Caller caller, CancellationToken cancellationToken)
    {
        var deleted = await teams.Delete(org, CallScopes.TeamKind, body, caller, cancellationToken);
        foreach (var name in deleted)
        {
            if (await SpenderRows.Find(database, org, CallScopes.TeamKind, name, CancellationToken.None) is { } team)
            {
                await End(org, name, team.Members, caller);
            }
        }

        return deleted;
    }

    private static bool Holds(JsonElement body) => Array.Exists(Holding, one => body.Says(one.Member));

    private static string NameOf(Spender team, JsonNode member) => TeamMembers.IdOf(member) is not { } user
            ? throw JsonMembers.Wrong("What a member may do within a team is kept of a 'user_id', not of a mail address alone.")
        : CallScopes.MemberOf(team.Name, user)
            ?? throw JsonMembers.Wrong($"'team_id' and 'user_id' have more than {Limits.OutsideLettersMax} letters together.");

    private Task<Spender> Team(OrgId org, JsonElement body, CancellationToken cancellationToken) =>
        teams.Find(org, CallScopes.TeamKind, body.RequiredText("team_id"), cancellationToken);

    private async Task<Spender> Write(OrgId org, Spender team, JsonArray replaced, JsonNode[] by, Caller caller)
    {
        var stay = team.Members
            .Where(member => !replaced.Any(other => TeamMembers.IsSame(member!, other!)))
            .Select(member => member!.DeepClone());
        var after = team with
        {
            Members = TeamMembers.Few(new JsonArray([.. stay, .. by])),
            ChangedAt = Instant.Now(time),
        };
        await teams.Write(org, after, team, caller.Actor);
        return after;
    }

    private async Task Hold(OrgId org, string name, JsonElement body, Caller caller)
    {
        var limits = new JsonObject();
        foreach (var (member, spender) in Holding)
        {
            if (body.Says(member))
            {
                limits[spender] = body.Member(member) is { } value ? JsonNode.Parse(value.GetRawText()) : null;
            }
        }

        var before = await Find(org, name, CancellationToken.None);
        var known = before ?? new Spender(CallScopes.MemberKind, name, ids.Next(), Instant.Now(time));
        await teams.Keep(org, known, before, JsonSerializer.SerializeToElement(limits), caller.Actor);
    }

    private async Task End(OrgId org, string team, IEnumerable<JsonNode?> members, Caller caller)
    {
        foreach (var member in members)
        {
            if (await Find(org, team, member!, CancellationToken.None) is { } held)
            {
                await teams.Write(org, held with { DeletedAt = Instant.Now(time) }, held, caller.Actor);
                await budgets.End(org, held.Budgets, caller.Actor);
            }
        }
    }

    private async Task<(Spender? Held, ScopeSpend? Money)> Held(
        OrgId org, string team, JsonNode member, CancellationToken cancellationToken) =>
        await Find(org, team, member, cancellationToken) is { } held
            ? (held, await budgets.Read(org, held.Budgets, cancellationToken))
            : (null, null);

    private async Task<Spender?> Find(OrgId org, string team, JsonNode member, CancellationToken cancellationToken) =>
        TeamMembers.IdOf(member) is { } user && CallScopes.MemberOf(team, user) is { } name
            ? await Find(org, name, cancellationToken)
            : null;

    private async Task<Spender?> Find(OrgId org, string name, CancellationToken cancellationToken) =>
        await SpenderRows.Find(database, org, CallScopes.MemberKind, name, cancellationToken) is { DeletedAt: null } held
            ? held
            : null;
}
