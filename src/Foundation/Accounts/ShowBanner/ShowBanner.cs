using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Keeps the maintenance banner.</summary>
internal sealed class ShowBanner
{
    private const string Only = "banner";

    private readonly NpgsqlDataSource database;
    private readonly IAudit audit;
    private readonly IdSource ids;
    private readonly TimeProvider time;
    private readonly FreshCache<string, BannerProfile> planned;

    public ShowBanner(NpgsqlDataSource database, IAudit audit, IdSource ids, TimeProvider time)
    {
        (this.database, this.audit, this.ids, this.time) = (database, audit, ids, time);
        planned = new(Query, 1, time);
    }

    /// <summary><c>GET /v1/banner</c>.</summary>
    public static async Task<Results<Ok<BannerProfile>, NoContent>> Endpoint(
        ShowBanner handler, CancellationToken cancellationToken) =>
        await handler.Planned(cancellationToken) is { } banner ? TypedResults.Ok(banner) : TypedResults.NoContent();

    /// <summary><c>POST /v1/banner</c>.</summary>
    public static async Task<Results<Ok<BannerProfile>, Problem>> AnnounceEndpoint(
        NewBanner body, ShowBanner handler, HttpContext context, CancellationToken cancellationToken) =>
        await handler.Announce(body, context.Caller().Actor, cancellationToken) switch
        {
            BannerOutcome.Done(var banner) => TypedResults.Ok(banner),
            BannerOutcome.Invalid(var input) => AccountsProblems.Of(input),
            _ => throw new System.Diagnostics.UnreachableException(),
        };

    /// <summary><c>DELETE /v1/banner</c>.</summary>
    public static async Task<NoContent> TakeDownEndpoint(
        ShowBanner handler, HttpContext context, CancellationToken cancellationToken)
    {
        await handler.TakeDown(context.Caller().Actor, cancellationToken);
        return TypedResults.NoContent();
    }

    public async ValueTask<BannerProfile?> Current(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        return await planned.Find(Only, cancellationToken) is { } banner && banner.StartsAt <= now && now < banner.EndsAt
            ? banner
            : null;
    }

    public async ValueTask<BannerProfile?> Planned(CancellationToken cancellationToken) =>
        await planned.Find(Only, cancellationToken) is { } banner && time.GetUtcNow() < banner.EndsAt ? banner : null;

    public async Task<BannerOutcome> Announce(NewBanner request, string actor, CancellationToken cancellationToken)
    {
        var now = Instant.Now(time);
        var startsAt = request.StartsAt ?? now;
        var isLong = request.EndsAt <= now || request.EndsAt <= startsAt || request.EndsAt > startsAt + Limits.BannerLifetimeMax;
        var invalid = InvalidInput.Of(
            ("text", InputText.Problem(request.Text, Limits.BannerLettersMax)),
            ("ends_at", isLong ? $"must lie ahead, after the beginning, by at most {Limits.BannerLifetimeMax.TotalDays:0} days" : null));
        if (invalid is not null)
        {
            return new BannerOutcome.Invalid(invalid);
        }

        var banner = new BannerProfile(request.Text, startsAt, request.EndsAt);
        var id = ids.Next<BannerId>();
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await End(transaction, now, cancellationToken);
        await Insert(transaction, id, banner, actor, now, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(null, actor, "banner.announced", id.ToString(), After: AuditState.Of(banner)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        planned.Forget(Only);
        return new BannerOutcome.Done(banner);
    }

    public async Task TakeDown(string actor, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await End(transaction, Instant.Now(time), cancellationToken) is not { } ended)
        {
            return;
        }

        await audit.Record(
            transaction, new AuditEntry(null, actor, "banner.taken_down", ended.ToString()), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        planned.Forget(Only);
    }

    private const string EndSql = """
        update accounts.banners
        set ended_at = $1
        where ended_at is null
            and ends_at > $1
        returning banner_id
        """;

    private static async Task<BannerId?> End(
        NpgsqlTransaction transaction, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(EndSql, now);
        return await command.ExecuteScalarAsync(cancellationToken) is Guid id ? new BannerId(id) : null;
    }

    private const string InsertSql = """
        insert into accounts.banners (banner_id, text, starts_at, ends_at, created_by, created_at)
        values ($1, $2, $3, $4, $5, $6)
        """;

    private static async Task Insert(
        NpgsqlTransaction transaction,
        BannerId id,
        BannerProfile banner,
        string actor,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            InsertSql, id.Value, banner.Text, banner.StartsAt, banner.EndsAt, actor, now);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string ReadSql = """
        select text, starts_at, ends_at
        from accounts.banners
        where ended_at is null
            and ends_at > $1
        order by created_at desc
        limit 1
        """;

    private async Task<IReadOnlyDictionary<string, BannerProfile>> Query(
        IReadOnlyList<string> asked, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(ReadSql, time.GetUtcNow());
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var found = new Dictionary<string, BannerProfile>(StringComparer.Ordinal);
        if (await row.ReadAsync(cancellationToken))
        {
            found.Add(
                asked[0],
                new BannerProfile(
                    row.GetString(0), row.GetFieldValue<DateTimeOffset>(1), row.GetFieldValue<DateTimeOffset>(2)));
        }

        return found;
    }
}
