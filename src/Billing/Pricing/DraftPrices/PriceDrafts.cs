using System.Text.Json;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Pricing.Internal;

/// <summary>A draft as it is kept.</summary>
internal sealed record PriceDraft(
    PriceDraftId Id,
    PriceBookId Book,
    string Note,
    string Status,
    IReadOnlyList<PriceInput> Prices,
    ImportReport? Report,
    DateTimeOffset CreatedAt,
    DateTimeOffset ChangedAt)
{
    public const string Open = "open";
}

/// <summary>Every way changing or publishing a draft can end.</summary>
internal abstract record DraftOutcome
{
    private DraftOutcome()
    {
    }

    public sealed record Done(PriceDraft Draft) : DraftOutcome;

    public sealed record NotFound(string Reason) : DraftOutcome;

    public sealed record Closed : DraftOutcome;

    public sealed record Refused(string Reason) : DraftOutcome;

    public sealed record BelowCost(string Reason) : DraftOutcome;
}

/// <summary>Keeps drafts, and publishes one as a whole.</summary>
internal sealed class PriceDrafts(
    NpgsqlDataSource database,
    TimeProvider time,
    IdSource ids,
    IAudit audit,
    PublishPrices publishing,
    PriceReader reader)
{
    private const string Columns = "draft_id, price_book_id, note, status, prices, report, created_at, changed_at";

    private const string InsertSql = """
        insert into pricing.price_drafts
            (draft_id, price_book_id, note, status, prices, price_count, report, created_by, created_at, changed_at)
        select $1, price_book_id, $3, 'open', $4, $5, $6, $7, $8, $8
        from pricing.price_books
        where price_book_id = $2
        """;

    public async Task<DraftOutcome> Create(
        PriceBookId book,
        string note,
        IReadOnlyList<PriceInput> prices,
        ImportReport? report,
        string actor,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken)
    {
        if (WhyRefused(note, prices) is { } reason)
        {
            return new DraftOutcome.Refused(reason);
        }

        var now = Instant.Now(time);
        var draft = new PriceDraft(ids.Next<PriceDraftId>(), book, note, PriceDraft.Open, prices, report, now, now);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var command = transaction.Sql(
            InsertSql,
            draft.Id.Value,
            book.Value,
            note,
            JsonSerializer.Serialize(prices, JsonConventions.Options),
            prices.Count,
            report is null ? null : JsonSerializer.Serialize(report, JsonConventions.Options),
            actor,
            now);
        if (await command.ExecuteNonQueryAsync(cancellationToken) == 0)
        {
            return new DraftOutcome.NotFound("There is no such price book.");
        }

        await Finish(transaction, actor, "price_draft.created", draft, idempotent, cancellationToken);
        return new DraftOutcome.Done(draft);
    }

    private const string ReplaceSql = """
        update pricing.price_drafts
        set note = $2, prices = $3, price_count = $4, changed_at = $5
        where draft_id = $1
        """;

    public Task<DraftOutcome> Replace(
        PriceDraftId id,
        string note,
        IReadOnlyList<PriceInput> prices,
        string actor,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken) => WithOpen(
            id,
            async (transaction, draft) =>
            {
                if (WhyRefused(note, prices) is { } reason)
                {
                    return new DraftOutcome.Refused(reason);
                }

                var changed = draft with { Note = note, Prices = prices, ChangedAt = Instant.Now(time) };
                await using var command = transaction.Sql(
                    ReplaceSql,
                    id.Value,
                    note,
                    JsonSerializer.Serialize(prices, JsonConventions.Options),
                    prices.Count,
                    changed.ChangedAt);
                await command.ExecuteNonQueryAsync(cancellationToken);
                await Finish(transaction, actor, "price_draft.changed", changed, idempotent, cancellationToken);
                return new DraftOutcome.Done(changed);
            },
            cancellationToken);

    private const string CloseSql = """
        update pricing.price_drafts
        set status = $2, changed_at = $3
        where draft_id = $1
        """;

    public Task<DraftOutcome> Discard(
        PriceDraftId id, string actor, IdempotentRequest idempotent, CancellationToken cancellationToken) => WithOpen(
            id,
            async (transaction, draft) =>
            {
                var discarded = await Close(transaction, draft, "discarded", cancellationToken);
                await Finish(transaction, actor, "price_draft.discarded", discarded, idempotent, cancellationToken);
                return new DraftOutcome.Done(discarded);
            },
            cancellationToken);

    /// <summary>Publishes what differs from the prices there are: all of it or none.</summary>
    /// <param name="id">The draft.</param>
    /// <param name="effectiveFrom">When those begin that change a price and name no time of their own.</param>
    /// <param name="maySellBelowCost">Whether a price may ask less than its usage costs.</param>
    /// <param name="actor">Who does it.</param>
    /// <param name="idempotent">The request.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<DraftOutcome> Publish(
        PriceDraftId id,
        DateTimeOffset? effectiveFrom,
        bool maySellBelowCost,
        string actor,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken) => WithOpen(
            id,
            async (transaction, draft) =>
            {
                var snapshot = await reader.Current(transaction.Connection!, cancellationToken);
                var changes = PriceDiff.Of(draft, snapshot, time.GetUtcNow())
                    .Where(change => change.Kind != PriceChangeKind.Unchanged);
                NewPrice[] prices =
                [
                    .. changes.Select(change => change.Price with
                    {
                        EffectiveFrom = change.Price.EffectiveFrom ?? (IsFirst(change) ? null : effectiveFrom),
                    }),
                ];
                var outcome = prices.Length == 0
                    ? new PublishOutcome.Published([])
                    : await publishing.Publish(transaction, draft.Book, prices, maySellBelowCost, actor, cancellationToken);
                if (outcome is PublishOutcome.Refused refused)
                {
                    var price = prices[refused.Index];
                    return new DraftOutcome.Refused($"{price.Meter} {price.Match}: {refused.Reason}");
                }

                if (outcome is PublishOutcome.BelowCost below)
                {
                    var price = prices[below.Index];
                    return new DraftOutcome.BelowCost($"{price.Meter} {price.Match}: {below.Reason}");
                }

                var published = await Close(transaction, draft, "published", cancellationToken);
                await Finish(transaction, actor, "price_draft.published", published, idempotent, cancellationToken);
                return new DraftOutcome.Done(published);
            },
            cancellationToken);

    // A price in the place of "there is none" since the start of time is the first one, and holds for what waits.
    private static bool IsFirst(PriceChange change) =>
        change.Before is null || change.Before.EffectiveFrom < PriceCheck.StartOfTime;

    private const string OneSql = $"""
        select {Columns}
        from pricing.price_drafts
        where draft_id = $1
        """;

    public async Task<PriceDraft?> Find(PriceDraftId id, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(OneSql, id.Value);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        return await row.ReadAsync(cancellationToken) ? Read(row) : null;
    }

    private const string NewestSql = """
        select draft_id, price_book_id, note, status, price_count, report, created_at, changed_at
        from pricing.price_drafts
        where $1::timestamptz is null or (created_at, draft_id) < ($1, $2)
        order by created_at desc, draft_id desc
        limit $3
        """;

    /// <summary>Drafts without their prices, newest first.</summary>
    public async Task<List<DraftRow>> Newest(
        (DateTimeOffset At, PriceDraftId Id)? before, int limit, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(NewestSql, before?.At, before?.Id.Value ?? Guid.Empty, limit);
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var drafts = new List<DraftRow>();
        while (await row.ReadAsync(cancellationToken))
        {
            drafts.Add(new DraftRow(
                new PriceDraftId(row.GetGuid(0)),
                new PriceBookId(row.GetGuid(1)),
                row.GetString(2),
                row.GetString(3),
                row.GetInt32(4),
                ReportOf(row, 5),
                row.GetFieldValue<DateTimeOffset>(6),
                row.GetFieldValue<DateTimeOffset>(7)));
        }

        return drafts;
    }

    private const string LockSql = $"{OneSql} for update";

    private async Task<DraftOutcome> WithOpen(
        PriceDraftId id,
        Func<NpgsqlTransaction, PriceDraft, Task<DraftOutcome>> change,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        PriceDraft? draft = null;
        await using (var command = transaction.Sql(LockSql, id.Value))
        {
            await using var row = await command.ExecuteReaderAsync(cancellationToken);
            draft = await row.ReadAsync(cancellationToken) ? Read(row) : null;
        }

        return draft switch
        {
            null => new DraftOutcome.NotFound("There is no such draft."),
            { Status: not PriceDraft.Open } => new DraftOutcome.Closed(),
            _ => await change(transaction, draft),
        };
    }

    private async Task<PriceDraft> Close(
        NpgsqlTransaction transaction, PriceDraft draft, string status, CancellationToken cancellationToken)
    {
        var closed = draft with { Status = status, ChangedAt = Instant.Now(time) };
        await using var command = transaction.Sql(CloseSql, draft.Id.Value, status, closed.ChangedAt);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return closed;
    }

    private async Task Finish(
        NpgsqlTransaction transaction,
        string actor,
        string action,
        PriceDraft draft,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken)
    {
        var after = $$"""{"price_book":"{{draft.Book}}","prices":{{draft.Prices.Count}}}""";
        await audit.Record(
            transaction, new AuditEntry(null, actor, action, draft.Id.ToString(), After: after), cancellationToken);
        await idempotent.Complete(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static string? WhyRefused(string note, IReadOnlyList<PriceInput> prices)
    {
        if (note.Length > Limits.NoteLettersMax || note.Any(char.IsControl))
        {
            return $"A note has up to {Limits.NoteLettersMax} letters.";
        }

        if (prices.Count is 0 or > Limits.PricesPerDraftMax)
        {
            return $"prices has 1 to {Limits.PricesPerDraftMax} members.";
        }

        foreach (var (index, input) in prices.Index())
        {
            var (price, problem) = input.Read();
            if ((price is null ? problem : PriceCheck.Content(price)) is { } wrong)
            {
                return $"prices[{index}]: {wrong}";
            }
        }

        return null;
    }

    private static PriceDraft Read(NpgsqlDataReader row) => new(
        new PriceDraftId(row.GetGuid(0)),
        new PriceBookId(row.GetGuid(1)),
        row.GetString(2),
        row.GetString(3),
        JsonSerializer.Deserialize<PriceInput[]>(row.GetString(4), JsonConventions.Options)!,
        ReportOf(row, 5),
        row.GetFieldValue<DateTimeOffset>(6),
        row.GetFieldValue<DateTimeOffset>(7));

    private static ImportReport? ReportOf(NpgsqlDataReader row, int column) => row.IsDBNull(column)
        ? null
        : JsonSerializer.Deserialize<ImportReport>(row.GetString(column), JsonConventions.Options);
}
