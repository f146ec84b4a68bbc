using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>
/// Virtual keys as LiteLLM's tools keep them. A key's <c>token</c>, which is its hash there, is its id here; its value is
/// taken wherever its token is. What is refused is thrown.
/// </summary>
internal sealed class LiteLlmKeys(
    NpgsqlDataSource database,
    KeepKeys keeping,
    Keys keys,
    KeyPolicies policies,
    ScopeBudgets budgets,
    IAudit audit,
    TimeProvider time)
{
    private static readonly string[] Scopes = [Permission.InferenceCall.Name];

    /// <summary>Makes one; the answer is the only one that has its value.</summary>
    public Task<JsonObject> Generate(OrgId org, JsonElement body, Caller caller, CancellationToken cancellationToken) =>
        Generate(org, body, caller, () => Task.CompletedTask, cancellationToken);

    /// <summary>Makes one together with something else: where that fails there is no key, either.</summary>
    public async Task<JsonObject> Generate(
        OrgId org, JsonElement body, Caller caller, Func<Task> together, CancellationToken cancellationToken)
    {
        body.RefuseUnkept("budget_id");
        (body, var shared) = await SharedLimits.Over(database, org, body, null, cancellationToken);
        var alias = body.Name("key_alias");
        var (wish, record) = (
            BudgetWish.Of(body), Said(body, new KeyRecord(default) { Alias = alias, SharedBudget = shared }));
        var rules = await Rules(org, body, new KeyRules(), cancellationToken);
        await TakeAlias(org, alias, except: null, cancellationToken);
        var wanted = new NewVirtualKey(
            alias ?? "LiteLLM key", rules, ExpiresAt: body.Expiry(Instant.Now(time)), ProjectId: Project(body));
        var (outcome, _, _) = await keeping.Create(org, wanted, null, caller, cancellationToken);
        if (outcome is not CreateKeyOutcome.Created(var created))
        {
            throw Refused(outcome);
        }

        // From here on it is finished whoever leaves; a key of which not all could be written is revoked and never told.
        try
        {
            await SetBudgets(org, created.Key, record with { Key = created.Key.Id }, wish, null, caller.Actor);
            var shown = await View(org, created.Key, CancellationToken.None);
            await together();
            policies.Forget(org, created.Key.Id.ToString());
            shown["key"] = created.Secret;
            return shown;
        }
        catch
        {
            await End(org, created.Key.Id, "it could not be finished", caller.Actor);
            throw;
        }
    }

    /// <summary>The key of a value, or of a token; refused where there is none that calls models and nothing else.</summary>
    public async Task<KeyProfile> Find(OrgId org, string text, CancellationToken cancellationToken)
    {
        var id = Id.TryParse<KeyId>(text, out var token)
            ? token
            : (await keys.FindBySecret(org, text, cancellationToken))?.Id;
        var key = id is { } known ? await keys.Find(org, known, cancellationToken) : null;
        return key?.Scopes is { } scopes && scopes.SequenceEqual(Scopes) ? key : throw NotFound();
    }

    /// <summary>Whether a caller is a key that may not do all that a key may: what it made could do more.</summary>
    public async Task<bool> IsHeld(Caller caller, CancellationToken cancellationToken)
    {
        var policy = await policies.Of(caller.RequiredOrg, caller.Actor, cancellationToken);
        return policy.Root is { } root
            && (policy.IsHeld
                || await budgets.AreHard(caller.RequiredOrg, new SpendScope(CallScopes.KeyKind, root.ToString()), cancellationToken));
    }

    /// <summary>Whether a value, or a token, is the caller's own.</summary>
    public async Task<bool> IsOwn(Caller caller, string text, CancellationToken cancellationToken) =>
        text == caller.Actor
        || (await keys.FindBySecret(caller.RequiredOrg, text, cancellationToken))?.Id.ToString() == caller.Actor;

    /// <summary>A key as it is shown.</summary>
    public async Task<JsonObject> View(OrgId org, KeyProfile key, CancellationToken cancellationToken)
    {
        var policy = await Policy(org, key, cancellationToken);
        var record = await Record(org, key, cancellationToken);
        return LiteLlmViews.Key(org, key, policy, record, await budgets.Read(org, record.Budgets, cancellationToken));
    }

    /// <summary>Changes what a request says of one; the members it does not have stay.</summary>
    public async Task<JsonObject> Update(OrgId org, JsonElement body, Caller caller, CancellationToken cancellationToken)
    {
        body.RefuseUnkept("key", "budget_id");
        var key = await Find(org, body.RequiredText("key"), cancellationToken);
        var expiresAt = body.Expiry(Instant.Now(time));
        await Change(org, key, body, caller, cancellationToken);
        if (body.Says("duration"))
        {
            key = await keys.SetExpiry(org, key.Id, expiresAt, caller.Actor, CancellationToken.None)
                is SetKeyExpiryOutcome.Set(var changed)
                    ? changed
                    : throw JsonMembers.Wrong("'duration' cannot be changed: the key has ended or was replaced.");
        }

        return await View(org, key, cancellationToken);
    }

    /// <summary>Replaces one, which works no longer.</summary>
    public async Task<JsonObject> Regenerate(
        OrgId org, string text, JsonElement body, Caller caller, CancellationToken cancellationToken)
    {
        body.RefuseUnkept("key", "budget_id");
        var key = await Find(org, text, cancellationToken);
        await Change(org, key, body, caller, cancellationToken);
        var rotation = new KeyRotation(0, body.Expiry(Instant.Now(time)), "regenerated");
        if (await keeping.Rotate(org, key.Id, rotation, caller, CancellationToken.None)
            is not RotateKeyOutcome.Rotated(_, var (successor, secret)))
        {
            throw JsonMembers.Wrong("The key cannot be regenerated: it was replaced or deleted.");
        }

        var shown = await View(org, successor, CancellationToken.None);
        shown["key"] = secret;
        return shown;
    }

    /// <summary>Holds one to the limits of its shared budget as they are now.</summary>
    public async Task HoldToShared(OrgId org, KeyId first, JsonElement limits, Caller caller)
    {
        if (await keys.WorkingOfLine(org, first, CancellationToken.None) is [var key, ..])
        {
            await Change(org, key, limits, caller, CancellationToken.None);
        }
    }

    /// <summary>Lets one call no more for now, or again.</summary>
    public async Task<JsonObject> Block(
        OrgId org, JsonElement body, bool isBlocked, Caller caller, CancellationToken cancellationToken)
    {
        var key = await Find(org, body.RequiredText("key"), cancellationToken);
        var before = await Record(org, key, cancellationToken);
        await Write(org, before with { IsBlocked = isBlocked }, before, caller.Actor);
        return await View(org, key, cancellationToken);
    }

    /// <summary>Revokes some, all or none of them, each with those it replaced or was replaced by that still work.</summary>
    public async Task<JsonArray> Delete(OrgId org, JsonElement body, Caller caller, CancellationToken cancellationToken)
    {
        var texts = body.Names("keys") ?? [];
        var found = new List<KeyProfile>();
        foreach (var text in texts)
        {
            found.Add(await Find(org, text, cancellationToken));
            await RequireStanding(org, found[^1], cancellationToken);
        }

        foreach (var alias in body.Names("key_aliases") ?? [])
        {
            var record = await OfAlias(org, alias, cancellationToken) ?? throw NotFound();
            var standing = await keys.WorkingOfLine(org, record.Key, cancellationToken) is [var newest, ..] ? newest.Id : record.Key;
            found.Add(await Find(org, standing.ToString(), cancellationToken));
        }

        foreach (var key in found)
        {
            await keys.Revoke(org, key.Id, "deleted", caller.Actor, CancellationToken.None);
            await End(org, key.FirstKeyId, "deleted", caller.Actor);
        }

        return new JsonArray([.. texts.Concat(found.Skip(texts.Count).Select(key => key.Id.ToString()))
            .Select(one => (JsonNode)one)]);
    }

    /// <summary>Some of those that work, and how many there are: one of a line, its newest.</summary>
    public async Task<(IReadOnlyList<JsonObject> Keys, long Total)> List(
        OrgId org, KeyFilter filter, int limit, int offset, CancellationToken cancellationToken)
    {
        var working = (await keys.WorkingLines(org, Scopes, cancellationToken)).ToDictionary(key => key.FirstKeyId);
        var (rows, total) = await KeyRecordRows.List(
            database, org, filter with { Lines = working.Keys }, limit, offset, cancellationToken);
        var shown = new List<JsonObject>();
        foreach (var record in rows)
        {
            shown.Add(await View(org, working[record.Key], cancellationToken));
        }

        return (shown, total);
    }

    /// <summary>
    /// Who may have called with some lines, by their first keys: all keys of each, whether they work or not, the newest first.
    /// Of more than <see cref="Limits.LiteLlmCallersMax"/> altogether the oldest are left out, and with them what they called.
    /// </summary>
    public async Task<IReadOnlyList<string>> CallersOf(
        OrgId org, IReadOnlyList<KeyId> firsts, CancellationToken cancellationToken) =>
        [.. (await keys.IdsOfLines(org, firsts, Limits.LiteLlmCallersMax, cancellationToken)).Select(key => key.ToString())];

    /// <summary>Revokes all keys of a team or a user.</summary>
    public async Task RevokeAll(OrgId org, string? team, string? user, string actor)
    {
        for (var pages = 0; pages < Limits.LiteLlmPagesMax; pages++)
        {
            var (rows, _) = await KeyRecordRows.List(
                database, org, new KeyFilter(team, user), Limits.LiteLlmRowsMax, 0, CancellationToken.None);
            foreach (var record in rows)
            {
                await End(org, record.Key, "deleted", actor);
            }

            if (rows.Count < Limits.LiteLlmRowsMax)
            {
                return;
            }
        }
    }

    // Budgets bound all keys of a line: they end when none of it works. Whoever replaces a key by another door meanwhile
    // makes one more, which is found by looking again.
    private async Task End(OrgId org, KeyId first, string reason, string actor)
    {
        for (var turns = 0; await keys.WorkingOfLine(org, first, CancellationToken.None) is { Count: > 0 } working; turns++)
        {
            if (turns == Limits.LineEndingTurnsMax)
            {
                throw new RefusedRequestException(InferenceProblems.KeysBusy, "The key is being replaced all the time.");
            }

            foreach (var key in working)
            {
                await keys.Revoke(org, key.Id, reason, actor, CancellationToken.None);
            }
        }

        var record = await KeyRecordRows.Find(database, org, first, CancellationToken.None);
        await KeyRecordRows.Delete(database, org, first, Instant.Now(time), CancellationToken.None);
        await budgets.End(org, record.Budgets, actor);
    }

    // One that works no longer does not stand for its line while another of it works.
    private async Task RequireStanding(OrgId org, KeyProfile key, CancellationToken cancellationToken)
    {
        var working = await keys.WorkingOfLine(org, key.FirstKeyId, cancellationToken);
        if (working.Count > 0 && working.All(one => one.Id != key.Id))
        {
            throw NotFound();
        }
    }

    private async Task Change(OrgId org, KeyProfile key, JsonElement body, Caller caller, CancellationToken cancellationToken)
    {
        var before = await Record(org, key, cancellationToken);
        (body, var shared) = await SharedLimits.Over(database, org, body, before.SharedBudget, cancellationToken);
        var wish = BudgetWish.Of(body);
        var alias = body.Says("key_alias") ? body.Name("key_alias") : before.Alias;
        await TakeAlias(org, alias, before.Key, cancellationToken);
        var record = Said(body, before with { Alias = alias, SharedBudget = shared });
        var policy = await Policy(org, key, cancellationToken);
        var known = KeyRules.Of(policy);
        var rules = await Rules(org, body, known, cancellationToken);
        if (rules != known)
        {
            await keeping.ChangeInTurn(org, key.Id, rules, caller, CancellationToken.None);
        }

        await SetBudgets(org, key, record, wish, before, caller.Actor);
    }

    private async Task SetBudgets(
        OrgId org, KeyProfile key, KeyRecord record, BudgetWish wish, KeyRecord? before, string actor) =>
        await budgets.Set(
            org,
            record.Scope,
            record.Budgets,
            wish,
            actor,
            kept => Write(org, record with { Budgets = kept }, before, actor),
            key.ProjectId);

    private async Task Write(OrgId org, KeyRecord record, KeyRecord? before, string actor)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        try
        {
            await KeyRecordRows.Write(transaction, org, record, Instant.Now(time), CancellationToken.None);
        }
        catch (PostgresException taken) when (taken.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            throw AliasTaken();
        }

        await audit.Record(
            transaction,
            new AuditEntry(
                org,
                actor,
                "inference_key.described",
                record.Key.ToString(),
                Before: before is null ? null : LiteLlmViews.Audited(before),
                After: LiteLlmViews.Audited(record)),
            CancellationToken.None);
        await transaction.CommitAsync();
        policies.Forget(org, record.Key.ToString());
    }

    private Task<KeyRecord> Record(OrgId org, KeyProfile key, CancellationToken cancellationToken) =>
        KeyRecordRows.Find(database, org, key.FirstKeyId, cancellationToken);

    // As it is written down: what is remembered may be what another replica changed a moment ago.
    private ValueTask<KeyPolicy> Policy(OrgId org, KeyProfile key, CancellationToken cancellationToken)
    {
        policies.Forget(org, key.Id.ToString());
        return policies.Of(org, key.Id.ToString(), cancellationToken);
    }

    // A name is one key's as long as a key of its line works: also one that was revoked by another door, or ended, lets it go.
    private async Task TakeAlias(OrgId org, string? alias, KeyId? except, CancellationToken cancellationToken)
    {
        if (alias is null || await OfAlias(org, alias, cancellationToken) is not { } other || other.Key == except)
        {
            return;
        }

        if ((await keys.WorkingOfLine(org, other.Key, cancellationToken)).Count > 0)
        {
            throw AliasTaken();
        }

        await KeyRecordRows.FreeAlias(database, org, other.Key, Instant.Now(time), cancellationToken);
    }

    private async Task<KeyRecord?> OfAlias(OrgId org, string alias, CancellationToken cancellationToken)
    {
        var (rows, _) = await KeyRecordRows.List(database, org, new KeyFilter { Alias = alias }, 1, 0, cancellationToken);
        return rows is [var record] ? record : null;
    }

    private async Task<KeyRules> Rules(OrgId org, JsonElement body, KeyRules known, CancellationToken cancellationToken)
    {
        if (body.Text("organization_id") is { Length: > 0 } named && named != org.ToString())
        {
            throw new RefusedRequestException(PlatformProblems.NotFound, "There is no such organization.");
        }

        var team = body.Says("team_id") ? body.Name("team_id") : known.Team;
        if (team is not null
            && team != known.Team
            && await SpenderRows.Find(database, org, CallScopes.TeamKind, team, cancellationToken) is not { DeletedAt: null })
        {
            throw new RefusedRequestException(PlatformProblems.NotFound, $"There is no team {team}.");
        }

        return known with
        {
            Team = team,
            User = body.Says("user_id") ? body.Name("user_id") : known.User,
            Models = body.Says("models") ? body.Models() : known.Models,
            Tags = body.Says("tags") ? body.Names("tags") : known.Tags,
            RequestsPerMinute = body.RequestsPerMinute(known.RequestsPerMinute),
            TokensPerMinute = body.TokensPerMinute(known.TokensPerMinute),
            ParallelMax = body.ParallelMax(known.ParallelMax),
        };
    }

    private static KeyRecord Said(JsonElement body, KeyRecord known) => known with
    {
        IsBlocked = body.Says("blocked") ? body.Flag("blocked") ?? false : known.IsBlocked,
        ModelAliases = body.Says("aliases") ? body.Map("aliases") : known.ModelAliases,
        Metadata = body.Says("metadata") ? body.Metadata() ?? [] : known.Metadata,
    };

    private static ProjectId? Project(JsonElement body) => body.Text("project_id") switch
    {
        null or "" => null,
        var text when Id.TryParse<ProjectId>(text, out var project) => project,
        _ => throw new RefusedRequestException(PlatformProblems.NotFound, "There is no such project."),
    };

    private static RefusedRequestException NotFound() => new(PlatformProblems.NotFound, "Key not found.");

    private static RefusedRequestException AliasTaken() => JsonMembers.Wrong("A key with this 'key_alias' is there already.");

    private static RefusedRequestException Refused(CreateKeyOutcome outcome) => outcome switch
    {
        CreateKeyOutcome.Invalid(var input) => JsonMembers.Wrong(input.ToString()),
        CreateKeyOutcome.TooManyKeys => new RefusedRequestException(
            AccountsProblems.TooManyKeys, "There are as many keys as may be."),
        _ => new RefusedRequestException(PlatformProblems.NotFound, "There is no such project or organization."),
    };
}
