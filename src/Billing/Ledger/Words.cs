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

/// <summary>A grant of credit. It is an account of the chart, too, and the two ids have the same value.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct GrantId(Guid Value) : IId<GrantId>
{
    /// <inheritdoc />
    public static string Prefix => "grant";

    /// <summary>The account the grant's money stands on.</summary>
    public AccountId Account => new(Value);

    /// <inheritdoc />
    public static GrantId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>A hold: money reserved for something about to happen.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct HoldId(Guid Value) : IId<HoldId>
{
    /// <inheritdoc />
    public static string Prefix => "hold";

    /// <inheritdoc />
    public static HoldId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>
/// The kinds of account a chart has, per billing account and currency. Money flows from one to another: the source
/// falls, the destination rises, the sum stays zero. Assets and expenses therefore stand below zero.
/// </summary>
public enum AccountKind
{
    /// <summary>Credit the customer may still spend: one account a grant. Never negative.</summary>
    Grants,

    /// <summary>Usage that no credit covered, of a prepaid customer: below zero by what is owed.</summary>
    Overdraft,

    /// <summary>What a postpaid customer will be invoiced for: below zero by what is owed.</summary>
    Receivable,

    /// <summary>What was earned.</summary>
    Revenue,

    /// <summary>
    /// Money on its way through a payment processor: below zero by what it took in and has not paid out.
    /// </summary>
    ProcessorClearing,

    /// <summary>Where given-away credit comes from: below zero by all that was given.</summary>
    PromotionalCost,

    /// <summary>What providers charge for what customers used: below zero by all of it.</summary>
    ProviderCost,

    /// <summary>What is owed to providers.</summary>
    ProviderPayable,

    /// <summary>What payment processors kept: below zero by all of it.</summary>
    Fees,

    /// <summary>Tax collected for the authorities.</summary>
    Tax,

    /// <summary>Credit that expired unspent: earned.</summary>
    Breakage,

    /// <summary>Usage nobody pays: overruns of capped holds, and debts written off. Below zero by all of it.</summary>
    OperatorLoss,

    /// <summary>Differences of rounding at the payments boundary.</summary>
    Rounding,

    /// <summary>What arrived at the operator's bank: below zero by all of it.</summary>
    Bank,
}

/// <summary>When a customer pays: it decides where usage that credit does not cover goes.</summary>
public enum PaymentTerms
{
    /// <summary>Before: uncovered usage goes to overdraft.</summary>
    Prepaid,

    /// <summary>After: uncovered usage becomes receivable.</summary>
    Postpaid,
}

/// <summary>Where a grant of credit comes from.</summary>
public enum GrantSource
{
    /// <summary>Given to try the product.</summary>
    Trial,

    /// <summary>Given away.</summary>
    Promotional,

    /// <summary>Included in a plan's period.</summary>
    Plan,

    /// <summary>Paid for.</summary>
    Purchased,
}

/// <summary>What happens to usage above the hold that was made for it.</summary>
public enum OverrunPolicy
{
    /// <summary>The customer pays: other credit, then overdraft or receivable.</summary>
    AllowNegative,

    /// <summary>The operator bears it: it posts to operator loss.</summary>
    Cap,
}

/// <summary>How the ledger's words are named in storage and on the wire: lower snake case.</summary>
public static class LedgerNames
{
    private static readonly string[] AccountNames = Snake<AccountKind>();
    private static readonly string[] SourceNames = Snake<GrantSource>();
    private static readonly string[] GrantStateNames = Snake<GrantState>();
    private static readonly string[] HoldStateNames = Snake<HoldState>();
    private static readonly string[] CorrectionKindNames = Snake<CorrectionKind>();
    private static readonly string[] CorrectionStateNames = Snake<CorrectionState>();

    /// <summary>The name of an account kind.</summary>
    public static string Name(this AccountKind kind) => AccountNames[(int)kind];

    /// <summary>The name of a grant's source.</summary>
    public static string Name(this GrantSource source) => SourceNames[(int)source];

    /// <summary>The name of a grant's state.</summary>
    public static string Name(this GrantState state) => GrantStateNames[(int)state];

    /// <summary>The name of a hold's state.</summary>
    public static string Name(this HoldState state) => HoldStateNames[(int)state];

    /// <summary>The name of a correction's kind.</summary>
    public static string Name(this CorrectionKind kind) => CorrectionKindNames[(int)kind];

    /// <summary>The name of a correction's state.</summary>
    public static string Name(this CorrectionState state) => CorrectionStateNames[(int)state];

    /// <summary>The name of payment terms.</summary>
    public static string Name(this PaymentTerms terms) => terms == PaymentTerms.Prepaid ? "prepaid" : "postpaid";

    /// <summary>The name of an overrun policy.</summary>
    public static string Name(this OverrunPolicy policy) => policy == OverrunPolicy.Cap ? "cap" : "allow_negative";

    /// <summary>Reads a stored name of an account kind.</summary>
    /// <exception cref="FormatException">No account kind has this name.</exception>
    public static AccountKind AccountKindOf(string name) => (AccountKind)IndexOf(AccountNames, name);

    /// <summary>Reads a stored name of a grant's source.</summary>
    /// <exception cref="FormatException">No source has this name.</exception>
    public static GrantSource GrantSourceOf(string name) => (GrantSource)IndexOf(SourceNames, name);

    /// <summary>Reads a stored name of a grant's state.</summary>
    /// <exception cref="FormatException">No state has this name.</exception>
    public static GrantState GrantStateOf(string name) => (GrantState)IndexOf(GrantStateNames, name);

    /// <summary>Reads a stored name of a hold's state.</summary>
    /// <exception cref="FormatException">No state has this name.</exception>
    public static HoldState HoldStateOf(string name) => (HoldState)IndexOf(HoldStateNames, name);

    /// <summary>Reads a stored name of a correction's kind.</summary>
    /// <exception cref="FormatException">No kind has this name.</exception>
    public static CorrectionKind CorrectionKindOf(string name) => (CorrectionKind)IndexOf(CorrectionKindNames, name);

    /// <summary>Reads a stored name of a correction's state.</summary>
    /// <exception cref="FormatException">No state has this name.</exception>
    public static CorrectionState CorrectionStateOf(string name) => (CorrectionState)IndexOf(CorrectionStateNames, name);

    private static int IndexOf(string[] names, string name) => Array.IndexOf(names, name) is var index and >= 0
        ? index
        : throw new FormatException($"'{name}' is none of {string.Join(", ", names)}.");

    private static string[] Snake<T>()
        where T : struct, Enum => [.. Enum.GetNames<T>().Select(System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName)];
}
