using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>A passkey a person signs in with.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What its owner calls it.</param>
/// <param name="IsBackedUp">Whether it lives on more devices than one, kept by whoever keeps its owner's passwords.</param>
/// <param name="RegisteredAt">Since when it signs them in.</param>
/// <param name="LastUsedAt">When it last did; null for never.</param>
public sealed record PasskeyProfile(
    PasskeyId Id, string Name, bool IsBackedUp, DateTimeOffset RegisteredAt, DateTimeOffset? LastUsedAt);

/// <summary>Which passkey.</summary>
/// <param name="Id">Its id.</param>
internal sealed record PasskeyRequest(PasskeyId Id);

/// <summary>A passkey's new name.</summary>
/// <param name="Name">What its owner calls it: 1 to 200 letters.</param>
internal sealed record PasskeyName(string Name);

/// <summary>A person's passkeys, oldest first.</summary>
/// <param name="Data">The passkeys.</param>
internal sealed record PasskeyList(IReadOnlyList<PasskeyProfile> Data);

/// <summary>Reading passkeys for their owners.</summary>
internal static class PasskeyRows
{
    private const string ListSql = """
        select passkey_id, name, is_backed_up, registered_at, last_used_at
        from accounts.passkeys
        where user_id = $1
        order by passkey_id
        limit $2
        """;

    public static async Task<IReadOnlyList<PasskeyProfile>> List(
        NpgsqlDataSource database, UserId user, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(ListSql, user.Value, Limits.PasskeysMax);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var passkeys = new List<PasskeyProfile>();
        while (await row.ReadAsync(cancellationToken))
        {
            passkeys.Add(new PasskeyProfile(
                new PasskeyId(row.GetGuid(0)),
                row.GetString(1),
                row.GetBoolean(2),
                row.GetFieldValue<DateTimeOffset>(3),
                row.IsDBNull(4) ? null : row.GetFieldValue<DateTimeOffset>(4)));
        }

        return passkeys;
    }
}

/// <summary>Lists a person's passkeys, names them, and takes one from them.</summary>
internal sealed class ManagePasskeys(NpgsqlDataSource database, IAudit audit, SecurityNotices notices)
{
    /// <summary><c>GET /v1/me/passkeys</c>.</summary>
    public static async Task<Ok<PasskeyList>> ListEndpoint(
        ManagePasskeys handler, HttpContext context, CancellationToken cancellationToken) =>
        TypedResults.Ok(new PasskeyList(await handler.List(context.Caller().Person(), cancellationToken)));

    /// <summary><c>PATCH /v1/me/passkeys/{id}</c>.</summary>
    public static async Task<Results<NoContent, Problem>> RenameEndpoint(
        Parameters<PasskeyRequest> parameters,
        PasskeyName body,
        ManagePasskeys handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        if (InvalidInput.Of(("name", InputText.Problem(body.Name, Limits.NameLettersMax))) is { } invalid)
        {
            return AccountsProblems.Of(invalid);
        }

        var person = context.Caller().Person();
        return await handler.Rename(person, parameters.Value.Id, body.Name, cancellationToken)
            ? TypedResults.NoContent()
            : new Problem(PlatformProblems.NotFound, "You have no such passkey.");
    }

    /// <summary><c>DELETE /v1/me/passkeys/{id}</c>.</summary>
    public static async Task<Results<NoContent, Problem>> RemoveEndpoint(
        Parameters<PasskeyRequest> parameters,
        ManagePasskeys handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var outcome = await handler.Remove(context.Caller().Person(), parameters.Value.Id, cancellationToken);
        return outcome switch
        {
            RemoveWayInOutcome.Removed => TypedResults.NoContent(),
            RemoveWayInOutcome.LastWayIn => new Problem(
                ProofProblems.LastWayIn, "Without this passkey nobody could sign in to this account."),
            RemoveWayInOutcome.NotTheirs => new Problem(PlatformProblems.NotFound, "You have no such passkey."),
            _ => throw new UnreachableException(),
        };
    }

    public Task<IReadOnlyList<PasskeyProfile>> List(UserId user, CancellationToken cancellationToken) =>
        PasskeyRows.List(database, user, cancellationToken);

    private const string RenameSql = """
        update accounts.passkeys p
        set name = $3
        from (select name from accounts.passkeys where passkey_id = $1 and user_id = $2 for update) as before
        where p.passkey_id = $1
            and p.user_id = $2
        returning before.name
        """;

    public async Task<bool> Rename(UserId user, PasskeyId id, string name, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var rename = transaction.Sql(RenameSql, id.Value, user.Value, name))
        {
            if (await rename.ExecuteScalarAsync(cancellationToken) is not string before)
            {
                return false;
            }

            await audit.Record(
                transaction,
                new AuditEntry(
                    null,
                    user.ToString(),
                    "passkey.renamed",
                    id.ToString(),
                    Before: AuditState.Of(new { Name = before }),
                    After: AuditState.Of(new { Name = name })),
                cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return true;
    }

    private const string DeleteSql = """
        delete from accounts.passkeys
        where passkey_id = $1
            and user_id = $2
        returning name
        """;

    public async Task<RemoveWayInOutcome> Remove(UserId user, PasskeyId id, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var ways = await WaysIn.Count(transaction, user, cancellationToken);
        await using var delete = transaction.Sql(DeleteSql, id.Value, user.Value);
        if (await delete.ExecuteScalarAsync(cancellationToken) is not string name)
        {
            return RemoveWayInOutcome.NotTheirs;
        }

        if (ways <= 1)
        {
            return RemoveWayInOutcome.LastWayIn;
        }

        await audit.Record(
            transaction,
            new AuditEntry(
                null, user.ToString(), "passkey.removed", id.ToString(), Before: AuditState.Of(new { Name = name })),
            cancellationToken);
        await notices.WayInRemoved(transaction, user, $"the passkey \"{name}\"", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        notices.Hint();
        return RemoveWayInOutcome.Removed;
    }
}
