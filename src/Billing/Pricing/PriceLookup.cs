using Quoin.Kernel;

namespace Quoin.Pricing;

/// <summary>Where a price comes from, in the order they are asked.</summary>
public enum PriceSource
{
    /// <summary>A contract with this customer.</summary>
    Contract,

    /// <summary>The plan a reseller gave its customer.</summary>
    ResellerPlan,

    /// <summary>The plan assigned to the account.</summary>
    Plan,

    /// <summary>The default book of the currency.</summary>
    Catalogue,
}

/// <summary>A span of time in which an account has prices of its own.</summary>
/// <param name="Source">Contract, reseller's plan or plan.</param>
/// <param name="Assignment">The assignment that says so.</param>
/// <param name="Book">The book it prices by; null adds none.</param>
/// <param name="DiscountBps">What a contract takes off prices of other books, in hundredths of a percent.</param>
/// <param name="InForce">When.</param>
public sealed record AccountBook(
    PriceSource Source,
    AssignmentId Assignment,
    PriceBookId? Book,
    int DiscountBps,
    Period InForce);

/// <summary>Which books an account's prices come from, now and at other times.</summary>
public sealed class AccountPrices
{
    /// <summary>Prices all: nothing was agreed with the account, the catalogue holds.</summary>
    public static readonly AccountPrices Catalogue = new([]);

    private readonly AccountBook[] books;

    /// <summary>Arranges what was agreed for look-up.</summary>
    /// <param name="books">Of one source, none overlap in time.</param>
    public AccountPrices(IEnumerable<AccountBook> books) => this.books = [.. books.OrderBy(book => book.Source)];

    /// <summary>In the order they are asked.</summary>
    public IReadOnlyList<AccountBook> Books => books;

    /// <summary>The contract in force at an instant; null when there is none.</summary>
    public AccountBook? ContractAt(DateTimeOffset at) =>
        Array.Find(books, book => book.Source == PriceSource.Contract && book.InForce.Contains(at));
}

/// <summary>A piece of usage that asks for its price.</summary>
/// <param name="Account">Which books come first for it.</param>
/// <param name="Currency">The billing account's currency.</param>
/// <param name="Meter">The meter's key.</param>
/// <param name="Dimensions">The usage's dimensions.</param>
/// <param name="At">When it was used: the start of its quarter hour.</param>
public readonly record struct PriceLookup(
    AccountPrices Account,
    Currency Currency,
    string Meter,
    Dimensions Dimensions,
    DateTimeOffset At);

/// <summary>The price of a piece of usage.</summary>
/// <param name="Version">The price version.</param>
/// <param name="Cell">The cell of it that takes the usage.</param>
/// <param name="Group">The values the version's price groups by; none where it does not group.</param>
/// <param name="Source">Where it comes from.</param>
/// <param name="Assignment">
/// Who gave it: the assignment whose book it is, or for a catalogue price the contract that discounts it.
/// </param>
/// <param name="DiscountBps">What a contract takes off, in hundredths of a percent.</param>
public readonly record struct ResolvedPrice(
    PriceVersion Version,
    PriceCell Cell,
    Dimensions Group,
    PriceSource Source,
    AssignmentId? Assignment,
    int DiscountBps);
