using System.Security.Cryptography;
using System.Text;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>An answer that is given again.</summary>
/// <param name="Call">The call it was made for.</param>
/// <param name="Body">The answer, in the client's protocol.</param>
internal sealed record CachedAnswer(CallId Call, ReadOnlyMemory<byte> Body);

/// <summary>
/// Answers that an organisation wants given again to the same request, byte for byte, in the same protocol. Encrypted,
/// and never another organisation's.
/// </summary>
internal sealed class CachedAnswers(
    NpgsqlDataSource database, Secrets secrets, OrganisationClock clock, TimeProvider time)
{
    private const string Purpose = "inference.cached_answers";

    /// <summary>What tells requests apart: all that a provider gets to see of them, and who may be asked.</summary>
    public static byte[] FingerprintOf(Protocol protocol, string passedOn, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([(byte)protocol]);
        hash.AppendData(Encoding.UTF8.GetBytes(passedOn));
        hash.AppendData([0]);
        hash.AppendData(body);
        return hash.GetHashAndReset();
    }

    // For as long as was said when it was written, and no longer than is said now.
    private const string FindSql = """
        select a.request_id, a.body
        from inference.cached_answers a
        join inference.content_policies p
            on p.org_id = a.org_id
            and p.key_id = '00000000-0000-0000-0000-000000000000'
        where a.org_id = $1
            and a.fingerprint = $2
            and a.kept_until > $3
            and a.recorded_at + p.cached_seconds * interval '1 second' > $3
            and (p.cached_since is null or a.recorded_at > p.cached_since)
        """;

    /// <summary>The answer to a request; null where there is none.</summary>
    public async Task<CachedAnswer?> Find(OrgId org, byte[] fingerprint, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(FindSql, org.Value, fingerprint, Instant.Now(time));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new CachedAnswer(
                new CallId(reader.GetGuid(0)),
                secrets.Unprotect(Purpose, reader.GetFieldValue<byte[]>(1), Context(org, fingerprint)))
            : null;
    }

    private const string WriteSql = """
        insert into inference.cached_answers (org_id, fingerprint, request_id, body, recorded_at, kept_until)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (org_id, fingerprint) do update
        set request_id = excluded.request_id,
            body = excluded.body,
            recorded_at = excluded.recorded_at,
            kept_until = excluded.kept_until
        """;

    /// <summary>Keeps an answer.</summary>
    public async Task Write(
        OrgId org, byte[] fingerprint, CachedAnswer answer, TimeSpan keptFor, CancellationToken cancellationToken)
    {
        var now = Instant.Now(time);
        await using var command = database.Sql(
            WriteSql,
            org.Value,
            fingerprint,
            answer.Call.Value,
            secrets.Protect(Purpose, answer.Body.Span, Context(org, fingerprint)),
            now,
            now.Add(keptFor));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    // What the journal knows the first one to have cost, whatever became of it since.
    private const string SaveSql = """
        insert into inference.savings (org_id, request_id, answered_as, model, currency, saved_micros, occurred_at)
        select $1, $2, $3, $4, min(r.currency), coalesce(min(r.quoted_micros), 0), $5
        from inference.requests r
        where r.org_id = $1
            and r.request_id = $3
        returning saved_micros
        """;

    /// <summary>
    /// Notes that a call was answered from here, when it was by the organisation's clock, as its other calls are; what it
    /// saved, in micros.
    /// </summary>
    public async Task<decimal> Saved(ModelCall call, CachedAnswer answer, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            SaveSql,
            call.Org.Value,
            call.Id.Value,
            answer.Call.Value,
            call.Model,
            (await clock.Now(call.Org, cancellationToken)).ToUniversalTime());
        return (decimal)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    // Those whose time is over, those nobody wants any more, and the oldest where an organisation has too many.
    private const string PurgeSql = """
        delete from inference.cached_answers
        where (org_id, fingerprint) in (
            select a.org_id, a.fingerprint
            from (
                select org_id, fingerprint, recorded_at, kept_until,
                    row_number() over (partition by org_id order by recorded_at desc) as place
                from inference.cached_answers) a
            where a.kept_until <= $1
                or a.place > $2
                or not exists (
                    select
                    from inference.content_policies p
                    where p.org_id = a.org_id
                        and p.key_id = '00000000-0000-0000-0000-000000000000'
                        and a.recorded_at + p.cached_seconds * interval '1 second' > $1
                        and (p.cached_since is null or a.recorded_at > p.cached_since))
            limit $3)
        """;

    /// <summary>Removes what is given no more; how much it was.</summary>
    public async Task<int> Purge(CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            PurgeSql, Instant.Now(time), Limits.CachedAnswersMax, Limits.ContentPurgedAtOnce);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static byte[] Context(OrgId org, byte[] fingerprint) => [.. org.Value.ToByteArray(), .. fingerprint];
}
