using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>What was asked and answered, where an organisation wants it kept: encrypted, for so many days.</summary>
internal sealed class KeptContent(NpgsqlDataSource database, Secrets secrets, TimeProvider time)
{
    private const string Purpose = "inference.contents";

    private const string WriteSql = """
        insert into inference.contents (org_id, request_id, request, answer, is_cut, recorded_at, kept_until)
        values ($1, $2, $3, $4, $5, $6, $7)
        on conflict (org_id, request_id) do nothing
        """;

    /// <summary>Keeps a call's content.</summary>
    public async Task Write(
        ModelCall call, ReadOnlyMemory<byte> request, ReadOnlyMemory<byte> answer, int days, CancellationToken cancellationToken)
    {
        var now = Instant.Now(time);
        await using var command = database.Sql(
            WriteSql,
            call.Org.Value,
            call.Id.Value,
            Protected(call.Org, call.Id, request, "request"u8),
            Protected(call.Org, call.Id, answer, "answer"u8),
            Math.Max(request.Length, answer.Length) > Limits.ContentBytesMax,
            now,
            now.AddDays(days));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    // For as long as was said when it was written, and no longer than is said now.
    private const string FindSql = """
        select c.request, c.answer, c.is_cut, c.recorded_at,
            least(c.kept_until, c.recorded_at + p.days_kept * interval '24 hours')
        from inference.contents c
        join inference.content_policies p
            on p.org_id = c.org_id
            and p.key_id = '00000000-0000-0000-0000-000000000000'
        where c.org_id = $1
            and c.request_id = $2
            and c.kept_until > $3
            and c.recorded_at + p.days_kept * interval '24 hours' > $3
            and (p.kept_since is null or c.recorded_at > p.kept_since)
        """;

    /// <summary>A call's content; null where none is kept.</summary>
    public async Task<CallContent?> Find(OrgId org, CallId call, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(FindSql, org.Value, call.Value, Instant.Now(time));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new CallContent(
                call,
                Opened(org, call, reader.GetFieldValue<byte[]>(0), "request"u8),
                Opened(org, call, reader.GetFieldValue<byte[]>(1), "answer"u8),
                reader.GetBoolean(2),
                reader.GetFieldValue<DateTimeOffset>(3),
                reader.GetFieldValue<DateTimeOffset>(4))
            : null;
    }

    // Also what its organisation wants kept no more, or not for so long.
    private const string PurgeSql = """
        delete from inference.contents
        where (org_id, request_id) in (
            select c.org_id, c.request_id
            from inference.contents c
            where c.kept_until <= $1
                or not exists (
                    select
                    from inference.content_policies p
                    where p.org_id = c.org_id
                        and p.key_id = '00000000-0000-0000-0000-000000000000'
                        and c.recorded_at + p.days_kept * interval '24 hours' > $1
                        and (p.kept_since is null or c.recorded_at > p.kept_since))
            limit $2)
        """;

    /// <summary>Removes what need not be kept any more; how much it was.</summary>
    public async Task<int> Purge(CancellationToken cancellationToken)
    {
        await using var command = database.Sql(PurgeSql, Instant.Now(time), Limits.ContentPurgedAtOnce);
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private byte[] Protected(OrgId org, CallId call, ReadOnlyMemory<byte> content, ReadOnlySpan<byte> part) =>
        secrets.Protect(Purpose, content.Span[..Math.Min(content.Length, Limits.ContentBytesMax)], Context(org, call, part));

    private string Opened(OrgId org, CallId call, byte[] content, ReadOnlySpan<byte> part) =>
        System.Text.Encoding.UTF8.GetString(secrets.Unprotect(Purpose, content, Context(org, call, part)));

    private static byte[] Context(OrgId org, CallId call, ReadOnlySpan<byte> part) =>
        [.. org.Value.ToByteArray(), .. call.Value.ToByteArray(), .. part];
}
