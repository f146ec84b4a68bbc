using Quoin.Kernel;

namespace Quoin.Payments.Internal;

/// <summary>
/// What a provider says of an invoice, of a subscription or paid once, and of the payment it names. Never which
/// subscription is current.
/// </summary>
internal sealed class ProjectInvoice(
    SubscriptionStore subscriptions,
    CustomerStore customers,
    InvoiceStore invoices,
    ProjectPayment projectPayment,
    IPaymentFacts facts,
    IdSource ids)
{
    private const string Paid = "paid";

    /// <summary>Applies it.</summary>
    public async Task<EventEffect> Apply(
        LockedAccount account,
        ProviderPlace place,
        ProviderInvoice said,
        NewsSource source,
        CancellationToken cancellationToken)
    {
        var held = said.Subscription is null ? [] : await subscriptions.OfAccount(account, cancellationToken);
        var before = await invoices.ByProviderId(account, place, said.Id, cancellationToken);
        if (before is not null && before.BillingAccount != account.BillingAccount)
        {
            return new EventEffect.Refused("invoice_of_another_account", "The invoice is another account's.");
        }

        switch (source.Judge(before?.News, before?.UpdatedAt ?? default, before is null || Differs(before, said)))
        {
            case NewsVerdict.Drop:
                return EventEffect.Done.Older;
            case NewsVerdict.Ask:
                return EventEffect.NeedsProvider.Object;
        }

        if (LacksPayment(said, before) && source is { AskedAt: null, DecidesById: false })
        {
            return EventEffect.NeedsProvider.Object;
        }

        var customer = await customers.ByProviderId(account, place, said.Customer, cancellationToken);
        if (customer is not null && customer.BillingAccount != account.BillingAccount)
        {
            return new EventEffect.Refused("customer_of_another_account", "Its customer is another account's.");
        }

        customer ??= await customers.Ensure(account, place, said.Customer, email: null, replaces: false, cancellationToken);
        var subscription = held.FirstOrDefault(one => one.Place == place && one.ProviderId == said.Subscription);
        var after = Projected(account, place, said, before, customer.Id, subscription?.Id, source);
        await invoices.Save(account, before, after, cancellationToken);
        if (said.Payment is { } payment && said.Status == Paid)
        {
            await projectPayment.Settled(account, place, payment, said, after, cancellationToken);
        }

        await facts.InvoiceChanged(account, before, after, cancellationToken);
        return EventEffect.Done.Applied;
    }

    /// <summary>Whether what is said is anything else than what is stored.</summary>
    internal static bool Differs(InvoiceRow row, ProviderInvoice said) =>
        row.Status != said.Status
        || row.DueMinor != said.DueMinor
        || row.PaidMinor != said.PaidMinor
        || row.RemainingMinor != said.RemainingMinor
        || row.PaidAt != said.PaidAt
        || (said.Payment is { } payment && row.ProviderPayment != payment)
        || (said.Number is { } number && row.Number != number);

    // News of a paid invoice need not name its payment, without which the money is nobody's; the provider's answer does.
    private static bool LacksPayment(ProviderInvoice said, InvoiceRow? before) =>
        said is { Status: Paid, PaidMinor: > 0, Payment: null } && before?.ProviderPayment is null;

    private InvoiceRow Projected(
        LockedAccount account,
        ProviderPlace place,
        ProviderInvoice said,
        InvoiceRow? before,
        PaymentCustomerId customer,
        SubscriptionId? subscription,
        NewsSource source) => new()
        {
            Org = account.Org,
            Id = before?.Id ?? ids.Next<PaymentInvoiceId>(),
            BillingAccount = account.BillingAccount,
            Customer = customer,
            Subscription = subscription ?? before?.Subscription,
            Place = place,
            ProviderId = said.Id,
            ProviderSubscription = said.Subscription ?? before?.ProviderSubscription,
            ProviderPayment = said.Payment ?? before?.ProviderPayment,
            Number = said.Number ?? before?.Number,
            Status = said.Status,
            DueMinor = said.DueMinor,
            PaidMinor = said.PaidMinor,
            RemainingMinor = said.RemainingMinor,
            Currency = said.Currency,
            OperationKey = before?.OperationKey ?? said.Metadata.GetValueOrDefault(ProviderMetadata.OperationKey),
            HostedUrl = said.HostedUrl,
            PdfUrl = said.PdfUrl,
            IssuedAt = before?.IssuedAt ?? said.CreatedAt,
            DueAt = said.DueAt,
            PaidAt = said.PaidAt,
            News = source.Mark(before?.News),
        };
}
