using System.Text;
using System.Text.Json;
using Npgsql;

namespace Quoin.Platform;

/// <summary>Which request: keys of different organisations and realms never meet.</summary>
/// <param name="Org">The organisation acted in; the zero id where none was named.</param>
/// <param name="Realm">Customer or operator.</param>
/// <param name="Key">The <c>Idempotency-Key</c>.</param>
internal sealed record IdempotencyScope(Guid Org, Realm Realm, string Key)
{
    public string RealmText => Realm == Realm.Operator ? "operator" : "organisation";

    /// <summary>Binds an encrypted answer to its row.</summary>
    public byte[] Context => Encoding.UTF8.GetBytes($"{Org} {RealmText} {Key}");
}

/// <summary>Every way beginning a request with a key can end.</summary>
internal abstract record BeginOutcome
{
    private BeginOutcome()
    {
    }

    /// <summary>The key was used for another request.</summary>
    public sealed record Conflict : BeginOutcome;

    /// <summary>The request was answered.</summary>
    public sealed record Answered(StoredAnswer Answer) : BeginOutcome;

    /// <summary>The request was done, and whoever did it was gone before the answer was kept.</summary>
    public sealed record DoneUnanswered : BeginOutcome;

    /// <summary>Somebody is doing it.</summary>
    public sealed record InProgress : BeginOutcome;

    /// <summary>It is the caller's to do, until the version is taken over.</summary>
    public sealed record Begun(long LeaseVersion) : BeginOutcome;
}

/// <summary>An answer as kept.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Headers">The headers worth repeating.</param>
/// <param name="Body">The body; null where it was too long to keep.</param>
internal sealed record StoredAnswer(int Status, IReadOnlyDictionary<string, string> Headers, byte[]? Body);

/// <summary>The rows of requests with a key; bodies of answers are encrypted.</summary>
internal sealed class IdempotencyKeys(NpgsqlDataSource database, Secrets secrets, TimeProvider time)
{
    // Answers hold what is shown once, such as a new key.
    private const string Purpose = "platform.idempotency";

    private const string InsertSql = """
        insert into platform.idempotency_keys (org_id, realm, key, fingerprint, lease_expires_at, created_at)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (org_id, realm, key) do nothing
        """;

    private const string TakeOverSql = """
        update platform.idempotency_keys
        set lease_version = lease_version + 1,
            lease_expires_at = $5
        where org_id = $1
          and realm = $2
          and key = $3
          and fingerprint = $4
          and lease_expires_at <= $6
          and not is_done
        returning lease_version
        """;

    /// <summary>Begins a request, or says why not.</summary>
    public async Task<BeginOutcome> Begin(
        IdempotencyScope scope, byte[] fingerprint, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var expiresAt = now + IdempotencyLimits.LeaseDuration;
        await using var insert = database.Sql(
            InsertSql, scope.Org, scope.RealmText, scope.Key, fingerprint, expiresAt, now);
        if (await insert.ExecuteNonQueryAsync(cancellationToken) == 1)
        {
            return new BeginOutcome.Begun(1);
        }

        var outcome = await Find(scope, fingerprint, now, cancellationToken);
        if (outcome is not null)
        {
            return outcome;
        }

        await using var take = database.Sql(
            TakeOverSql, scope.Org, scope.RealmText, scope.Key, fingerprint, expiresAt, now);
        return await take.ExecuteScalarAsync(cancellationToken) is long version
            ? new BeginOutcome.Begun(version)
            : new BeginOutcome.InProgress();
    }

    private const string FindSql = """
        select fingerprint, lease_expires_at, status, headers::text, body, is_done
        from platform.idempotency_keys
        where org_id = $1
          and realm = $2
          and key = $3
        """;

    // Null where there is a row to take over: its lease has run out, and it is not done. A row that is gone meanwhile
    // failed, and is begun at the next look.
    private async Task<BeginOutcome?> Find(
        IdempotencyScope scope, byte[] fingerprint, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(FindSql, scope.Org, scope.RealmText, scope.Key);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
        {
            return new BeginOutcome.InProgress();
        }

        if (!reader.GetFieldValue<byte[]>(0).AsSpan().SequenceEqual(fingerprint))
        {
            return new BeginOutcome.Conflict();
        }

        if (reader.IsDBNull(2))
        {
            return (IsLeft: reader.GetFieldValue<DateTimeOffset>(1) <= now, IsDone: reader.GetBoolean(5)) switch
            {
                (true, true) => new BeginOutcome.DoneUnanswered(),
                (true, false) => null,
                _ => new BeginOutcome.InProgress(),
            };
        }

        var headers = JsonSerializer.Deserialize<Dictionary<string, string>>(reader.GetString(3))!;
        var body = reader.IsDBNull(4)
            ? null
            : secrets.Unprotect(Purpose, reader.GetFieldValue<byte[]>(4), scope.Context);
        return new BeginOutcome.Answered(new StoredAnswer(reader.GetInt32(2), headers, body));
    }

    private const string RenewSql = """
        update platform.idempotency_keys
        set lease_expires_at = $5
        where org_id = $1
          and realm = $2
          and key = $3
          and lease_version = $4
          and status is null
        """;

    /// <summary>Says that the request is still being done.</summary>
    /// <returns>False when another has taken it over.</returns>
    public async Task<bool> Renew(IdempotencyScope scope, long leaseVersion, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            RenewSql,
            scope.Org,
            scope.RealmText,
            scope.Key,
            leaseVersion,
            time.GetUtcNow() + IdempotencyLimits.LeaseDuration);
        command.CommandTimeout = LeaseLimits.StatementSecondsMax;
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private const string AnswerSql = """
        update platform.idempotency_keys
        set lease_expires_at = null,
            status = $5,
            headers = $6::jsonb,
            body = $7
        where org_id = $1
          and realm = $2
          and key = $3
          and lease_version = $4
          and status is null
        """;

    /// <summary>Keeps the answer; nothing happens if another has taken the request over.</summary>
    public async Task Answer(
        IdempotencyScope scope, long leaseVersion, StoredAnswer answer, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            AnswerSql,
            scope.Org,
            scope.RealmText,
            scope.Key,
            leaseVersion,
            answer.Status,
            JsonSerializer.Serialize(answer.Headers),
            answer.Body is { } body ? secrets.Protect(Purpose, body, scope.Context) : null);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string ForgetSql = """
        delete from platform.idempotency_keys
        where org_id = $1
          and realm = $2
          and key = $3
          and lease_version = $4
          and status is null
          and not is_done
        """;

    private const string LeaveSql = """
        update platform.idempotency_keys
        set lease_expires_at = $5
        where org_id = $1
          and realm = $2
          and key = $3
          and lease_version = $4
          and status is null
        """;

    /// <summary>
    /// Forgets a request that has no answer to keep, so that its repetition is done; one that is done is only left.
    /// </summary>
    public async Task Forget(IdempotencyScope scope, long leaseVersion, CancellationToken cancellationToken)
    {
        await using var forget = database.Sql(ForgetSql, scope.Org, scope.RealmText, scope.Key, leaseVersion);
        if (await forget.ExecuteNonQueryAsync(cancellationToken) == 0)
        {
            await using var leave = database.Sql(
                LeaveSql, scope.Org, scope.RealmText, scope.Key, leaseVersion, time.GetUtcNow());
            await leave.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    private const string PurgeSql = """
        with old as (
            select org_id, realm, key
            from platform.idempotency_keys
            where created_at < $1
            order by created_at
            limit $2
        )
        delete from platform.idempotency_keys kept
        using old
        where kept.org_id = old.org_id
          and kept.realm = old.realm
          and kept.key = old.key
        """;

    /// <summary>Forgets answers past their time.</summary>
    public async Task Purge(CancellationToken cancellationToken)
    {
        int removed;
        do
        {
            await using var command = database.Sql(
                PurgeSql, time.GetUtcNow() - IdempotencyLimits.KeptFor, IdempotencyLimits.PurgedAtOnce);
            removed = await command.ExecuteNonQueryAsync(cancellationToken);
        }
        while (removed == IdempotencyLimits.PurgedAtOnce);
    }
}
