namespace Quoin.Payments.Internal;

/// <summary>The rows of an account, each kind behind its own door.</summary>
internal sealed record PaymentStores(
    RequestStore Requests,
    CheckoutStore Checkouts,
    CustomerStore Customers,
    SubscriptionStore Subscriptions,
    InvoiceStore Invoices,
    PaymentStore Payments);
