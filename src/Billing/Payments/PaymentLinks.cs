using Quoin.Accounts;
using Quoin.Kernel;
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
    BillingAccountProfile Account, string SuccessPath, IReadOnlyList<PaymentLinkItem> LineItems)
{
    /// <summary>Whether what is paid becomes credit of the account, instead of paying for something that is sold.</summary>
    public bool GivesCredit { get; init; }
}

/// <summary>A line of a payment link, as payers read it.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Quantity">How many.</param>
/// <param name="AmountMinor">Minor units for one.</param>
public sealed record PaymentLinkLine(string Name, int Quantity, long AmountMinor);

/// <summary>A payment link, as it stands.</summary>
/// <param name="Id">The link.</param>
/// <param name="BillingAccountId">Whose.</param>
/// <param name="Url">Its address.</param>
/// <param name="Active">Whether it can be opened.</param>
/// <param name="GivesCredit">Whether what is paid becomes credit of the account.</param>
/// <param name="Amount">What a payment of it comes to.</param>
/// <param name="AmountMinor">The same in minor units.</param>
/// <param name="Lines">What is sold.</param>
/// <param name="Payments">How often it was paid.</param>
/// <param name="OperationKey">Names the operation in logs, events and at the provider.</param>
/// <param name="ProviderLinkId">The provider's id.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="DeactivatedAt">When it was ended; null while it is active.</param>
public sealed record PaymentLink(
    PaymentLinkId Id,
    BillingAccountId BillingAccountId,
    string Url,
    bool Active,
    bool GivesCredit,
    Money Amount,
    long AmountMinor,
    IReadOnlyList<PaymentLinkLine> Lines,
    int Payments,
    string OperationKey,
    string ProviderLinkId,
    DateTimeOffset CreatedAt,
    DateTimeOffset? DeactivatedAt)
{
    internal static PaymentLink Of(LinkRow row) => new(
        row.Id,
        row.BillingAccount,
        row.Url,
        row.IsActive,
        row.GivesCredit,
        MinorUnits.ToMoney(row.AmountMinor, row.Currency),
        row.AmountMinor,
        row.Lines,
        row.Payments,
        row.OperationKey,
        row.ProviderId,
        row.CreatedAt,
        row.DeactivatedAt);
}

/// <summary>Every way ending a payment link can end, in the order they are checked.</summary>
public abstract record LinkChangeOutcome
{
    private LinkChangeOutcome()
    {
    }

    /// <summary>The account has no such link.</summary>
    public sealed record NotFound : LinkChangeOutcome;

    /// <summary>Nobody takes payments of its mode here any more.</summary>
    public sealed record NotConfigured : LinkChangeOutcome;

    /// <summary>The provider did not say; asking again does no harm.</summary>
    public sealed record Unknown : LinkChangeOutcome;

    /// <summary>The provider refused.</summary>
    /// <param name="Reason">For people.</param>
    public sealed record Refused(string Reason) : LinkChangeOutcome;

    /// <summary>It is ended, now or since before.</summary>
    /// <param name="Link">The link.</param>
    public sealed record Standing(PaymentLink Link) : LinkChangeOutcome;
}

/// <summary>The door to payment links.</summary>
public sealed class PaymentLinks
{
    private readonly MakePaymentLink making;
    private readonly EndPaymentLink ending;
    private readonly LinkStore store;

    internal PaymentLinks(MakePaymentLink making, EndPaymentLink ending, LinkStore store) =>
        (this.making, this.ending, this.store) = (making, ending, store);

    /// <summary>Makes a link, or tells what became of the one with this key.</summary>
    /// <param name="request">What for.</param>
    /// <param name="clientKey">The client's own name of the request; 1 to 191 characters.</param>
    /// <param name="actor">Who asks, for the audit log.</param>
    /// <param name="cancellationToken">Stops it while nothing has been claimed; after that it is finished.</param>
    public Task<PaymentRequestOutcome> Make(
        NewPaymentLink request, string clientKey, string actor, CancellationToken cancellationToken) =>
        making.Handle(request, clientKey, actor, cancellationToken);

    /// <summary>Ends a link: nobody can open it any more.</summary>
    public Task<LinkChangeOutcome> Deactivate(
        BillingAccountProfile account, PaymentLinkId link, string actor, CancellationToken cancellationToken) =>
        ending.Handle(account, link, actor, cancellationToken);

    /// <summary>An account's links, the newest first.</summary>
    public async Task<IReadOnlyList<PaymentLink>> Newest(
        BillingAccountProfile account, PaymentLinkId? before, int count, CancellationToken cancellationToken) =>
        [.. (await store.Newest(account.OrganisationId, account.Id, before, count, cancellationToken)).Select(PaymentLink.Of)];
}
