using System.Text.Json;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>Writes the journal.</summary>
internal static class RequestRows
{
    // A row in review is of a host that was taken for dead and lived: what it says now is the truth. What has been settled
    // or waived before stays, and nothing is told a second time.
    private const string WriteSql = """
        with written as (
            insert into inference.requests (
                org_id, request_id, billing_account_id, actor, project_id, session, end_user, tags, protocol, model,
                is_stream, status, review, provider, provider_model, input_tokens, cached_read_tokens, cached_write_tokens,
                cached_write_hour_tokens, output_tokens, reasoning_tokens, audio_input_tokens, audio_cached_read_tokens,
                audio_output_tokens, provider_requests, is_estimated, currency, reserved_micros, quoted_micros,
                provider_micros, over_micros, parts, unpriced, hold, started_at, occurred_at, recorded_at,
                first_byte_micros, total_micros, attempts, provider_status, provider_request_id,
                admitted_micros, asked_micros, responded_micros, failed_attempts)
            select
                org_id, request_id, billing_account_id, actor, project_id, session, end_user, tags, protocol, model,
                is_stream, status, review, provider, provider_model, input_tokens, cached_read_tokens, cached_write_tokens,
                cached_write_hour_tokens, output_tokens, reasoning_tokens, audio_input_tokens, audio_cached_read_tokens,
                audio_output_tokens, provider_requests, is_estimated, currency, reserved_micros, quoted_micros,
                provider_micros, over_micros, parts, unpriced, hold, started_at, occurred_at, $1,
                first_byte_micros, total_micros, attempts, provider_status, provider_request_id,
                admitted_micros, asked_micros, responded_micros, failed_attempts
            from unnest(
                $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::text[], $8::text[], $9::jsonb[],
                $10::text[], $11::text[], $12::boolean[], $13::text[], $14::text[], $15::text[], $16::text[],
                $17::bigint[], $18::bigint[], $19::bigint[], $20::bigint[], $21::bigint[], $22::bigint[], $23::bigint[],
                $24::bigint[], $25::bigint[], $26::bigint[], $27::boolean[], $28::text[], $29::bigint[], $30::numeric[],
                $31::numeric[], $32::numeric[], $33::jsonb[], $34::jsonb[], $35::text[], $36::timestamptz[],
                $37::timestamptz[], $38::bigint[], $39::bigint[], $40::integer[], $41::integer[], $42::text[],
                $45::bigint[], $46::bigint[], $47::bigint[], $48::jsonb[])
                as new (
                    org_id, request_id, billing_account_id, actor, project_id, session, end_user, tags, protocol, model,
                    is_stream, status, review, provider, provider_model, input_tokens, cached_read_tokens,
                    cached_write_tokens, cached_write_hour_tokens, output_tokens, reasoning_tokens, audio_input_tokens,
                    audio_cached_read_tokens, audio_output_tokens, provider_requests, is_estimated, currency,
                    reserved_micros, quoted_micros, provider_micros, over_micros, parts, unpriced, hold,
                    started_at, occurred_at, first_byte_micros, total_micros, attempts, provider_status,
                    provider_request_id, admitted_micros, asked_micros, responded_micros, failed_attempts)
            on conflict (org_id, request_id) do update
            set status = excluded.status,
                review = excluded.review,
                provider = excluded.provider,
                provider_model = excluded.provider_model,
                input_tokens = excluded.input_tokens,
                cached_read_tokens = excluded.cached_read_tokens,
                cached_write_tokens = excluded.cached_write_tokens,
                cached_write_hour_tokens = excluded.cached_write_hour_tokens,
                output_tokens = excluded.output_tokens,
                reasoning_tokens = excluded.reasoning_tokens,
                audio_input_tokens = excluded.audio_input_tokens,
                audio_cached_read_tokens = excluded.audio_cached_read_tokens,
                audio_output_tokens = excluded.audio_output_tokens,
                provider_requests = excluded.provider_requests,
                is_estimated = excluded.is_estimated,
                currency = excluded.currency,
                quoted_micros = excluded.quoted_micros,
                provider_micros = excluded.provider_micros,
                over_micros = excluded.over_micros,
                parts = excluded.parts,
                unpriced = excluded.unpriced,
                occurred_at = excluded.occurred_at,
                recorded_at = excluded.recorded_at,
                first_byte_micros = excluded.first_byte_micros,
                total_micros = excluded.total_micros,
                attempts = excluded.attempts,
                provider_status = excluded.provider_status,
                provider_request_id = excluded.provider_request_id,
                admitted_micros = excluded.admitted_micros,
                asked_micros = excluded.asked_micros,
                responded_micros = excluded.responded_micros,
                failed_attempts = excluded.failed_attempts
            where requests.review is not null
            returning org_id, request_id
        )
        insert into inference.untold (
            org_id, request_id, shard, billing_account_id, occurred_at, recorded_at, hold, data)
        select new.org_id, new.request_id, new.shard, new.billing_account_id, new.occurred_at, $1, new.hold, new.data
        from written
        join unnest($2::uuid[], $3::uuid[], $43::smallint[], $4::uuid[], $37::timestamptz[], $35::text[], $44::text[])
            as new (org_id, request_id, shard, billing_account_id, occurred_at, hold, data)
            on new.org_id = written.org_id
            and new.request_id = written.request_id
        where new.data is not null
        """;

    // Of calls that nobody can have written down before. Arrays are unnested side by side in a select list: as a function in a
    // from clause the rows would be stored once more before they are read.
    private const string InsertSql = """
        with written as (
            insert into inference.requests (
                org_id, request_id, billing_account_id, actor, project_id, session, end_user, tags, protocol,
                model, is_stream, status, review, provider, provider_model, input_tokens, cached_read_tokens,
                cached_write_tokens, cached_write_hour_tokens, output_tokens, reasoning_tokens, audio_input_tokens,
                audio_cached_read_tokens, audio_output_tokens, provider_requests, is_estimated, currency,
                reserved_micros, quoted_micros, provider_micros, over_micros, parts, unpriced, hold, started_at,
                occurred_at, recorded_at, first_byte_micros, total_micros, attempts, provider_status,
                provider_request_id, admitted_micros, asked_micros, responded_micros, failed_attempts)
            select
                unnest($2::uuid[]), unnest($3::uuid[]), unnest($4::uuid[]), unnest($5::text[]), unnest($6::uuid[]),
                unnest($7::text[]), unnest($8::text[]), unnest($9::jsonb[]), unnest($10::text[]),
                unnest($11::text[]), unnest($12::boolean[]), unnest($13::text[]), unnest($14::text[]),
                unnest($15::text[]), unnest($16::text[]), unnest($17::bigint[]), unnest($18::bigint[]),
                unnest($19::bigint[]), unnest($20::bigint[]), unnest($21::bigint[]), unnest($22::bigint[]),
                unnest($23::bigint[]), unnest($24::bigint[]), unnest($25::bigint[]), unnest($26::bigint[]),
                unnest($27::boolean[]), unnest($28::text[]), unnest($29::bigint[]), unnest($30::numeric[]),
                unnest($31::numeric[]), unnest($32::numeric[]), unnest($33::jsonb[]), unnest($34::jsonb[]),
                unnest($35::text[]), unnest($36::timestamptz[]), unnest($37::timestamptz[]), $1,
                unnest($38::bigint[]), unnest($39::bigint[]), unnest($40::integer[]), unnest($41::integer[]),
                unnest($42::text[]), unnest($45::bigint[]), unnest($46::bigint[]), unnest($47::bigint[]),
                unnest($48::jsonb[])
        )
        insert into inference.untold (
            org_id, request_id, shard, billing_account_id, occurred_at, recorded_at, hold, data)
        select new.org_id, new.request_id, new.shard, new.billing_account_id, new.occurred_at, $1, new.hold, new.data
        from (
            select unnest($2::uuid[]) as org_id, unnest($3::uuid[]) as request_id, unnest($43::smallint[]) as shard,
                unnest($4::uuid[]) as billing_account_id, unnest($37::timestamptz[]) as occurred_at,
                unnest($35::text[]) as hold, unnest($44::text[]) as data
        ) new
        where new.data is not null
        """;

    /// <summary>Adds the writing of some calls, and of what is to be told of them, to a batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="rows">The calls, each once, and what is to be told of each; null for nothing.</param>
    /// <param name="now">When it is recorded, by the system's clock.</param>
    /// <param name="areFirst">Whether none can have been written down before; where one was, the batch fails.</param>
    public static void Write(
        NpgsqlBatch batch, IReadOnlyList<(RequestRow Row, Untold? Untold)> rows, DateTimeOffset now, bool areFirst = false) =>
        batch.Sql(
            areFirst ? InsertSql : WriteSql,
            now,
            Of(rows, row => row.Call.Org.Value),
            Of(rows, row => row.Call.Id.Value),
            Of(rows, row => row.Call.BillingAccount.Value),
            Of(rows, row => row.Call.Actor),
            Of(rows, row => row.Project?.Value),
            Of(rows, row => row.Call.Session),
            Of(rows, row => row.Call.User),
            Of(rows, row => Json(row.Tags)),
            Of(rows, row => StoredWord.Of(row.Call.Protocol)),
            Of(rows, row => row.Call.Model),
            Of(rows, row => row.Call.IsStream),
            Of(rows, row => row.Status),
            Of(rows, row => row.Review),
            Of(rows, row => row.Answered?.Provider),
            Of(rows, row => row.Answered?.Model),
            Of(rows, row => row.Usage.InputTokens),
            Of(rows, row => row.Usage.CachedReadTokens),
            Of(rows, row => row.Usage.CachedWriteTokens),
            Of(rows, row => row.Usage.CachedWriteHourTokens),
            Of(rows, row => row.Usage.OutputTokens),
            Of(rows, row => row.Usage.ReasoningTokens),
            Of(rows, row => row.Usage.AudioInputTokens),
            Of(rows, row => row.Usage.AudioCachedReadTokens),
            Of(rows, row => row.Usage.AudioOutputTokens),
            Of(rows, row => row.Usage.Requests),
            Of(rows, row => row.Usage.IsEstimated),
            Of(rows, row => row.Currency?.ToString()),
            Of(rows, row => row.ReservedMicros),
            Of(rows, row => row.QuotedMicros),
            Of(rows, row => row.ProviderMicros),
            Of(rows, row => row.OverMicros),
            Of(rows, row => Json(row.Parts)),
            Of(rows, row => Json(row.Unpriced)),
            Of(rows, row => row.Hold),
            Of(rows, row => row.Call.StartedAt.ToUniversalTime()),
            Of(rows, row => row.OccurredAt.ToUniversalTime()),
            Of(rows, row => Micros(row.FirstByte)),
            Of(rows, row => Micros(row.Total)!.Value),
            Of(rows, row => row.Attempts),
            Of(rows, row => row.ProviderStatus),
            Of(rows, row => row.ProviderRequestId),
            Of(rows, row => (short)OrgShard.Of(row.Call.Org, Limits.TellShards)),
            rows.Select(one => one.Untold?.Data).ToArray(),
            Of(rows, row => Micros(row.Admitted)),
            Of(rows, row => Micros(row.Asked)),
            Of(rows, row => Micros(row.Responded)),
            Of(rows, row => row.FailedAttempts.Count == 0 ? null : Json(row.FailedAttempts)));

    private static T[] Of<T>(IReadOnlyList<(RequestRow Row, Untold? Untold)> rows, Func<RequestRow, T> column)
    {
        var values = new T[rows.Count];
        for (var index = 0; index < values.Length; index++)
        {
            values[index] = column(rows[index].Row);
        }

        return values;
    }

    /// <summary>The columns <see cref="Read"/> reads, of a table or alias <c>r</c>.</summary>
    public const string Columns = """
        r.org_id, r.request_id, r.billing_account_id, r.actor, r.project_id, r.session, r.end_user, r.tags, r.protocol,
            r.model, r.is_stream, r.status, r.review, r.provider, r.provider_model, r.input_tokens, r.cached_read_tokens,
            r.cached_write_tokens, r.cached_write_hour_tokens, r.output_tokens, r.reasoning_tokens, r.audio_input_tokens,
            r.audio_cached_read_tokens, r.audio_output_tokens, r.provider_requests, r.is_estimated, r.currency,
            r.reserved_micros, r.quoted_micros, r.provider_micros, r.parts, r.unpriced, r.hold, r.started_at, r.occurred_at,
            r.first_byte_micros, r.total_micros, r.attempts, r.provider_status, r.provider_request_id, r.recorded_at,
            r.reviewed_by, r.reviewed_at, r.admitted_micros, r.asked_micros, r.responded_micros, r.failed_attempts
        """;

    /// <summary>Reads a call of the journal.</summary>
    public static StoredRequest Read(NpgsqlDataReader reader)
    {
        var call = new ModelCall(
            new CallId(reader.GetGuid(1)),
            new OrgId(reader.GetGuid(0)),
            new BillingAccountId(reader.GetGuid(2)),
            reader.GetString(3),
            StoredWord.Read<Protocol>(reader.GetString(8)),
            reader.GetString(9),
            [],
            reader.GetBoolean(10),
            reader.GetFieldValue<DateTimeOffset>(33))
        {
            Session = Text(reader, 5),
            User = Text(reader, 6),
        };
        var row = new RequestRow(
            call,
            reader.IsDBNull(4) ? null : new ProjectId(reader.GetGuid(4)),
            Json<string>(reader, 7),
            reader.GetString(11),
            reader.GetFieldValue<DateTimeOffset>(34))
        {
            Review = Text(reader, 12),
            Answered = reader.IsDBNull(13) ? null : new ProviderModel(reader.GetString(13), reader.GetString(14)),
            Usage = UsageAt(reader),
            Currency = Text(reader, 26) is { } currency ? Kernel.Currency.Of(currency) : null,
            ReservedMicros = reader.GetInt64(27),
            QuotedMicros = reader.IsDBNull(28) ? null : reader.GetDecimal(28),
            ProviderMicros = reader.IsDBNull(29) ? null : reader.GetDecimal(29),
            Parts = Json<PricedPart>(reader, 30),
            Unpriced = Json<string>(reader, 31),
            Hold = Text(reader, 32),
            Admitted = Time(reader, 43),
            Asked = Time(reader, 44),
            Responded = Time(reader, 45),
            FailedAttempts = reader.IsDBNull(46) ? [] : Json<FailedAttempt>(reader, 46),
            FirstByte = Time(reader, 35),
            Total = TimeSpan.FromMicroseconds(reader.GetInt64(36)),
            Attempts = reader.GetInt32(37),
            ProviderStatus = reader.IsDBNull(38) ? null : reader.GetInt32(38),
            ProviderRequestId = Text(reader, 39),
        };
        return new StoredRequest(
            row,
            reader.GetFieldValue<DateTimeOffset>(40),
            Text(reader, 41),
            reader.IsDBNull(42) ? null : reader.GetFieldValue<DateTimeOffset>(42));
    }

    private static ModelUsage UsageAt(NpgsqlDataReader reader) => new()
    {
        InputTokens = reader.GetInt64(15),
        CachedReadTokens = reader.GetInt64(16),
        CachedWriteTokens = reader.GetInt64(17),
        CachedWriteHourTokens = reader.GetInt64(18),
        OutputTokens = reader.GetInt64(19),
        ReasoningTokens = reader.GetInt64(20),
        AudioInputTokens = reader.GetInt64(21),
        AudioCachedReadTokens = reader.GetInt64(22),
        AudioOutputTokens = reader.GetInt64(23),
        Requests = reader.GetInt64(24),
        IsEstimated = reader.GetBoolean(25),
    };

    private static TimeSpan? Time(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : TimeSpan.FromMicroseconds(reader.GetInt64(column));

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    private static IReadOnlyList<T> Json<T>(NpgsqlDataReader reader, int column) =>
        JsonSerializer.Deserialize<IReadOnlyList<T>>(reader.GetString(column), JsonConventions.Options)!;

    private static string Json<T>(IReadOnlyList<T> all) =>
        all.Count == 0 ? "[]" : JsonSerializer.Serialize(all, JsonConventions.Options);

    private static long? Micros(TimeSpan? time) => time?.Ticks / TimeSpan.TicksPerMicrosecond;
}
