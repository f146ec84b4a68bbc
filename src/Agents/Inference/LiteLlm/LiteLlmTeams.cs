using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>
/// Teams, users and customers as LiteLLM's tools keep them: what their keys, and the calls that name a customer, are held to
/// together, and the budgets all of them spend from. What is refused is thrown.
/// </summary>
internal sealed class LiteLlmTeams(
    NpgsqlDataSource database, LiteLlmKeys keys, ScopeBudgets budgets, IAudit audit, IdSource ids, TimeProvider time)
{
    /// <summary>Makes a team, a user or a customer.</summary>
    public async Task<Spender> Create(
        OrgId org, string kind, JsonElement body, Caller caller, CancellationToken cancellationToken)
    {
        body.RefuseUnkept(Shared(kind));
        RequireOrganisation(org, body);
        var name = body.Name(Member(kind)) ?? (kind == CallScopes.CustomerKind
            ? throw JsonMembers.Wrong("'user_id' is missing.")
            : ids.Next().ToString());
        await RequireNew(org, kind, name, cancellationToken);
        var now = Instant.Now(time);
        return await Keep(org, new Spender(kind, name, ids.Next(), now), null, body, caller.Actor);
    }

    /// <summary>Refuses a name that is there already, or was.</summary>
    public async Task RequireNew(OrgId org, string kind, string name, CancellationToken cancellationToken)
    {
        if (await SpenderRows.Find(database, org, kind, name, cancellationToken) is { } there
            && !(kind == CallScopes.CustomerKind && there.DeletedAt is not null))
        {
            throw JsonMembers.Wrong(there.DeletedAt is null
                ? $"The {kind} {name} is there already."
                : $"The {kind} {name} was deleted; choose another id.");
        }
    }

    /// <summary>Changes what a request says of one; the members it does not have stay.</summary>
    public async Task<Spender> Update(
        OrgId org, string kind, JsonElement body, Caller caller, CancellationToken cancellationToken)
    {
        body.RefuseUnkept(Shared(kind));
        RequireOrganisation(org, body);
        var before = await Find(org, kind, body.RequiredText(Member(kind)), cancellationToken);
        return await Keep(org, before, before, body, caller.Actor);
    }

    /// <summary>Lets all keys of one call no more for now, or again.</summary>
    public async Task<Spender> Block(
        OrgId org, string kind, JsonElement body, bool isBlocked, Caller caller, CancellationToken cancellationToken)
    {
        var before = await Find(org, kind, body.RequiredText(Member(kind)), cancellationToken);
        var after = before with { IsBlocked = isBlocked, ChangedAt = Instant.Now(time) };
        await Write(org, after, before, caller.Actor);
        return after;
    }

    /// <summary>Lets customers call no more for now, or again; those nobody knew are known from now on.</summary>
    public async Task<IReadOnlyList<string>> BlockCustomers(
        OrgId org, JsonElement body, bool isBlocked, Caller caller, CancellationToken cancellationToken)
    {
        var names = body.Names("user_ids") ?? throw JsonMembers.Wrong("'user_ids' is missing.");
        foreach (var name in names)
        {
            var before = await SpenderRows.Find(database, org, CallScopes.CustomerKind, name, cancellationToken);
            var now = Instant.Now(time);
            if (before is { DeletedAt: null })
            {
                await Write(org, before with { IsBlocked = isBlocked, ChangedAt = now }, before, caller.Actor);
            }
            else if (isBlocked)
            {
                var made = new Spender(CallScopes.CustomerKind, name, ids.Next(), now) { IsBlocked = true };
                await Write(org, made, null, caller.Actor);
            }
        }

        return names;
    }

    /// <summary>Holds one to the limits of its shared budget as they are now.</summary>
    public async Task HoldToShared(OrgId org, string kind, string name, JsonElement limits, Caller caller)
    {
        if (await SpenderRows.Find(database, org, kind, name, CancellationToken.None) is { DeletedAt: null } before)
        {
            await Keep(org, before, before, limits, caller.Actor);
        }
    }

    /// <summary>Lets a team call further models, or some no longer; one that may call all is held to those that are added.</summary>
    public async Task<Spender> ChangeModels(
        OrgId org, JsonElement body, bool isAdding, Caller caller, CancellationToken cancellationToken)
    {
        body.RefuseUnkept();
        var before = await Find(org, CallScopes.TeamKind, body.RequiredText("team_id"), cancellationToken);
        var said = body.Names("models") ?? throw JsonMembers.Wrong("'models' is missing.");
        var known = before.Models ?? [];
        string[] models = isAdding
            ? [.. known.Union(said, StringComparer.Ordinal)]
            : [.. known.Except(said, StringComparer.Ordinal)];
        switch (models.Length)
        {
            case 0:
                throw JsonMembers.Wrong("A team without a list of models may call all: name those it may call, or block it.");
            case > Limits.PolicyNamesMax:
                throw JsonMembers.Wrong($"A team names at most {Limits.PolicyNamesMax} models.");
        }

        var after = before with { Models = models, ChangedAt = Instant.Now(time) };
        await Write(org, after, before, caller.Actor);
        return after;
    }

    /// <summary>Deletes some, all or none: their keys are refused from now on, and revoked.</summary>
    public async Task<IReadOnlyList<string>> Delete(
        OrgId org, string kind, JsonElement body, Caller caller, CancellationToken cancellationToken)
    {
        var member = $"{Member(kind)}s";
        var names = body.Names(member) ?? throw JsonMembers.Wrong($"'{member}' is missing.");
        var found = new List<Spender>();
        foreach (var name in names)
        {
            found.Add(await Find(org, kind, name, cancellationToken));
        }

        foreach (var spender in found)
        {
            await Write(org, spender with { DeletedAt = Instant.Now(time) }, spender, caller.Actor);
            if (kind != CallScopes.CustomerKind)
            {
                await keys.RevokeAll(
                    org,
                    kind == CallScopes.TeamKind ? spender.Name : null,
                    kind == CallScopes.UserKind ? spender.Name : null,
                    caller.Actor);
            }

            await budgets.End(org, spender.Budgets, caller.Actor);
        }

        return names;
    }

    /// <summary>One that was not deleted.</summary>
    public async Task<Spender> Find(OrgId org, string kind, string name, CancellationToken cancellationToken) =>
        await SpenderRows.Find(database, org, kind, name, cancellationToken) is { DeletedAt: null } spender
            ? spender
            : throw new RefusedRequestException(PlatformProblems.NotFound, $"There is no {kind} {name}.");

    /// <summary>A team, a user or a customer, as it is shown.</summary>
    public async Task<JsonObject> View(OrgId org, Spender spender, CancellationToken cancellationToken)
    {
        var money = await budgets.Read(org, spender.Budgets, cancellationToken);
        if (spender.Kind == CallScopes.TeamKind)
        {
            return LiteLlmViews.Team(org, spender, money);
        }

        if (spender.Kind == CallScopes.CustomerKind)
        {
            return LiteLlmViews.Customer(spender, money);
        }

        var (teams, _) = await SpenderRows.List(
            database, org, CallScopes.TeamKind, spender.Name, Limits.LiteLlmRowsMax, 0, cancellationToken);
        return LiteLlmViews.User(spender, money, teams.Select(team => team.Name));
    }

    /// <summary>Some of those that were not deleted, as they are shown, and how many there are.</summary>
    public async Task<(IReadOnlyList<JsonObject> Rows, long Total)> List(
        OrgId org, string kind, string? member, int limit, int offset, CancellationToken cancellationToken)
    {
        var (rows, total) = await SpenderRows.List(database, org, kind, member, limit, offset, cancellationToken);
        var shown = new List<JsonObject>();
        foreach (var row in rows)
        {
            shown.Add(await View(org, row, cancellationToken));
        }

        return (shown, total);
    }

    /// <summary>Holds one to what a request says; the members it does not have stay.</summary>
    public async Task<Spender> Keep(OrgId org, Spender known, Spender? before, JsonElement body, string actor)
    {
        string? shared = null;
        if (known.Kind == CallScopes.CustomerKind)
        {
            (body, shared) = await SharedLimits.Over(database, org, body, known.SharedBudget, CancellationToken.None);
        }

        if (body.Says("max_parallel_requests") && body.Member("max_parallel_requests") is not null)
        {
            throw JsonMembers.Wrong("'max_parallel_requests' is not supported here but for keys.");
        }

        if (body.Text("user_role") is { } role && role.StartsWith("proxy_admin", StringComparison.Ordinal))
        {
            throw JsonMembers.Wrong("'user_role' must be internal_user: who administers is decided by keys and members.");
        }

        var alias = known.Kind == CallScopes.CustomerKind ? "alias" : $"{known.Kind}_alias";
        var isUser = known.Kind == CallScopes.UserKind;
        var said = known with
        {
            Alias = body.Says(alias) ? body.Name(alias) : known.Alias,
            Email = isUser && body.Says("user_email") ? body.Name("user_email") : known.Email,
            Models = body.Says("models") ? body.Models() : known.Models,
            RequestsPerMinute = body.RequestsPerMinute(known.RequestsPerMinute),
            TokensPerMinute = body.TokensPerMinute(known.TokensPerMinute),
            IsBlocked = body.Says("blocked") ? body.Flag("blocked") ?? false : known.IsBlocked,
            Members = body.Member("members_with_roles") is { } members ? TeamMembers.Read(members) : known.Members,
            Metadata = body.Says("metadata") ? body.Metadata() ?? [] : known.Metadata,
            ChangedAt = Instant.Now(time),
            SharedBudget = shared,
        };
        var wish = BudgetWish.Of(body);
        var kept = await budgets.Set(
            org, said.Scope, said.Budgets, wish, actor, after => Write(org, said with { Budgets = after }, before, actor));
        return said with { Budgets = kept };
    }

    /// <summary>Writes one, audited.</summary>
    public async Task Write(OrgId org, Spender spender, Spender? before, string actor)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await SpenderRows.Write(transaction, org, spender, CancellationToken.None);
        await audit.Record(
            transaction,
            new AuditEntry(
                org,
                actor,
                $"inference_{spender.Kind}.{(before is null ? "created" : spender.DeletedAt is null ? "changed" : "deleted")}",
                spender.Name,
                Before: before is null ? null : LiteLlmViews.Audited(before),
                After: LiteLlmViews.Audited(spender)),
            CancellationToken.None);
        await transaction.CommitAsync();
    }

    private static void RequireOrganisation(OrgId org, JsonElement body)
    {
        if (body.Text("organization_id") is { Length: > 0 } named && named != org.ToString())
        {
            throw new RefusedRequestException(PlatformProblems.NotFound, "There is no such organization.");
        }
    }

    // Customers are users there, too: of those who run a tool.
    private static string Member(string kind) => kind == CallScopes.CustomerKind ? "user_id" : $"{kind}_id";

    private static string[] Shared(string kind) => kind == CallScopes.CustomerKind ? ["budget_id"] : [];
}
