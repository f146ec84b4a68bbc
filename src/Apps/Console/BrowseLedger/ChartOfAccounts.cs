using Quoin.Kernel;
using Quoin.Ledger;

namespace Quoin.ConsolePages.BrowseLedger;

/// <summary>A billing account's chart in one currency, as a person reads it.</summary>
/// <param name="BillingAccount">Whose.</param>
/// <param name="Sections">Its accounts, what belongs together beside each other; none is empty.</param>
/// <param name="Debits">What stands below zero, as a positive amount.</param>
/// <param name="Credits">What stands above zero: the same, or the books are broken.</param>
public sealed record ChartOfAccounts(
    BillingAccountId BillingAccount, IReadOnlyList<ChartSection> Sections, Money Debits, Money Credits)
{
    private static readonly (string Name, AccountKind[] Kinds)[] Parts =
    [
        ("Customer's credit", [AccountKind.Grants]),
        ("Owed by the customer", [AccountKind.Overdraft, AccountKind.Receivable]),
        ("Earned", [AccountKind.Revenue, AccountKind.Breakage]),
        ("Owed to others", [AccountKind.ProviderPayable, AccountKind.Tax]),
        ("Costs", [
            AccountKind.PromotionalCost, AccountKind.ProviderCost, AccountKind.Fees, AccountKind.OperatorLoss,
            AccountKind.Rounding,
        ]),
        ("Money on its way", [AccountKind.ProcessorClearing, AccountKind.Bank]),
    ];

    /// <summary>Whether debits equal credits.</summary>
    public bool IsBalanced => Debits == Credits;

    /// <summary>Charts of accounts as they stand.</summary>
    public static IReadOnlyList<ChartOfAccounts> Of(IEnumerable<AccountBalance> accounts) =>
    [
        .. accounts
            .GroupBy(account => (account.BillingAccount, account.Balance.Currency))
            .Select(chart => Of(chart.Key.BillingAccount, chart.Key.Currency, [.. chart])),
    ];

    /// <summary>Charts of accounts as they stood: what was held then is not known.</summary>
    public static IReadOnlyList<ChartOfAccounts> Of(IEnumerable<BalanceAt> accounts) =>
        Of(accounts.Select(account => new AccountBalance(
            account.Id,
            account.BillingAccount,
            account.Kind,
            account.Balance,
            Money.Zero(account.Balance.Currency),
            CreditLimit: null)));

    private static ChartOfAccounts Of(BillingAccountId billingAccount, Currency currency, IReadOnlyList<AccountBalance> accounts)
    {
        Money Sum(Func<AccountBalance, long> micros) => new(accounts.Sum(micros), currency);
        var sections = Parts.Select(part => new ChartSection(
            part.Name,
            [
                .. part.Kinds
                    .Select(kind => accounts.Where(account => account.Kind == kind).ToList())
                    .Where(same => same.Count > 0)
                    .Select(ChartLine.Of),
            ]));
        return new ChartOfAccounts(
            billingAccount,
            [.. sections.Where(section => section.Lines.Count > 0)],
            Sum(account => Math.Max(0, -account.Balance.Micros)),
            Sum(account => Math.Max(0, account.Balance.Micros)));
    }
}

/// <summary>Accounts that belong together.</summary>
/// <param name="Name">What they have in common.</param>
/// <param name="Lines">One for each kind there is.</param>
public sealed record ChartSection(string Name, IReadOnlyList<ChartLine> Lines);

/// <summary>The accounts of one kind: one, or as many as there are grants.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Account">The account, where there is no more than one of the kind.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Balance">What stands on them.</param>
/// <param name="Held">What holds reserve of it.</param>
/// <param name="CreditLimit">How far below zero holds may bring it; null is without limit.</param>
public sealed record ChartLine(
    AccountKind Kind, AccountId? Account, int Count, Money Balance, Money Held, Money? CreditLimit)
{
    /// <summary>Whether holds may reserve on it beyond what is there: only of these is a limit worth a word.</summary>
    public bool HasLimit => Kind is AccountKind.Overdraft or AccountKind.Receivable;

    /// <summary>Sums accounts of one kind up.</summary>
    public static ChartLine Of(IReadOnlyList<AccountBalance> same) => new(
        same[0].Kind,
        same[0].Kind == AccountKind.Grants ? null : same[0].Id,
        same.Count,
        same.Select(account => account.Balance).Aggregate((sum, one) => sum + one),
        same.Select(account => account.Held).Aggregate((sum, one) => sum + one),
        same[0].CreditLimit);
}
