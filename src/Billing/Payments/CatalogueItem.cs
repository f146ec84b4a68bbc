using Quoin.Kernel;

namespace Quoin.Payments;

/// <summary>Something that may be sold once.</summary>
/// <param name="Id">Its id; what a payment link names it by.</param>
/// <param name="Name">What payers read.</param>
/// <param name="Currency">What it is sold in.</param>
/// <param name="AmountMinor">Minor units of the currency for one.</param>
/// <param name="Mode">To whom: test or live organisations.</param>
/// <param name="Active">Whether it may still be sold.</param>
public sealed record CatalogueItem(
    CatalogueItemId Id, string Name, Currency Currency, long AmountMinor, PaymentMode Mode, bool Active);

/// <summary>Something to sell from now on.</summary>
/// <param name="Name">What payers read; 1 to 160 letters.</param>
/// <param name="Currency">What it is sold in.</param>
/// <param name="AmountMinor">Minor units of the currency for one; 1 to 99,999,999.</param>
/// <param name="Mode">To whom: test or live organisations.</param>
public sealed record NewCatalogueItem(string Name, Currency Currency, long AmountMinor, PaymentMode Mode);

/// <summary>What may be sold once.</summary>
/// <param name="Data">By name.</param>
public sealed record CatalogueItemList(IReadOnlyList<CatalogueItem> Data);
