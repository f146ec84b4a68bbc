using System.Text.Json;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>
/// What a provider says of a payment, by itself or on an invoice. One that succeeded never goes back to waiting or failed:
/// what was given back stands beside it.
/// </summary>
internal sealed class ProjectPayment(
    RequestStore requests,
    CheckoutStore checkouts,
    InvoiceStore invoices,
    PaymentStore payments,
    IPaymentFacts facts,
    Outbox outbox,
    IdSource ids)
{
    /// <summary>Applies it.</summary>
    public async Task<EventEffect> Apply(
        LockedAccount account,
        ProviderPlace place,
        ProviderPayment said,
        NewsSource source,
        CancellationToken cancellationToken)
    {
        var operation = said.Metadata.GetValueOrDefault(ProviderMetadata.OperationKey);
        var request = operation is null ? null : await requests.ByOperation(account, operation, cancellationToken);
        var checkout = operation is null || request?.Action == RequestAction.PaymentLink
            ? null
            : await checkouts.ByOperation(account, place, operation, cancellationToken);
        var before = await payments.ByProviderId(account, place, said.Id, cancellationToken);
        if (before is not null && before.BillingAccount != account.BillingAccount)
        {
            return new EventEffect.Refused("payment_of_another_account", "The payment is another account's.");
        }

        switch (source.Judge(before?.News, before?.UpdatedAt ?? default, before is null || Differs(before, said)))
        {
            case NewsVerdict.Drop:
                return EventEffect.Done.Older;
            case NewsVerdict.Ask:
                return EventEffect.NeedsProvider.Object;
        }

        var invoice = said.Invoice is { } named
            ? await invoices.ByProviderId(account, place, named, cancellationToken)
            : null;
        var after = Projected(account, place, said, before, request, checkout, invoice, source) with { OperationKey = operation };
        await payments.Save(account, before, after, cancellationToken);
        await Tell(account, before, after, invoice, checkout, cancellationToken);
        return EventEffect.Done.Applied;
    }

    /// <summary>
    /// What an invoice that was paid says of its payment: that it succeeded, and what for. The payment's own news says the
    /// rest, and is not held up by the invoice's.
    /// </summary>
    public async Task Settled(
        LockedAccount account,
        ProviderPlace place,
        string payment,
        ProviderInvoice said,
        InvoiceRow invoice,
        CancellationToken cancellationToken)
    {
        var before = await payments.ByProviderId(account, place, payment, cancellationToken);
        if (before is { Status: ProviderPaymentStatus.Succeeded, Invoice: not null }
            || (before is not null && before.BillingAccount != account.BillingAccount))
        {
            return;
        }

        var row = before ?? new PaymentRow
        {
            Org = account.Org,
            Id = ids.Next<PaymentId>(),
            BillingAccount = account.BillingAccount,
            Place = place,
            ProviderId = payment,
            ProviderCustomer = said.Customer,
            Kind = PaymentKind.Invoice,
            Status = ProviderPaymentStatus.Pending,
            AmountMinor = said.PaidMinor,
            Currency = said.Currency,
            OperationKey = invoice.OperationKey,
            Metadata = JsonSerializer.Serialize(said.Metadata),
        };
        var after = row with
        {
            Invoice = invoice.Id,
            Status = ProviderPaymentStatus.Succeeded,

            // The charge of an attempt that failed is not the one that paid: that one is asked for.
            ProviderCharge = before?.Status == ProviderPaymentStatus.Succeeded ? row.ProviderCharge : null,
            Kind = row.Kind == PaymentKind.Charge ? PaymentKind.Invoice : row.Kind,
            FailureMessage = null,
            PaidAt = row.PaidAt ?? said.PaidAt ?? account.Now,
        };
        await payments.Save(account, before, after, cancellationToken);
        await Tell(account, before, after, invoice, checkout: null, cancellationToken);
    }

    /// <summary>Whether what is said is anything else than what is stored.</summary>
    internal static bool Differs(PaymentRow row, ProviderPayment said) =>
        !IsBehind(row, said)
        && (row.Status != said.Status
            || row.AmountMinor != said.AmountMinor
            || row.RefundedMinor != said.RefundedMinor
            || (said.Charge is { } charge && row.ProviderCharge != charge));

    // An attempt before the one that paid: nothing it says counts any more.
    private static bool IsBehind(PaymentRow? before, ProviderPayment said) =>
        before?.Status == ProviderPaymentStatus.Succeeded && said.Status != ProviderPaymentStatus.Succeeded;

    private PaymentRow Projected(
        LockedAccount account,
        ProviderPlace place,
        ProviderPayment said,
        PaymentRow? before,
        RequestRow? request,
        CheckoutRow? checkout,
        InvoiceRow? invoice,
        NewsSource source)
    {
        var isBehind = IsBehind(before, said);
        var status = isBehind ? ProviderPaymentStatus.Succeeded : said.Status;
        return new PaymentRow
        {
            Org = account.Org,
            Id = before?.Id ?? ids.Next<PaymentId>(),
            BillingAccount = account.BillingAccount,
            Invoice = invoice?.Id ?? before?.Invoice,
            Checkout = checkout?.Id ?? before?.Checkout,
            Request = request?.Id ?? before?.Request,
            Place = place,
            ProviderId = said.Id,
            ProviderCharge = isBehind ? before!.ProviderCharge
                : said.Charge ?? (before?.Status == status ? before.ProviderCharge : null),
            ProviderCustomer = said.Customer ?? before?.ProviderCustomer,
            Kind = KindOf(said, before, request),
            Status = status,
            AmountMinor = isBehind ? before!.AmountMinor : said.AmountMinor,
            RefundedMinor = isBehind ? before!.RefundedMinor : said.RefundedMinor,
            Currency = said.Currency,
            FailureMessage = status == ProviderPaymentStatus.Succeeded ? null : said.FailureMessage,
            ReceiptUrl = said.ReceiptUrl,
            Metadata = JsonSerializer.Serialize(said.Metadata),
            PaidAt = before?.PaidAt ?? (status == ProviderPaymentStatus.Succeeded ? account.Now : null),
            News = source.Mark(before?.News),
        };
    }

    private static PaymentKind KindOf(ProviderPayment said, PaymentRow? before, RequestRow? request) => request?.Action switch
    {
        RequestAction.Charge => PaymentKind.Charge,
        RequestAction.PaymentLink => PaymentKind.Link,
        _ when said.Invoice is not null || before?.Invoice is not null => PaymentKind.Invoice,
        null => before?.Kind ?? PaymentKind.Invoice,
        _ => PaymentKind.Checkout,
    };

    // Told when it turned out, and again when it is found out later what it was for.
    private async Task Tell(
        LockedAccount account,
        PaymentRow? before,
        PaymentRow after,
        InvoiceRow? invoice,
        CheckoutRow? checkout,
        CancellationToken cancellationToken)
    {
        var isNew = before?.Status != after.Status;
        if (isNew && after.Status == ProviderPaymentStatus.Succeeded)
        {
            await Publish(account, after, Succeeded(account, after), cancellationToken);
        }
        else if (isNew && after.Status == ProviderPaymentStatus.Failed)
        {
            await Publish(account, after, Failed(account, after), cancellationToken);
        }

        if (after.Status == ProviderPaymentStatus.Succeeded
            && (isNew || before?.Invoice != after.Invoice || before?.Checkout != after.Checkout))
        {
            await facts.PaymentSucceeded(account, after, invoice, checkout, cancellationToken);
        }
        else if (isNew && after.Status == ProviderPaymentStatus.Failed)
        {
            await facts.PaymentFailed(account, after, invoice, checkout, cancellationToken);
        }
    }

    private Task<Guid> Publish<TNews>(
        LockedAccount account, PaymentRow payment, TNews news, CancellationToken cancellationToken)
        where TNews : IOutboxEvent =>
        outbox.Publish(
            account.Transaction,
            account.Org,
            account.BillingAccount.ToString(),
            news,
            payment.OperationKey,
            cancellationToken);

    private static PaymentSucceeded Succeeded(LockedAccount account, PaymentRow payment) => new(
        account.BillingAccount, payment.Id, payment.AmountMinor, Currency.Of(payment.Currency), payment.Kind, account.Now);

    private static PaymentFailed Failed(LockedAccount account, PaymentRow payment) => new(
        account.BillingAccount,
        payment.Id,
        payment.AmountMinor,
        Currency.Of(payment.Currency),
        payment.Kind,
        payment.FailureMessage,
        account.Now);
}
