using System.Text.Json;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Payments.Internal;

namespace Quoin.Payments.KeepBooks;

/// <summary>What money that came is for, by what is known of it.</summary>
internal enum Settlement
{
    /// <summary>Nothing known names it yet: it waits until its invoice or checkout is told of.</summary>
    NotKnown,

    /// <summary>Credit that was ordered here.</summary>
    Purchase,

    /// <summary>Credit bought at an address anybody can pay at.</summary>
    PurchaseAtLink,

    /// <summary>It says credit, and nobody ordered any.</summary>
    UnknownPurchase,

    /// <summary>What was invoiced: a plan's period, or an invoice of an operator.</summary>
    Invoice,

    /// <summary>Something sold once.</summary>
    Sale,
}

/// <summary>
/// Puts money that came into the books, once for each payment whoever tells of it first: a purchase becomes its grant, an
/// invoice's payment settles what is receivable, something sold once is earned and settled. What does not fit becomes a
/// finding and no credit.
/// </summary>
internal sealed class SettlePayments(
    PurchaseStore purchases, PaymentBooks books, Findings findings, Organisations organisations, IdSource ids)
{
    /// <summary>The natural key of a payment in the books.</summary>
    public static string KeyOf(string providerPayment) => $"payment/{providerPayment}";

    /// <summary>Money came.</summary>
    /// <returns>Whether it stands in the books by this.</returns>
    public async Task<bool> Succeeded(
        LockedAccount account,
        PaymentRow payment,
        InvoiceRow? invoice,
        CheckoutRow? checkout,
        CancellationToken cancellationToken)
    {
        if (payment.AmountMinor == 0
            || await PaymentBooks.Find(account, KeyOf(payment.ProviderId), cancellationToken) is not null)
        {
            return false;
        }

        var operation = payment.OperationKey ?? checkout?.OperationKey ?? invoice?.OperationKey;
        var purchase = operation is null
            ? null
            : await purchases.ByOperation(account, payment.Place, operation, cancellationToken);
        switch (Decide(payment, invoice, checkout, purchase))
        {
            case Settlement.Purchase:
                await Give(account, purchase!, payment, cancellationToken);
                break;
            case Settlement.PurchaseAtLink:
                await GiveAtLink(account, payment, operation!, cancellationToken);
                break;
            case Settlement.UnknownPurchase:
                await Add(account, FindingKinds.UnknownPurchase, payment, "It pays for credit that nobody ordered.", cancellationToken);
                break;
            case Settlement.Sale:
                await Sell(account, payment, cancellationToken);
                await Settle(account, payment, $"{payment.Id} of something sold once", cancellationToken);
                break;
            case Settlement.Invoice:
                await Settle(account, payment, $"{payment.Id} of invoice {invoice!.Number ?? invoice.ProviderId}", cancellationToken);
                break;
        }

        return await PaymentBooks.Find(account, KeyOf(payment.ProviderId), cancellationToken) is not null;
    }

    /// <summary>Money did not come. On an open page the customer may try again; a charge without the customer is over.</summary>
    public async Task Failed(
        LockedAccount account, PaymentRow payment, CheckoutRow? checkout, CancellationToken cancellationToken)
    {
        if (payment.OperationKey is not { } operation || (payment.Kind != PaymentKind.Charge && checkout is null or
            { Status: CheckoutStatus.Open }))
        {
            return;
        }

        if (await purchases.ByOperation(account, payment.Place, operation, cancellationToken) is { } purchase
            && purchase.Status.MayBecome(PurchaseStatus.Failed))
        {
            await purchases.Update(account, purchase, purchase with { Status = PurchaseStatus.Failed }, cancellationToken);
        }
    }

    private static Settlement Decide(
        PaymentRow payment, InvoiceRow? invoice, CheckoutRow? checkout, PurchaseRow? purchase)
    {
        if (purchase is not null)
        {
            return Settlement.Purchase;
        }

        if (invoice?.ProviderSubscription is not null)
        {
            return Settlement.Invoice;
        }

        var isOfLink = payment.Kind == PaymentKind.Link || checkout is { IsOfLink: true };
        return (PurposeOf(payment.Metadata) ?? PurposeOf(checkout?.Metadata)) switch
        {
            PaymentPurposes.TopUp => isOfLink ? Settlement.PurchaseAtLink : Settlement.UnknownPurchase,
            PaymentPurposes.OneOff or PaymentPurposes.PaymentLink => Settlement.Sale,
            _ when isOfLink => Settlement.Sale,
            _ => invoice is null ? Settlement.NotKnown : Settlement.Invoice,
        };
    }

    private static string? PurposeOf(string? metadata) =>
        metadata is not null
        && JsonSerializer.Deserialize<Dictionary<string, string>>(metadata) is { } values
        && values.TryGetValue(ProviderMetadata.Purpose, out var purpose)
            ? purpose
            : null;

    private async Task Give(
        LockedAccount account, PurchaseRow purchase, PaymentRow payment, CancellationToken cancellationToken)
    {
        if (WhyNot(purchase, payment) is var (kind, reason))
        {
            await Add(account, kind, payment, reason, cancellationToken);
            return;
        }

        var amount = MinorUnits.ToMoney(payment.AmountMinor, Currency.Of(payment.Currency));
        var standing = await books.Grant(
            account, PostingOf(payment, purchase.Id.ToString()), amount, GrantSource.Purchased, cancellationToken);
        var paid = purchase with
        {
            Status = PurchaseStatus.Succeeded,
            ProviderPayment = payment.ProviderId,
            Payment = payment.Id,
            Grant = standing.Grant,
            PaidAt = payment.PaidAt ?? account.Now,
        };
        await purchases.Update(account, purchase, paid, cancellationToken);
    }

    private static (string Kind, string Reason)? WhyNot(PurchaseRow purchase, PaymentRow payment) =>
        purchase.Status.IsPaid()
            ? (FindingKinds.PaidTwice, $"{purchase.Id} was paid before, by {purchase.ProviderPayment}.")
            : purchase.Currency != payment.Currency
                ? (FindingKinds.CurrencyMismatch, $"{purchase.Id} is in {purchase.Currency}, paid was {payment.Currency}.")
                : purchase.AmountMinor != payment.AmountMinor
                    ? (FindingKinds.AmountMismatch,
                        $"{purchase.Id} is {purchase.AmountMinor} minor units, paid were {payment.AmountMinor}.")
                    : null;

    // Each payment at a link is a purchase of its own, of what was paid.
    private async Task GiveAtLink(
        LockedAccount account, PaymentRow payment, string operation, CancellationToken cancellationToken)
    {
        var profile = await organisations.FindBillingAccount(account.Org, account.BillingAccount, cancellationToken);
        if (profile?.Currency.Code != payment.Currency)
        {
            var reason = $"The account is in {profile?.Currency}, paid was {payment.Currency}.";
            await Add(account, FindingKinds.CurrencyMismatch, payment, reason, cancellationToken);
            return;
        }

        var purchase = await purchases.Insert(
            account,
            new PurchaseRow
            {
                Org = account.Org,
                Id = ids.Next<PurchaseId>(),
                BillingAccount = account.BillingAccount,
                Request = payment.Request,
                OperationKey = operation,
                Place = payment.Place,
                IsOfLink = true,
                AmountMinor = payment.AmountMinor,
                Currency = payment.Currency,
                Status = PurchaseStatus.Pending,
            },
            cancellationToken);
        await Give(account, purchase, payment, cancellationToken);
    }

    private async Task Settle(
        LockedAccount account, PaymentRow payment, string reference, CancellationToken cancellationToken)
    {
        var amount = MinorUnits.ToMoney(payment.AmountMinor, Currency.Of(payment.Currency));
        await books.Post(
            account, PostingOf(payment, reference), new BusinessFact.PaymentReceived(amount), cancellationToken);
    }

    private async Task Sell(LockedAccount account, PaymentRow payment, CancellationToken cancellationToken)
    {
        var amount = MinorUnits.ToMoney(payment.AmountMinor, Currency.Of(payment.Currency));
        var posting = new NewPosting(
            $"sale/{payment.ProviderId}", payment.Place, payment.ProviderId, 0, $"{payment.Id}: something sold once");
        await books.Post(account, posting, new BusinessFact.ItemSold(amount), cancellationToken);
    }

    private static NewPosting PostingOf(PaymentRow payment, string reference) =>
        new(KeyOf(payment.ProviderId), payment.Place, payment.ProviderId, payment.AmountMinor, reference);

    private Task Add(
        LockedAccount account, string kind, PaymentRow payment, string reason, CancellationToken cancellationToken) =>
        findings.Add(
            account,
            new NewFinding(kind, payment.ProviderId, reason, payment.AmountMinor, payment.Currency),
            cancellationToken);
}
