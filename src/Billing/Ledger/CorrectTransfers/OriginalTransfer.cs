using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>A transfer somebody wants corrected, as it stands in the transaction at hand.</summary>
/// <param name="Id">The transfer.</param>
/// <param name="BillingAccount">Whose chart.</param>
/// <param name="Kind">Its kind; that of the fact it brings back, where it undoes a reversal.</param>
/// <param name="ReversedBy">What undid it.</param>
/// <param name="AdjustedBy">The last adjustment of it that stands.</param>
/// <param name="Corrections">How many corrections it has, decided or not.</param>
/// <param name="HasEntries">Whether it moved anything.</param>
internal sealed record OriginalTransfer(
    TransferId Id,
    BillingAccountId BillingAccount,
    string Kind,
    TransferId? ReversedBy,
    TransferId? AdjustedBy,
    long Corrections,
    bool HasEntries)
{
    // What these moved, the end of the grant moves again at once.
    private static readonly string[] EndsOfGrants = ["grant_expired", "grant_voided_"];

    // A reversal of a reversal is about the fact at the end of the line.
    private const string FindSql = $"""
        with recursive undone as (
            select t.transfer_id, t.kind, t.reverses_transfer_id
            from ledger.transfers t
            where t.org_id = $1
                and t.transfer_id = $2
            union all
            select t.transfer_id, t.kind, t.reverses_transfer_id
            from undone
            join ledger.transfers t on t.org_id = $1 and t.transfer_id = undone.reverses_transfer_id
        )
        select t.billing_account_id,
            (select kind from undone where reverses_transfer_id is null),
            (select r.transfer_id from ledger.transfers r where r.org_id = $1 and r.reverses_transfer_id = $2),
            (
                select c.transfer_id
                from ledger.corrections c
                where c.org_id = $1
                    and c.original_transfer_id = $2
                    and c.kind = 'adjustment'
                    and c.state = 'posted'
                    and not exists (
                        select from ledger.transfers r where r.org_id = $1 and r.reverses_transfer_id = c.transfer_id)
                order by c.correction_id desc
                limit 1
            ),
            (select count(*) from ledger.corrections c where c.org_id = $1 and c.original_transfer_id = $2),
            {EntriesOfTransfer.Exist}
        from ledger.transfers t
        where t.org_id = $1
            and t.transfer_id = $2
        """;

    /// <summary>The transfer; null when the organisation has none of this id.</summary>
    public static async Task<OriginalTransfer?> Find(
        NpgsqlTransaction transaction, OrgId org, TransferId id, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(FindSql, org.Value, id.Value);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new OriginalTransfer(
                id,
                new BillingAccountId(reader.GetGuid(0)),
                reader.GetString(1),
                reader.IsDBNull(2) ? null : new TransferId(reader.GetGuid(2)),
                reader.IsDBNull(3) ? null : new TransferId(reader.GetGuid(3)),
                reader.GetInt64(4),
                reader.GetBoolean(5))
            : null;
    }

    private const string LegsSql = $"""
        select a.kind, e.account_id, e.currency, e.amount_micros
        from ledger.transfers t
        {EntriesOfTransfer.Join}
        join ledger.accounts a on a.org_id = e.org_id and a.account_id = e.account_id
        where t.org_id = $1
            and t.transfer_id = $2
        order by e.ordinal
        """;

    /// <summary>Its entries as legs, turned round.</summary>
    public async Task<IReadOnlyList<Leg>> LegsTurnedRound(
        NpgsqlTransaction transaction, OrgId org, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(LegsSql, org.Value, Id.Value);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var legs = new List<Leg>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var account = LedgerNames.AccountKindOf(reader.GetString(0));
            legs.Add(new Leg(
                account,
                new Money(-reader.GetInt64(3), Currency.Of(reader.GetString(2))),
                account == AccountKind.Grants ? new GrantId(reader.GetGuid(1)) : null));
        }

        return legs;
    }

    /// <summary>Why it is not corrected in a way; null when it may be. Pure.</summary>
    public CorrectionRefusal? WhyNot(CorrectionKind kind) => (kind, this) switch
    {
        (_, { ReversedBy: { } by }) => new CorrectionRefusal.AlreadyReversed(by),
        (CorrectionKind.Reversal, _) when EndsOfGrants.Any(Kind.StartsWith) => new CorrectionRefusal.NotReversible(Kind),
        (CorrectionKind.Reversal, { HasEntries: false }) => new CorrectionRefusal.MovedNothing(),
        (CorrectionKind.Reversal, { AdjustedBy: { } by }) => new CorrectionRefusal.Adjusted(by),
        _ => null,
    };
}
