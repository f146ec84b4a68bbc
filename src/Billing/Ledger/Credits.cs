using Quoin.Kernel;

namespace Quoin.Ledger;

/// <summary>
/// Credits: a unit in which money is shown to customers, a tenth of a cent each. Never a second truth; books and prices know
/// money only.
/// </summary>
public static class Credits
{
    private const decimal MicrosPerCredit = 1_000m;

    private static readonly Currency Usdc = Currency.Of("USDC");

    /// <summary>Money in credits, exactly; null of a currency that is no dollar.</summary>
    public static decimal? Of(Money money) =>
        money.Currency == Currency.Usd || money.Currency == Usdc ? money.Micros / MicrosPerCredit : null;
}
