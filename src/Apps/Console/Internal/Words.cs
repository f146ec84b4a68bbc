using Quoin.Ledger;
using Quoin.Pricing;

namespace Quoin.ConsolePages;

/// <summary>The names people read, beside the stable ones programs do.</summary>
public static class Words
{
    private static readonly Dictionary<string, string> Facts = new(StringComparer.Ordinal)
    {
        ["usage_prepaid"] = "Usage",
        ["usage_postpaid"] = "Usage",
        ["capture_prepaid"] = "Hold captured",
        ["capture_postpaid"] = "Hold captured",
        ["credit_trial"] = "Trial credit",
        ["credit_promotional"] = "Promotional credit",
        ["credit_plan"] = "Plan credit",
        ["credit_purchased"] = "Purchased credit",
        ["overdraft_repaid"] = "Overdraft repaid",
        ["grant_expired"] = "Credit expired",
        ["grant_voided_trial"] = "Trial credit taken back",
        ["grant_voided_promotional"] = "Promotional credit taken back",
        ["grant_voided_plan"] = "Plan credit taken back",
        ["grant_voided_purchased"] = "Purchased credit taken back",
        ["plan_period"] = "Plan period",
        ["item_sold"] = "Item sold",
        ["tax_charged"] = "Tax",
        ["payment_received"] = "Payment",
        ["payment_refunded"] = "Payment refunded",
        ["credit_refunded"] = "Credit refunded",
        ["credit_refund_failed"] = "Refund came back",
        ["credit_returned"] = "Spent credit refunded",
        ["chargeback"] = "Chargeback",
        ["chargeback_reversed"] = "Chargeback won",
        ["processor_fee"] = "Processor fee",
        ["payout"] = "Payout",
        ["credit_note"] = "Credit note",
        ["write_off_overdraft"] = "Overdraft written off",
        ["write_off_receivable"] = "Receivable written off",
        ["rounding_difference"] = "Rounding difference",
        ["manual"] = "Manual transfer",
        ["reversal"] = "Reversal",
        ["adjustment"] = "Adjustment",
    };

    /// <summary>The kinds of transfer a name is known for, by that name.</summary>
    public static IEnumerable<string> Kinds => Facts.OrderBy(pair => pair.Value, StringComparer.Ordinal).Select(pair => pair.Key);

    /// <summary>Which agreement a price comes from.</summary>
    public static string Of(PriceSource source) => source switch
    {
        PriceSource.Contract => "contract",
        PriceSource.ResellerPlan => "reseller's plan",
        PriceSource.Plan => "plan",
        PriceSource.Catalogue => "catalogue",
        _ => throw new ArgumentOutOfRangeException(nameof(source), source, "Not a source."),
    };

    /// <summary>A place in the chart of accounts.</summary>
    public static string Of(AccountKind kind) => kind switch
    {
        AccountKind.Grants => "Credit",
        AccountKind.Overdraft => "Overdraft",
        AccountKind.Receivable => "Receivable",
        AccountKind.Revenue => "Revenue",
        AccountKind.ProcessorClearing => "Payments",
        AccountKind.PromotionalCost => "Promotions",
        AccountKind.ProviderCost => "Provider cost",
        AccountKind.ProviderPayable => "Owed to providers",
        AccountKind.Fees => "Processor fees",
        AccountKind.Tax => "Tax collected",
        AccountKind.Breakage => "Expired credit",
        AccountKind.OperatorLoss => "Losses",
        AccountKind.Rounding => "Rounding",
        AccountKind.Bank => "Bank",
        _ => kind.Name(),
    };

    /// <summary>What stands on an account, and on which side of zero.</summary>
    public static string Meaning(AccountKind kind) => kind switch
    {
        AccountKind.Grants => "Credit the customer may still spend. Never below zero.",
        AccountKind.Overdraft => "Prepaid usage no credit covered. Below zero by what is owed.",
        AccountKind.Receivable => "What the customer will be invoiced for. Below zero by what is owed.",
        AccountKind.Revenue => "What was earned.",
        AccountKind.ProcessorClearing => "Money at a payment processor. Below zero by what it took in and has not paid out.",
        AccountKind.PromotionalCost => "Where given-away credit comes from. Below zero by all of it.",
        AccountKind.ProviderCost => "What providers charge for what was used. Below zero by all of it.",
        AccountKind.ProviderPayable => "What is owed to providers.",
        AccountKind.Fees => "What payment processors kept. Below zero by all of it.",
        AccountKind.Tax => "Tax collected for the authorities.",
        AccountKind.Breakage => "Credit that expired unspent: earned.",
        AccountKind.OperatorLoss => "Usage nobody pays. Below zero by all of it.",
        AccountKind.Rounding => "Differences of rounding at the payments boundary.",
        AccountKind.Bank => "What arrived at the operator's bank. Below zero by all of it.",
        _ => string.Empty,
    };

    /// <summary>What happened, from a transfer's kind.</summary>
    public static string Fact(string kind) => Facts.GetValueOrDefault(kind, kind);

    /// <summary>What happened, told apart from all other kinds: what to choose from.</summary>
    public static string FactAmongAll(string kind) => kind switch
    {
        _ when kind.EndsWith("_prepaid", StringComparison.Ordinal) => $"{Fact(kind)}, prepaid",
        _ when kind.EndsWith("_postpaid", StringComparison.Ordinal) => $"{Fact(kind)}, postpaid",
        _ => Fact(kind),
    };

    /// <summary>What a grant is called by where it came from.</summary>
    public static string Of(GrantSource source) => source switch
    {
        GrantSource.Trial => "Trial credit",
        GrantSource.Promotional => "Promotional credit",
        GrantSource.Plan => "Plan credit",
        _ => "Purchased credit",
    };

    /// <summary>Where a grant stands.</summary>
    public static string Of(GrantState state) => state switch
    {
        GrantState.Open => "Open",
        GrantState.Exhausted => "Used up",
        GrantState.Expired => "Expired",
        _ => "Taken back",
    };

    /// <summary>Where a hold stands.</summary>
    public static string Of(HoldState state) => state switch
    {
        HoldState.Open => "Open",
        HoldState.Captured => "Captured",
        HoldState.Released => "Released",
        _ => "Expired",
    };
}
