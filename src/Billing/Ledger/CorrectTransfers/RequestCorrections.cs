using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>Writes down what somebody asks to be corrected, with its audit row.</summary>
internal sealed class RequestCorrections(
    NpgsqlDataSource database,
    IBillingAccountTerms accounts,
    IActorOrigin origins,
    IAudit audit,
    IdSource ids,
    TimeProvider time)
{
    public async Task<CorrectionRequestOutcome> Run(
        OrgId org, NewCorrection asked, string actor, CancellationToken cancellationToken)
    {
        var origin = await origins.Of(actor, cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await OriginalTransfer.Find(transaction, org, asked.Transfer, cancellationToken) is not { } original)
        {
            return new CorrectionRequestOutcome.NoSuchTransfer();
        }

        var account = await accounts.Of(org, original.BillingAccount, cancellationToken)
            ?? throw new InvalidOperationException($"{original.Id} stands in the chart of nobody.");
        var check = Check(asked, account.Currency);
        if (check.Errors.Count > 0)
        {
            return new CorrectionRequestOutcome.Invalid(check.Errors);
        }

        if (await FindByKey(transaction, org, asked.Key, cancellationToken) is { } first)
        {
            return SameOrConflict(first, asked);
        }

        if (original.WhyNot(asked.Kind) is { } refusal)
        {
            return new CorrectionRequestOutcome.Refused(refusal);
        }

        if (original.Corrections >= Limits.CorrectionsPerTransferMax)
        {
            return new CorrectionRequestOutcome.Refused(new CorrectionRefusal.TooMany(Limits.CorrectionsPerTransferMax));
        }

        var correction = new Correction(
            ids.Next<CorrectionId>(),
            original.BillingAccount,
            asked,
            CorrectionState.Requested,
            actor,
            Instant.Now(time),
            DecidedBy: null,
            DecidedAt: null,
            DecisionReason: null,
            Posted: null);
        if (!await Insert(transaction, org, correction, origin, cancellationToken))
        {
            return await WhyTaken(transaction, org, asked, cancellationToken);
        }

        await audit.Record(
            transaction,
            new AuditEntry(
                org,
                actor,
                "correction.requested",
                correction.Id.ToString(),
                asked.Reason,
                After: AuditState.Of(CorrectionProfile.Of(correction))),
            cancellationToken);
        await transaction.CommitAsync(CancellationToken.None);
        return new CorrectionRequestOutcome.Requested(correction, IsReplay: false);
    }

    private static InputCheck Check(NewCorrection asked, Currency currency)
    {
        var check = new InputCheck();
        check.Text("key", asked.Key, Limits.KeyLettersMax);
        check.Text("reason", asked.Reason, Limits.CorrectionReasonLettersMax);
        check.Text("evidence", asked.Evidence, Limits.EvidenceLettersMax);
        if (asked.Kind == CorrectionKind.Adjustment)
        {
            check.Legs("legs", asked.Legs, currency);
        }
        else
        {
            check.That(asked.Legs.Count == 0, "legs", "must be left out: a reversal turns the transfer's own legs round");
        }

        return check;
    }

    // Whatever stands in the way: the key, or the one reversal a transfer may have.
    private const string InsertSql = """
        insert into ledger.corrections
            (org_id, correction_id, key, kind, original_transfer_id, billing_account_id, legs, reason, evidence, state,
            requested_by, requested_by_origin, requested_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'requested', $10, $11, $12)
        on conflict do nothing
        """;

    private static async Task<bool> Insert(
        NpgsqlTransaction transaction,
        OrgId org,
        Correction correction,
        string origin,
        CancellationToken cancellationToken)
    {
        var asked = correction.Asked;
        await using var command = transaction.Sql(
            InsertSql,
            org.Value,
            correction.Id.Value,
            asked.Key,
            asked.Kind.Name(),
            asked.Transfer.Value,
            correction.BillingAccount.Value,
            CorrectionRow.TextOf(asked.Legs),
            asked.Reason,
            asked.Evidence,
            correction.RequestedBy,
            origin,
            correction.RequestedAt);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private const string ByKeySql = $"""
        select {CorrectionRow.Columns}
        from ledger.corrections
        where org_id = $1
            and key = $2
        """;

    private static async Task<Correction?> FindByKey(
        NpgsqlTransaction transaction, OrgId org, string key, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(ByKeySql, org.Value, key);
        return (await CorrectionRow.ReadAll(command, cancellationToken)).SingleOrDefault()?.Correction;
    }

    private const string LiveReversalSql = $"""
        select {CorrectionRow.Columns}
        from ledger.corrections
        where org_id = $1
            and original_transfer_id = $2
            and kind = 'reversal'
            and state in ('requested', 'posted')
        """;

    private static async Task<CorrectionRequestOutcome> WhyTaken(
        NpgsqlTransaction transaction, OrgId org, NewCorrection asked, CancellationToken cancellationToken)
    {
        if (await FindByKey(transaction, org, asked.Key, cancellationToken) is { } first)
        {
            return SameOrConflict(first, asked);
        }

        await using var command = transaction.Sql(LiveReversalSql, org.Value, asked.Transfer.Value);
        var open = (await CorrectionRow.ReadAll(command, cancellationToken)).Single().Correction;
        return new CorrectionRequestOutcome.Refused(open.Posted is { } by
            ? new CorrectionRefusal.AlreadyReversed(by)
            : new CorrectionRefusal.AlreadyRequested(open.Id));
    }

    private static CorrectionRequestOutcome SameOrConflict(Correction first, NewCorrection asked)
    {
        var isSame = first.Asked with { Legs = [] } == asked with { Legs = [] } && first.Asked.Legs.SequenceEqual(asked.Legs);
        return isSame
            ? new CorrectionRequestOutcome.Requested(first, IsReplay: true)
            : new CorrectionRequestOutcome.KeyConflict(first.Id);
    }
}
