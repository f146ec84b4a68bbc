using Microsoft.AspNetCore.Http;
using Npgsql;

namespace Quoin.Platform;

/// <summary>The request with an <c>Idempotency-Key</c> at hand, as its handler sees it.</summary>
public sealed class IdempotentRequest
{
    private readonly IdempotencyScope? scope;
    private readonly long leaseVersion;

    internal IdempotentRequest(IdempotencyScope scope, long leaseVersion) =>
        (this.scope, this.leaseVersion) = (scope, leaseVersion);

    private IdempotentRequest()
    {
    }

    /// <summary>A request without a key, or work that no request asked for: completing it says nothing.</summary>
    public static IdempotentRequest None { get; } = new();

    private const string CompleteSql = """
        update platform.idempotency_keys
        set is_done = true
        where org_id = $1
          and realm = $2
          and key = $3
          and lease_version = $4
          and status is null
        """;

    /// <summary>
    /// Says that the request is done, in the transaction of its effects: which makes them happen once, whatever dies
    /// when. For handlers whose effects have no natural key. Call it last before committing.
    /// </summary>
    /// <exception cref="LeaseLostException">
    /// Another replica does the request now; the transaction must not be committed.
    /// </exception>
    public async Task Complete(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        if (scope is null)
        {
            return;
        }

        await using var command = transaction.Sql(CompleteSql, scope.Org, scope.RealmText, scope.Key, leaseVersion);
        if (await command.ExecuteNonQueryAsync(cancellationToken) == 0)
        {
            throw new LeaseLostException("idempotent request");
        }
    }
}

/// <summary>How a handler gets at it.</summary>
public static class IdempotentRequestFeature
{
    private static readonly object Key = new();

    /// <summary>The request at hand, if it came with a key; else <see cref="Platform.IdempotentRequest.None"/>.</summary>
    public static IdempotentRequest IdempotentRequest(this HttpContext context) =>
        context.Items[Key] as IdempotentRequest ?? Platform.IdempotentRequest.None;

    internal static void SetIdempotentRequest(this HttpContext context, IdempotentRequest request) =>
        context.Items[Key] = request;
}
