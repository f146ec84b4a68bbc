using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;

namespace Quoin.Limiting.Internal;

/// <summary>A draw as it is stored.</summary>
/// <param name="Key">The key of what it was drawn for.</param>
/// <param name="AmountMicros">How much is set aside for it.</param>
/// <param name="Reference">What it is for, for a person.</param>
/// <param name="Details">What its holder told of itself.</param>
/// <param name="DrawnAt">When, by the organisation's clock.</param>
/// <param name="ReservedAt">When, by the system's clock.</param>
internal sealed record StoredDraw(
    string Key, long AmountMicros, string Reference, string? Details, DateTimeOffset DrawnAt, DateTimeOffset ReservedAt);

/// <summary>What is drawn on allowances, as rows.</summary>
internal static class DrawRows
{
    private const string InsertSql = """
        insert into limits.spend_draws (org_id, key, allowance, amount_micros, reference, details, drawn_at, reserved_at)
        select unnest($1::uuid[]), unnest($2::text[]), unnest($3::text[]), unnest($4::bigint[]), unnest($5::text[]),
            unnest($6::text[]), unnest($7::timestamptz[]), $8
        """;

    // A caller alone waits for little else, and this takes half as long.
    private const string InsertOneSql = """
        insert into limits.spend_draws (org_id, key, allowance, amount_micros, reference, details, drawn_at, reserved_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """;

    /// <summary>The command that writes draws, in a transaction of its own.</summary>
    public static NpgsqlCommand Insert(NpgsqlConnection connection, Draw[] draws, DateTimeOffset now) => draws is [var one]
        ? connection.Sql(
            InsertOneSql,
            one.Org.Value,
            one.Request.Key,
            one.Allowance.Key,
            one.Micros,
            one.Request.Reference,
            one.Request.Details,
            one.At.ToUniversalTime(),
            now)
        : connection.Sql(
            InsertSql,
            Array.ConvertAll(draws, draw => draw.Org.Value),
            Array.ConvertAll(draws, draw => draw.Request.Key),
            Array.ConvertAll(draws, draw => draw.Allowance.Key),
            Array.ConvertAll(draws, draw => draw.Micros),
            Array.ConvertAll(draws, draw => draw.Request.Reference),
            Array.ConvertAll(draws, draw => draw.Request.Details),
            Array.ConvertAll(draws, draw => draw.At.ToUniversalTime()),
            now);

    private const string DeleteSql = """
        delete from limits.spend_draws d
        using (select unnest($1::uuid[]) as org_id, unnest($2::text[]) as key) ended
        where d.org_id = ended.org_id
            and d.key = ended.key
        """;

    /// <summary>Adds the statement that removes draws, whose allowances are locked.</summary>
    public static void Delete(NpgsqlBatch batch, Draw[] draws)
    {
        if (draws.Length > 0)
        {
            batch.Sql(
                DeleteSql,
                Array.ConvertAll(draws, draw => draw.Org.Value),
                Array.ConvertAll(draws, draw => draw.Request.Key));
        }
    }

    private const string TakeOfSql = """
        delete from limits.spend_draws d
        using (
            select org_id, key
            from limits.spend_draws
            where org_id = $1
                and allowance = $2
            limit $3
        ) taken
        where d.org_id = taken.org_id
            and d.key = taken.key
        returning d.key, d.amount_micros, d.reference, d.details, d.drawn_at, d.reserved_at
        """;

    /// <summary>Removes and reads what is drawn on an allowance, which is locked; not more than is done at once.</summary>
    public static async Task<IReadOnlyList<StoredDraw>> TakeOf(
        NpgsqlTransaction transaction, ReservationKey allowance, CancellationToken cancellationToken)
    {
        var draws = new List<StoredDraw>();
        await using var command = transaction.Sql(TakeOfSql, allowance.Org.Value, allowance.Key, Limits.DrawsAtOnce);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            draws.Add(new StoredDraw(
                reader.GetString(0),
                reader.GetInt64(1),
                reader.GetString(2),
                reader.IsDBNull(3) ? null : reader.GetString(3),
                reader.GetFieldValue<DateTimeOffset>(4),
                reader.GetFieldValue<DateTimeOffset>(5)));
        }

        return draws;
    }

    private const string DetachSql = """
        insert into limits.spend_reservations
            (org_id, key, billing_account_id, currency, amount_micros, hold_id, reference, details, budget_ids, window_starts,
            state, lapses_at, hold_expires_at, reserved_at)
        select a.org_id, made.key, a.billing_account_id, a.currency, made.amount_micros, made.hold_id, made.reference,
            made.details, a.budget_ids, a.window_starts, 'held', made.lapses_at, made.hold_expires_at, made.reserved_at
        from (
            select unnest($1::uuid[]) as org_id, unnest($2::text[]) as allowance, unnest($3::text[]) as key,
                unnest($4::bigint[]) as amount_micros, unnest($5::uuid[]) as hold_id, unnest($6::text[]) as reference,
                unnest($7::text[]) as details, unnest($8::timestamptz[]) as lapses_at,
                unnest($9::timestamptz[]) as hold_expires_at, unnest($10::timestamptz[]) as reserved_at
        ) made
        join limits.spend_reservations a
            on a.org_id = made.org_id
            and a.key = made.allowance
        """;

    /// <summary>Adds the statement that writes draws as reservations of their own, which count in what their allowances do.</summary>
    public static void Detach(NpgsqlBatch batch, IReadOnlyList<DetachedDraw> draws) => batch.Sql(
        DetachSql,
        draws.Select(one => one.Allowance.Org.Value).ToArray(),
        draws.Select(one => one.Allowance.Key).ToArray(),
        draws.Select(one => one.Draw.Key).ToArray(),
        draws.Select(one => one.Draw.AmountMicros).ToArray(),
        draws.Select(one => one.Hold.Value).ToArray(),
        draws.Select(one => one.Draw.Reference).ToArray(),
        draws.Select(one => one.Draw.Details).ToArray(),
        draws.Select(one => one.LapsesAt).ToArray(),
        draws.Select(one => one.HoldExpiresAt.ToUniversalTime()).ToArray(),
        draws.Select(one => one.Draw.ReservedAt).ToArray());

    private const string PurgeSql = """
        delete from limits.spend_draws d
        where d.reserved_at <= $1
            and not exists (
                select 1
                from limits.spend_reservations a
                where a.org_id = d.org_id
                    and a.key = d.allowance
                    and a.ended_at is null
            )
        """;

    /// <summary>
    /// Removes draws whose allowance is over: who drew them was told that nothing is reserved, or slept until it was.
    /// </summary>
    public static async Task Purge(NpgsqlDataSource database, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(PurgeSql, now - Limits.SpendKeptFor);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}

/// <summary>A draw that becomes a reservation of its own.</summary>
/// <param name="Allowance">The key of the allowance it was a part of.</param>
/// <param name="Draw">The draw.</param>
/// <param name="Hold">Its hold.</param>
/// <param name="LapsesAt">Until when its holder is believed to live, by the system's clock.</param>
/// <param name="HoldExpiresAt">When its hold ends by itself, by the organisation's clock.</param>
internal readonly record struct DetachedDraw(
    ReservationKey Allowance, StoredDraw Draw, HoldId Hold, DateTimeOffset LapsesAt, DateTimeOffset HoldExpiresAt);
