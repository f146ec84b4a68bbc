using Quoin.Ledger;

namespace Quoin.ConsolePages;

/// <summary>The names people read, beside the stable ones programs do.</summary>
public static class Words
{
    /// <summary>A place in the chart of accounts.</summary>
    public static string Of(AccountKind kind) => kind switch
    {
        AccountKind.Grants => "Credit",
        AccountKind.Overdraft => "Overdraft",
        AccountKind.Receivable => "Receivable",
        AccountKind.Revenue => "Revenue",
        AccountKind.ProcessorClearing => "Payments",
        AccountKind.PromotionalCost => "Promotions",
        _ => kind.Name(),
    };

    /// <summary>What happened, from a transfer's kind.</summary>
    public static string Fact(string kind) => kind switch
    {
        "usage_prepaid" => "Usage",
        "usage_postpaid" => "Usage",
        "credit_promotional" => "Promotional credit",
        "credit_purchased" => "Purchased credit",
        _ => kind,
    };
}
