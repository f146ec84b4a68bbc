using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Lists and sets feature flags.</summary>
internal sealed class SetFlags(NpgsqlDataSource database, Flags flags, IAudit audit, TimeProvider time)
{
    /// <summary><c>GET /v1/flags</c>: with what the named organisation's are set to.</summary>
    public static async Task<Ok<Page<FlagProfile>>> ListEndpoint(
        SetFlags handler, HttpContext context, CancellationToken cancellationToken) =>
        TypedResults.Ok(new Page<FlagProfile>(await handler.List(context.Caller().Org, cancellationToken), null));

    /// <summary><c>POST /v1/flags</c>: for the named organisation, or for all where none is named.</summary>
    public static async Task<Results<Ok<FlagProfile>, Problem>> SetEndpoint(
        FlagChange body, SetFlags handler, HttpContext context, CancellationToken cancellationToken)
    {
        var caller = context.Caller();
        return await handler.Handle(caller.Org, body, caller.Actor, cancellationToken) switch
        {
            SetFlagOutcome.Done(var flag) => TypedResults.Ok(flag),
            SetFlagOutcome.Invalid(var input) => AccountsProblems.Of(input),
            _ => throw new System.Diagnostics.UnreachableException(),
        };
    }

    private const string ListSql = """
        select org_id, name, value::text
        from accounts.flags
        where org_id = any($1)
        """;

    public async Task<IReadOnlyList<FlagProfile>> List(OrgId? org, CancellationToken cancellationToken)
    {
        var (all, own) = (new Dictionary<string, string>(StringComparer.Ordinal), new Dictionary<string, string>(StringComparer.Ordinal));
        Guid[] orgs = org is { } named ? [PlatformOrg.Id.Value, named.Value] : [PlatformOrg.Id.Value];
        await using var command = database.Sql(ListSql, orgs);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            (row.GetGuid(0) == PlatformOrg.Id.Value ? all : own)[row.GetString(1)] = row.GetString(2);
        }

        return
        [
            .. Flag.All.Select(flag => new FlagProfile(
                flag.Name,
                flag.Description,
                flag.Kind,
                JsonElement.Parse(flag.DefaultJson),
                Json(all.GetValueOrDefault(flag.Name)),
                Json(own.GetValueOrDefault(flag.Name)))),
        ];
    }

    public async Task<SetFlagOutcome> Handle(
        OrgId? org, FlagChange change, string actor, CancellationToken cancellationToken)
    {
        var flag = Flag.All.FirstOrDefault(one => one.Name == change.Name);
        var isUnset = change.Value is null or { ValueKind: JsonValueKind.Null };
        var value = isUnset ? null : change.Value!.Value.GetRawText();
        var invalid = InvalidInput.Of(
            ("name", flag is null ? $"must be one of {string.Join(", ", Flag.All.Select(one => one.Name))}" : null),
            ("value", flag is null || value is null || flag.Takes(value) ? null : $"must be a {flag.Kind}"),
            ("reason", InputText.OptionalProblem(change.Reason, Limits.ReasonLettersMax)));
        if (invalid is not null)
        {
            return new SetFlagOutcome.Invalid(invalid);
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var before = await Lock(transaction, org ?? PlatformOrg.Id, change.Name, cancellationToken);
        await Write(transaction, org ?? PlatformOrg.Id, change.Name, value, actor, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                org,
                actor,
                value is null ? "flag.unset" : "flag.set",
                change.Name,
                change.Reason,
                before,
                value),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        flags.Forget(org);
        return new SetFlagOutcome.Done((await List(org, cancellationToken)).Single(one => one.Name == change.Name));
    }

    private const string LockSql = """
        select value::text
        from accounts.flags
        where org_id = $1
            and name = $2
        for update
        """;

    private static async Task<string?> Lock(
        NpgsqlTransaction transaction, OrgId org, string name, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(LockSql, org.Value, name);
        return await command.ExecuteScalarAsync(cancellationToken) as string;
    }

    private const string SetSql = """
        insert into accounts.flags (org_id, name, value, set_by, set_at)
        values ($1, $2, $3::jsonb, $4, $5)
        on conflict (org_id, name) do update
        set value = excluded.value, set_by = excluded.set_by, set_at = excluded.set_at
        """;

    private const string UnsetSql = """
        delete from accounts.flags
        where org_id = $1
            and name = $2
        """;

    private async Task Write(
        NpgsqlTransaction transaction,
        OrgId org,
        string name,
        string? value,
        string actor,
        CancellationToken cancellationToken)
    {
        await using var command = value is null
            ? transaction.Sql(UnsetSql, org.Value, name)
            : transaction.Sql(SetSql, org.Value, name, value, actor, Instant.Now(time));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static JsonElement? Json(string? text) => text is null ? null : JsonElement.Parse(text);
}
