using Quoin.Accounts;
using Quoin.Payments.CreatePaymentLink;

namespace Quoin.Payments;

/// <summary>A line of a payment link: something of the catalogue, or something of its own.</summary>
/// <param name="Quantity">How many; 1 to 10,000.</param>
/// <param name="CatalogueItemId">What of the catalogue; left out, the line says itself what it is.</param>
/// <param name="Name">What payers read; of a line of its own, 1 to 160 letters.</param>
/// <param name="AmountMinor">Minor units for one; of a line of its own, 1 to 99,999,999.</param>
/// <param name="Currency">Left out, the billing account's; no other.</param>
public sealed record PaymentLinkItem(
    int Quantity,
    CatalogueItemId? CatalogueItemId = null,
    string? Name = null,
    long? AmountMinor = null,
    string? Currency = null);

/// <summary>A payment link to make.</summary>
/// <param name="Account">Whose.</param>
/// <param name="SuccessPath">Where a payer goes after paying; a path of this installation.</param>
/// <param name="LineItems">1 to 20.</param>
public sealed record NewPaymentLink(
    BillingAccountProfile Account, string SuccessPath, IReadOnlyList<PaymentLinkItem> LineItems);

/// <summary>The door to payment links.</summary>
public sealed class PaymentLinks
{
    private readonly MakePaymentLink making;

    internal PaymentLinks(MakePaymentLink making) => this.making = making;

    /// <summary>Makes a link, or tells what became of the one with this key.</summary>
    /// <param name="request">What for.</param>
    /// <param name="clientKey">The client's own name of the request; 1 to 191 characters.</param>
    /// <param name="actor">Who asks, for the audit log.</param>
    /// <param name="cancellationToken">Stops it while nothing has been claimed; after that it is finished.</param>
    public Task<PaymentRequestOutcome> Make(
        NewPaymentLink request, string clientKey, string actor, CancellationToken cancellationToken) =>
        making.Handle(request, clientKey, actor, cancellationToken);
}
