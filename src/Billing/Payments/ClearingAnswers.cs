using Quoin.Kernel;
using Quoin.Payments.KeepBooks;

namespace Quoin.Payments;

/// <summary>What the books and the provider say of one payment, refund or dispute.</summary>
/// <param name="Kind"><c>payment</c>, <c>refund</c> or <c>dispute</c>.</param>
/// <param name="Source">The provider's id; of a refund that has none, its own.</param>
/// <param name="Currency">Of which currency.</param>
/// <param name="BooksMinor">What the books moved at the provider, in minor units.</param>
/// <param name="ProviderMinor">What the provider moved, gross.</param>
public sealed record ClearingDifference(string Kind, string Source, string Currency, long BooksMinor, long ProviderMinor);

/// <summary>How a currency stands.</summary>
/// <param name="Currency">Which.</param>
/// <param name="Books">What the books have at the provider; nothing once all was paid out.</param>
/// <param name="Provider">What the provider moved, less fees and what was paid out.</param>
/// <param name="Difference">What of both does not match; zero when all does.</param>
public sealed record ClearingCurrency(string Currency, Money Books, Money Provider, Money Difference);

/// <summary>Books and provider, side by side.</summary>
/// <param name="IsMatched">Whether all currencies match and nothing differs.</param>
/// <param name="Currencies">How each stands.</param>
/// <param name="Differences">What does not match; at most 500.</param>
public sealed record ClearingAnswer(
    bool IsMatched, IReadOnlyList<ClearingCurrency> Currencies, IReadOnlyList<ClearingDifference> Differences);

/// <summary>Something that does not fit, for an operator.</summary>
/// <param name="Id">The finding.</param>
/// <param name="BillingAccountId">Whose.</param>
/// <param name="Kind">What kind, such as <c>amount_mismatch</c>.</param>
/// <param name="Subject">The provider's id of it.</param>
/// <param name="Detail">What does not fit.</param>
/// <param name="Amount">Of how much; null where no money is meant.</param>
/// <param name="FoundAt">When it was found.</param>
public sealed record FindingAnswer(
    FindingId Id,
    BillingAccountId BillingAccountId,
    string Kind,
    string Subject,
    string Detail,
    Money? Amount,
    DateTimeOffset FoundAt)
{
    internal static FindingAnswer Of(FindingRow row) => new(
        row.Id,
        row.BillingAccount,
        row.Kind,
        row.Subject,
        row.Detail,
        row is { AmountMinor: { } minor, Currency: { } code } ? MinorUnits.ToMoney(minor, Currency.Of(code)) : null,
        row.FoundAt);
}

/// <summary>A movement at the provider that belongs to no organisation Quoin knows.</summary>
/// <param name="Provider">Who moved it.</param>
/// <param name="Mode">Test or live.</param>
/// <param name="ProviderMoveId">The provider's id of it.</param>
/// <param name="Kind"><c>charge</c>, <c>refund</c>, <c>dispute</c>, <c>fee</c>, <c>payout</c> or <c>other</c>.</param>
/// <param name="Amount">How much it added; below zero it took.</param>
/// <param name="Fee">What the provider kept of it.</param>
/// <param name="Source">What of the provider it is about; null none.</param>
/// <param name="Payout">The payout that carried it; null none yet.</param>
/// <param name="MovedAt">When.</param>
public sealed record UnattributedMove(
    string Provider,
    PaymentMode Mode,
    string ProviderMoveId,
    string Kind,
    Money Amount,
    Money Fee,
    string? Source,
    string? Payout,
    DateTimeOffset MovedAt);
