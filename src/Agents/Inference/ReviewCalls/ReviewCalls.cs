using Npgsql;
using Quoin.Inference.Internal;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>
/// What people do about calls that nobody could settle: say what they used, settle them by that, or waive them. Each is in
/// the audit log with its reason; whoever comes second is told that it is over.
/// </summary>
internal sealed class ReviewCalls(
    NpgsqlDataSource database,
    ReadRequests requests,
    CallPrices prices,
    Spending spending,
    IAudit audit,
    TimeProvider time,
    WakeUps wakeUps)
{
    private const string ListSql = $"""
        select {RequestRows.Columns}
        from inference.requests r
        where r.review is not null
            and r.request_id > $1
            and ($2::uuid is null or r.org_id = $2)
        order by r.request_id
        limit $3
        """;

    /// <summary>Calls in review, the oldest first.</summary>
    public async Task<IReadOnlyList<StoredRequest>> List(
        OrgId? org, CallId after, int rowsMax, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(ListSql, after.Value, org?.Value, rowsMax);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<StoredRequest>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(RequestRows.Read(reader));
        }

        return rows;
    }

    /// <summary>Says what a call used; it stays in review.</summary>
    public async Task<ReviewOutcome> Attach(
        OrgId org, CallId id, AttachedUsage attached, string actor, CancellationToken cancellationToken)
    {
        if (await requests.Find(org, id, cancellationToken) is not { } stored)
        {
            return new ReviewOutcome.NotFound();
        }

        var row = stored.Row with
        {
            Answered = new ProviderModel(attached.Provider, attached.Model),
            Usage = attached.ToUsage(),
        };
        var (priced, _) = await Price(row, cancellationToken);
        return await Write(
            stored, priced, untold: null, "inference_request.attached", actor, attached.Reason, cancellationToken);
    }

    /// <summary>Charges a call what it is known to have used.</summary>
    public async Task<ReviewOutcome> Settle(
        OrgId org, CallId id, ReviewDecision decision, string actor, CancellationToken cancellationToken)
    {
        if (await requests.Find(org, id, cancellationToken) is not { } stored)
        {
            return new ReviewOutcome.NotFound();
        }

        if (stored.Row.Review is null)
        {
            return new ReviewOutcome.Over();
        }

        if (stored.Row is not { Answered: not null, Usage.IsNone: false })
        {
            return new ReviewOutcome.NotKnown();
        }

        var (row, data) = await Price(stored.Row, cancellationToken);
        return data is null
            ? new ReviewOutcome.NotPriced(row.Unpriced)
            : await Write(
                stored,
                row with { Review = null },
                new Untold(data.ToJson()),
                "inference_request.settled",
                actor,
                decision.Reason,
                cancellationToken);
    }

    /// <summary>Charges nothing for a call.</summary>
    public async Task<ReviewOutcome> Waive(
        OrgId org, CallId id, ReviewDecision decision, string actor, CancellationToken cancellationToken)
    {
        if (await requests.Find(org, id, cancellationToken) is not { } stored)
        {
            return new ReviewOutcome.NotFound();
        }

        if (stored.Row.Review is null)
        {
            return new ReviewOutcome.Over();
        }

        // First the money: should the host die now, waiving again finds it given back already.
        if (await spending.Cancel(org, id.ToString(), cancellationToken) is SpendChange.Unavailable)
        {
            return new ReviewOutcome.Unavailable();
        }

        return await Write(
            stored,
            stored.Row with { Status = RequestRow.Waived, Review = null, QuotedMicros = 0 },
            untold: null,
            "inference_request.waived",
            actor,
            decision.Reason,
            cancellationToken);
    }

    // The price is that of when it was used.
    private async Task<(RequestRow Row, CompletionData? Data)> Price(RequestRow row, CancellationToken cancellationToken)
    {
        var priced = await prices.Price(
            row.Call, row.Project, row.Answered!, row.Usage, row.OccurredAt, cancellationToken);
        return priced switch
        {
            null => (row with { QuotedMicros = null }, null),
            { Unpriced.Count: > 0 } => (row.Priced(priced) with { QuotedMicros = null }, null),
            _ => (row.Priced(priced), priced.Data),
        };
    }

    private const string LockSql = """
        select recorded_at
        from inference.requests
        where org_id = $1
            and request_id = $2
            and review is not null
        for update
        """;

    private const string ReviewedSql = """
        update inference.requests
        set reviewed_by = $3,
            reviewed_at = $4
        where org_id = $1
            and request_id = $2
        """;

    // First the reservation, then the journal, as whoever settles does.
    private async Task<ReviewOutcome> Write(
        StoredRequest before,
        RequestRow row,
        Untold? untold,
        string action,
        string actor,
        string reason,
        CancellationToken cancellationToken)
    {
        var (org, id, now) = (row.Call.Org, row.Call.Id, Instant.Now(time));
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (untold is not null && row.Hold is not null)
        {
            // Whatever became of it meanwhile, what was used is charged.
            await spending.SettleWithin(
                transaction,
                [new SpendSettlement(org, id.ToString(), CallPrices.Whole(row.QuotedMicros!.Value))],
                cancellationToken);
        }

        await using (var command = transaction.Sql(LockSql, org.Value, id.Value))
        {
            var there = await command.ExecuteScalarAsync(cancellationToken);
            if (there is not DateTime recordedAt || recordedAt != before.RecordedAt.UtcDateTime)
            {
                return new ReviewOutcome.Over();
            }
        }

        await using (var batch = transaction.Batch())
        {
            RequestRows.Write(batch, [(row, untold)], now);
            batch.Sql(ReviewedSql, org.Value, id.Value, actor, now);
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        var after = new StoredRequest(row, now, actor, now);

        // The organisation reads its own log, too: what a provider asks stands in the operator's alone.
        await audit.Record(transaction, EntryOf(org, Realm.Organisation), cancellationToken);
        await audit.Record(transaction, EntryOf(null, Realm.Operator), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        wakeUps.Hint(TellUsage.Pump);
        return new ReviewOutcome.Done(ReviewView.Of(after));

        AuditEntry EntryOf(OrgId? log, Realm realm) => new(
            log,
            actor,
            action,
            id.ToString(),
            reason,
            AuditState.Of(RequestView.Of(before, realm)),
            AuditState.Of(RequestView.Of(after, realm)));
    }
}
