using Npgsql;
using Quoin.Kernel;

namespace Quoin.Limiting;

/// <summary>
/// Hears of reservations whose holders died: a seam towards whoever reserved. Register one as a singleton; without one
/// all that lapses is given back.
/// </summary>
public interface ISpendLapse
{
    /// <summary>
    /// Takes lapsed reservations over, in the transaction that marks them: each is handed over exactly once. Throwing
    /// rolls back, and they are handed over again later.
    /// </summary>
    /// <param name="transaction">The transaction; not to be committed here. No statement may touch Limits or the Ledger.</param>
    /// <param name="lapsed">What lapsed, of any organisations.</param>
    /// <param name="cancellationToken">Stops it before anything is committed.</param>
    /// <returns>What is to become of each, in order.</returns>
    Task<IReadOnlyList<LapseVerdict>> HandOver(
        NpgsqlTransaction transaction, IReadOnlyList<LapsedSpend> lapsed, CancellationToken cancellationToken);
}

/// <summary>A reservation nobody renewed in time.</summary>
/// <param name="Org">Whose.</param>
/// <param name="BillingAccount">Who pays.</param>
/// <param name="Key">Its key.</param>
/// <param name="Amount">What is reserved.</param>
/// <param name="Hold">The ledger's hold, as text.</param>
/// <param name="Reference">What it was for.</param>
/// <param name="Details">What its holder said last.</param>
/// <param name="ReservedAt">When it was reserved, by the system's clock.</param>
/// <param name="LapsedAt">Until when its holder was believed to live, by the system's clock.</param>
public sealed record LapsedSpend(
    OrgId Org,
    BillingAccountId BillingAccount,
    string Key,
    Money Amount,
    string Hold,
    string Reference,
    string? Details,
    DateTimeOffset ReservedAt,
    DateTimeOffset LapsedAt);

/// <summary>What becomes of a lapsed reservation.</summary>
public abstract record LapseVerdict
{
    private LapseVerdict()
    {
    }

    /// <summary>Nothing was used: budgets and hold are given back.</summary>
    public sealed record GiveBack : LapseVerdict;

    /// <summary>
    /// Somebody looks into it: it stays reserved until it is settled or canceled, or until its hold ends by itself.
    /// </summary>
    public sealed record Review : LapseVerdict;

    /// <summary>What it came to is known: it counts, and the hold stays until its usage is posted.</summary>
    /// <param name="QuotedMicros">As in <see cref="SpendSettlement"/>.</param>
    public sealed record Settle(decimal QuotedMicros) : LapseVerdict;
}
