using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Pricing;

namespace Quoin.Charging;

/// <summary>A line that usage alone does not make.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct PeriodLineId(Guid Value) : IId<PeriodLineId>
{
    /// <inheritdoc />
    public static string Prefix => "pl";

    /// <inheritdoc />
    public static PeriodLineId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>What a period line is for.</summary>
public enum PeriodLineKind
{
    /// <summary>The plan's price for the period, or what a change of plan adds to it or gives back.</summary>
    PlanFee,

    /// <summary>What usage stayed below a commitment, or what usage beyond it costs more than usual.</summary>
    Commit,
}

/// <summary>A line of a period's opening or closing; it never changes.</summary>
/// <param name="Id">The line.</param>
/// <param name="Org">Whose.</param>
/// <param name="BillingAccount">Who is billed.</param>
/// <param name="Period">The billing period.</param>
/// <param name="Kind">What it is for.</param>
/// <param name="Amount">What it adds; negative where something is given back.</param>
/// <param name="TotalMicros">What all lines of this kind and period come to with it.</param>
/// <param name="Assignment">The assignment that asks for it.</param>
/// <param name="Plan">The plan's version.</param>
/// <param name="Reference">What it is for, for people.</param>
/// <param name="IsLate">Whether its period was closed before: it goes on the next invoice.</param>
/// <param name="Transfer">The transfer that posted it.</param>
/// <param name="MadeAt">When it was made.</param>
public sealed record PeriodLine(
    PeriodLineId Id,
    OrgId Org,
    BillingAccountId BillingAccount,
    Period Period,
    PeriodLineKind Kind,
    Money Amount,
    long TotalMicros,
    AssignmentId? Assignment,
    PlanVersionId? Plan,
    string Reference,
    bool IsLate,
    TransferId Transfer,
    DateTimeOffset MadeAt);
