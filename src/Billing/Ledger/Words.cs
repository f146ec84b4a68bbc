using Quoin.Kernel;

namespace Quoin.Ledger;

/// <summary>An account of an organisation's chart.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct AccountId(Guid Value) : IId<AccountId>
{
    /// <inheritdoc />
    public static string Prefix => "acct";

    /// <inheritdoc />
    public static AccountId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>A transfer: one business fact in the books.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct TransferId(Guid Value) : IId<TransferId>
{
    /// <inheritdoc />
    public static string Prefix => "tr";

    /// <inheritdoc />
    public static TransferId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>
/// The accounts every billing account has, per currency. Money flows from one to another: the source falls, the
/// destination rises, the sum stays zero.
/// </summary>
public enum AccountKind
{
    /// <summary>Credit the customer may still spend. Never negative.</summary>
    Grants,

    /// <summary>Usage that no credit covered, of a prepaid customer: below zero by what is owed.</summary>
    Overdraft,

    /// <summary>What a postpaid customer will be invoiced for: below zero by what is owed.</summary>
    Receivable,

    /// <summary>What was earned.</summary>
    Revenue,

    /// <summary>Where payments come from: below zero by all that customers paid in.</summary>
    ProcessorClearing,

    /// <summary>Where given-away credit comes from: below zero by all that was given.</summary>
    PromotionalCost,
}

/// <summary>How accounts are named in storage and on the wire.</summary>
public static class AccountKinds
{
    /// <summary>The lower snake case name.</summary>
    public static string Name(this AccountKind kind) => kind switch
    {
        AccountKind.Grants => "grants",
        AccountKind.Overdraft => "overdraft",
        AccountKind.Receivable => "receivable",
        AccountKind.Revenue => "revenue",
        AccountKind.ProcessorClearing => "processor_clearing",
        AccountKind.PromotionalCost => "promotional_cost",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "Not an account kind."),
    };

    /// <summary>Reads a stored name.</summary>
    /// <exception cref="FormatException">No account kind has this name.</exception>
    public static AccountKind Parse(string name)
    {
        foreach (var kind in Enum.GetValues<AccountKind>())
        {
            if (kind.Name() == name)
            {
                return kind;
            }
        }

        throw new FormatException($"'{name}' is not an account kind.");
    }
}
