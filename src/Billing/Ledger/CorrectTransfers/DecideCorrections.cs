using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>
/// Decides corrections: (1) all corrections of the transfer are locked, so that one is decided after the other; (2) who
/// decides is judged; (3) an approved one is posted; (4) its state, its transfer and its audit row become true together.
/// </summary>
internal sealed class DecideCorrections(
    NpgsqlDataSource database,
    Ledger ledger,
    IBillingAccountTerms accounts,
    IActorOrigin origins,
    IAudit audit,
    OrganisationClock clock,
    TimeProvider time)
{
    private const string KeyPrefix = "correction:";

    public async Task<CorrectionDecisionOutcome> Approve(
        OrgId org, CorrectionId id, string reason, string actor, CancellationToken cancellationToken)
    {
        var origin = await origins.Of(actor, cancellationToken);
        var now = await clock.Now(org, cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var row = await Lock(transaction, org, id, cancellationToken);
        if (Judge(row, CorrectionState.Posted, actor, origin) is { } ended)
        {
            return ended;
        }

        var correction = row!.Correction;
        var original = await OriginalTransfer.Find(transaction, org, correction.Asked.Transfer, cancellationToken)
            ?? throw new InvalidOperationException($"{correction.Id} corrects a transfer that is not there.");
        if (original.WhyNot(correction.Asked.Kind) is { } refusal)
        {
            return new CorrectionDecisionOutcome.Refused(refusal);
        }

        var fact = await Fact(transaction, org, correction, original, cancellationToken);
        var posting = new PostTransfer(new TransferRequest(
            org,
            correction.BillingAccount,
            KeyPrefix + correction.Id,
            fact,
            now,
            $"{fact.Kind} of {original.Id}: {correction.Asked.Reason}")
        {
            Metadata = new Dictionary<string, string>
            {
                ["correction"] = correction.Id.ToString(),
                ["corrects"] = original.Id.ToString(),
            },
        });
        var outcome = await ledger.RunWithin(transaction, posting, cancellationToken);
        if (outcome is not PostOutcome.Posted posted)
        {
            return new CorrectionDecisionOutcome.NotPosted(outcome);
        }

        return await Write(
            transaction, org, Decided(correction, CorrectionState.Posted, reason, actor, posted.Id), origin, cancellationToken);
    }

    public async Task<CorrectionDecisionOutcome> Close(
        OrgId org, CorrectionId id, CorrectionState how, string reason, string actor, CancellationToken cancellationToken)
    {
        var origin = await origins.Of(actor, cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var row = await Lock(transaction, org, id, cancellationToken);
        return Judge(row, how, actor, origin) is { } ended
            ? ended
            : await Write(transaction, org, Decided(row!.Correction, how, reason, actor, null), origin, cancellationToken);
    }

    /// <summary>Whether somebody may decide a correction in a way; null when they may. Pure.</summary>
    private static CorrectionDecisionOutcome? Judge(CorrectionRow? row, CorrectionState how, string actor, string origin)
    {
        if (row is null)
        {
            return new CorrectionDecisionOutcome.NotFound();
        }

        var correction = row.Correction;
        if (correction.State != CorrectionState.Requested)
        {
            return correction.State == how && correction.DecidedBy == actor
                ? new CorrectionDecisionOutcome.Decided(correction, IsReplay: true)
                : new CorrectionDecisionOutcome.AlreadyDecided(correction);
        }

        var isRequester = actor == correction.RequestedBy || origin == row.RequestedByOrigin;
        return (isRequester, how) switch
        {
            (true, CorrectionState.Posted or CorrectionState.Rejected) => new CorrectionDecisionOutcome.SecondPersonNeeded(),
            (false, CorrectionState.Withdrawn) => new CorrectionDecisionOutcome.RequesterNeeded(),
            _ => null,
        };
    }

    private async Task<BusinessFact> Fact(
        NpgsqlTransaction transaction,
        OrgId org,
        Correction correction,
        OriginalTransfer original,
        CancellationToken cancellationToken)
    {
        var account = await accounts.Of(org, correction.BillingAccount, cancellationToken)
            ?? throw new InvalidOperationException($"{correction.Id} is in the chart of nobody.");
        if (correction.Asked.Kind == CorrectionKind.Adjustment)
        {
            var asked = correction.Asked.Legs;
            return new BusinessFact.Adjustment(LegCheck.Moved(asked, account.Currency), asked, original.Id);
        }

        var legs = await original.LegsTurnedRound(transaction, org, cancellationToken);
        return new BusinessFact.Reversal(LegCheck.Moved(legs, account.Currency), legs, original.Id, original.Kind);
    }

    private Correction Decided(
        Correction correction, CorrectionState how, string reason, string actor, TransferId? posted) => correction with
        {
            State = how,
            DecidedBy = actor,
            DecidedAt = Instant.Now(time),
            DecisionReason = reason,
            Posted = posted,
        };

    // In id order, as everybody locks them.
    private const string LockSql = $"""
        select {CorrectionRow.Columns}
        from ledger.corrections
        where org_id = $1
            and original_transfer_id = (
                select original_transfer_id
                from ledger.corrections
                where org_id = $1
                    and correction_id = $2)
        order by correction_id
        for update
        """;

    private static async Task<CorrectionRow?> Lock(
        NpgsqlTransaction transaction, OrgId org, CorrectionId id, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(LockSql, org.Value, id.Value);
        var rows = await CorrectionRow.ReadAll(command, cancellationToken);
        return rows.SingleOrDefault(row => row.Correction.Id == id);
    }

    private const string WriteSql = """
        update ledger.corrections
        set state = $3,
            decided_by = $4,
            decided_by_origin = $5,
            decided_at = $6,
            decision_reason = $7,
            transfer_id = $8
        where org_id = $1
            and correction_id = $2
            and state = 'requested'
        """;

    private async Task<CorrectionDecisionOutcome> Write(
        NpgsqlTransaction transaction,
        OrgId org,
        Correction decided,
        string origin,
        CancellationToken cancellationToken)
    {
        await using (var command = transaction.Sql(
            WriteSql,
            org.Value,
            decided.Id.Value,
            decided.State.Name(),
            decided.DecidedBy,
            origin,
            decided.DecidedAt,
            decided.DecisionReason,
            decided.Posted?.Value))
        {
            if (await command.ExecuteNonQueryAsync(cancellationToken) != 1)
            {
                throw new InvalidOperationException($"{decided.Id} was decided under its lock.");
            }
        }

        await audit.Record(
            transaction,
            new AuditEntry(
                org,
                decided.DecidedBy!,
                decided.State == CorrectionState.Posted ? "correction.approved" : $"correction.{decided.State.Name()}",
                decided.Id.ToString(),
                decided.DecisionReason,
                After: AuditState.Of(CorrectionProfile.Of(decided))),
            cancellationToken);
        await transaction.CommitAsync(CancellationToken.None);
        return new CorrectionDecisionOutcome.Decided(decided, IsReplay: false);
    }
}
