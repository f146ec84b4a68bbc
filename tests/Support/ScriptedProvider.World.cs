using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Quoin.Payments;

namespace Quoin.Tests.Support;

/// <summary>What the scripted provider keeps; a test may change it, as customers and time do.</summary>
public sealed partial class ScriptedProvider
{
    /// <summary>Its checkouts, by id.</summary>
    public ConcurrentDictionary<string, ProviderCheckout> Checkouts { get; } = new(StringComparer.Ordinal);

    /// <summary>Its customers, by id.</summary>
    public ConcurrentDictionary<string, ProviderCustomer> Customers { get; } = new(StringComparer.Ordinal);

    /// <summary>Its subscriptions, by id.</summary>
    public ConcurrentDictionary<string, ProviderSubscription> KeptSubscriptions { get; } = new(StringComparer.Ordinal);

    /// <summary>Its invoices, by id.</summary>
    public ConcurrentDictionary<string, ProviderInvoice> KeptInvoices { get; } = new(StringComparer.Ordinal);

    /// <summary>Its payments, by id.</summary>
    public ConcurrentDictionary<string, ProviderPayment> KeptPayments { get; } = new(StringComparer.Ordinal);

    /// <summary>Its payment methods, by id.</summary>
    public ConcurrentDictionary<string, ProviderPaymentMethod> Methods { get; } = new(StringComparer.Ordinal);

    /// <summary>Its refunds, by id.</summary>
    public ConcurrentDictionary<string, ProviderRefund> KeptRefunds { get; } = new(StringComparer.Ordinal);

    /// <summary>Its disputes, by id.</summary>
    public ConcurrentDictionary<string, ProviderDispute> Disputes { get; } = new(StringComparer.Ordinal);

    /// <summary>Movements of its balance.</summary>
    public ConcurrentBag<ProviderBalanceMove> Moves { get; } = [];

    /// <summary>Whether its lists of movements are only a part.</summary>
    public bool HasMoreMoves { get; set; }

    /// <summary>Its payouts.</summary>
    public ConcurrentBag<ProviderPayout> KeptPayouts { get; } = [];

    /// <summary>A customer goes through a checkout; what it makes is made.</summary>
    public ProviderCheckout Pay(string checkout)
    {
        var open = Checkouts[checkout];
        var customer = open.Customer ?? MakeCustomer(null, open.Metadata).Id;
        var done = open with
        {
            Status = ProviderCheckoutStatus.Complete,
            IsPaid = true,
            Url = null,
            Customer = customer,
        };
        done = open.Purpose switch
        {
            CheckoutPurpose.Subscription => done with { Subscription = MakeSubscription(customer, open.Metadata).Id },
            CheckoutPurpose.Payment => done with { Payment = NewId("pi") },
            _ => done,
        };
        return Checkouts[checkout] = done;
    }

    /// <summary>Nobody paid in time.</summary>
    public ProviderCheckout LetExpire(string checkout) =>
        Checkouts[checkout] = Checkouts[checkout] with { Status = ProviderCheckoutStatus.Expired, Url = null };

    /// <summary>A new customer.</summary>
    public ProviderCustomer MakeCustomer(string? email, IReadOnlyDictionary<string, string> metadata)
    {
        var customer = new ProviderCustomer(NewId("cus"), email, null, IsDeleted: false, metadata);
        return Customers[customer.Id] = customer;
    }

    /// <summary>A new active subscription, of the price that <paramref name="price"/> names.</summary>
    public ProviderSubscription MakeSubscription(
        string customer, IReadOnlyDictionary<string, string> metadata, string price = "price_plan", string status = "active")
    {
        var now = clock.GetUtcNow();
        var subscription = new ProviderSubscription(
            NewId("sub"), customer, status, now, now, now.AddMonths(1), null, false, null, null, false, null,
            [new ProviderSubscriptionItem(NewId("si"), price, 1)], metadata);
        return KeptSubscriptions[subscription.Id] = subscription;
    }

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderCheckout>> CreateCheckout(
        string frozen, string key, CancellationToken cancellationToken) =>
        Answer(nameof(CreateCheckout), frozen, key, () => Open(frozen), cancellationToken);

    private ProviderCheckout Open(string frozen)
    {
        var parameters = JsonSerializer.Deserialize<CheckoutParameters>(frozen)!;
        var id = NewId("cs");
        var amount = parameters.Items.Sum(item => (item.AmountMinor ?? 0) * (item.Quantity ?? 1));
        return Checkouts[id] = new ProviderCheckout(
            id,
            parameters.Purpose,
            ProviderCheckoutStatus.Open,
            IsPaid: false,
            $"https://pay.test/{id}",
            clock.GetUtcNow(),
            parameters.ExpiresAt,
            parameters.Customer,
            null,
            null,
            null,
            amount,
            parameters.Currency,
            parameters.Metadata);
    }

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderCheckout>> Checkout(string id, CancellationToken cancellationToken) =>
        Answer(nameof(Checkout), id, null, () => Checkouts.GetValueOrDefault(id), cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<IReadOnlyList<ProviderCheckout>>> CheckoutsOf(
        string operationKey, string? customer, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken) =>
        Answer<IReadOnlyList<ProviderCheckout>>(
            nameof(CheckoutsOf),
            operationKey,
            null,
            () => [.. Checkouts.Values.Where(one => one.CreatedAt >= from && one.CreatedAt <= to
                && one.Metadata.GetValueOrDefault("operation_key") == operationKey)],
            cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderCheckout>> ExpireCheckout(string id, string key, CancellationToken cancellationToken) =>
        Answer(
            nameof(ExpireCheckout),
            id,
            key,
            () => Checkouts.TryGetValue(id, out var one)
                ? one.Status == ProviderCheckoutStatus.Open ? LetExpire(id) : one
                : null,
            cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderPortal>> CreatePortal(string frozen, string key, CancellationToken cancellationToken) =>
        Answer(
            nameof(CreatePortal),
            frozen,
            key,
            () => new ProviderPortal(NewId("bps"), $"https://pay.test/portal/{made.ToString(CultureInfo.InvariantCulture)}"),
            cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderPaymentLink>> CreatePaymentLink(
        string frozen, string key, CancellationToken cancellationToken) =>
        Answer(
            nameof(CreatePaymentLink),
            frozen,
            key,
            () => new ProviderPaymentLink(NewId("plink"), "https://pay.test/link", IsActive: true),
            cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderPaymentLink>> EndPaymentLink(
        string id, string key, CancellationToken cancellationToken) =>
        Answer(
            nameof(EndPaymentLink),
            id,
            key,
            () => new ProviderPaymentLink(id, "https://pay.test/link", IsActive: false),
            cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderPrice>> CreatePrice(
        PriceParameters parameters, string key, CancellationToken cancellationToken) =>
        Answer(
            nameof(CreatePrice),
            Of(parameters),
            key,
            () => new ProviderPrice(NewId("price"), parameters.Product ?? NewId("prod")),
            cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderCustomer>> CreateCustomer(
        CustomerParameters parameters, string key, CancellationToken cancellationToken) =>
        Answer(
            nameof(CreateCustomer),
            Of(parameters),
            key,
            () => MakeCustomer(parameters.Email, parameters.Metadata),
            cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderCustomer>> Customer(string id, CancellationToken cancellationToken) =>
        Answer(nameof(Customer), id, null, () => Customers.GetValueOrDefault(id), cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderList<ProviderPaymentMethod>>> PaymentMethods(
        string customer, CancellationToken cancellationToken) =>
        Answer(
            nameof(PaymentMethods),
            customer,
            null,
            () => Whole(Methods.Values, one => one.Customer == customer) is var all && all.Items.Count > MethodsListedMax
                ? new ProviderList<ProviderPaymentMethod>([.. all.Items.Take(MethodsListedMax)], IsWhole: false)
                : all,
            cancellationToken);

    /// <summary>How many payment methods one answer lists; there are more where it is not whole.</summary>
    public int MethodsListedMax { get; set; } = int.MaxValue;

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderCustomer>> SetDefaultPaymentMethod(
        string customer, string method, string key, CancellationToken cancellationToken) =>
        Answer(
            nameof(SetDefaultPaymentMethod),
            $"{customer}/{method}",
            key,
            () => Customers.TryGetValue(customer, out var one)
                ? Customers[customer] = one with { DefaultPaymentMethod = method }
                : null,
            cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderPaymentMethod>> DetachPaymentMethod(
        string method, string key, CancellationToken cancellationToken) =>
        Answer(
            nameof(DetachPaymentMethod),
            method,
            key,
            () => Methods.TryGetValue(method, out var one) ? Methods[method] = one with { Customer = null } : null,
            cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderSubscription>> Subscription(string id, CancellationToken cancellationToken) =>
        Answer(nameof(Subscription), id, null, () => KeptSubscriptions.GetValueOrDefault(id), cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderList<ProviderSubscription>>> Subscriptions(
        string customer, CancellationToken cancellationToken) =>
        Answer(
            nameof(Subscriptions),
            customer,
            null,
            () => Whole(KeptSubscriptions.Values, one => one.Customer == customer),
            cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderSubscription>> CancelSubscription(
        string id, string key, CancellationToken cancellationToken) =>
        Answer(
            nameof(CancelSubscription),
            id,
            key,
            () => KeptSubscriptions.TryGetValue(id, out var one)
                ? KeptSubscriptions[id] = one with { Status = "canceled", EndedAt = one.EndedAt ?? clock.GetUtcNow() }
                : null,
            cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderSubscription>> ChangeSubscription(
        string id, SubscriptionChange change, string key, CancellationToken cancellationToken) =>
        Answer(
            nameof(ChangeSubscription),
            $"{id}/{Of(change)}",
            key,
            () => KeptSubscriptions.TryGetValue(id, out var one)
                ? KeptSubscriptions[id] = one with
                {
                    Items = change.Price is { } price ? [one.Items[0] with { Price = price }] : one.Items,
                    EndsWithPeriod = change.EndsWithPeriod ?? one.EndsWithPeriod,
                    IsPaused = change.IsPaused ?? one.IsPaused,
                }
                : null,
            cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderProration>> PreviewChange(
        string id, SubscriptionChange change, CancellationToken cancellationToken) =>
        Answer(
            nameof(PreviewChange),
            $"{id}/{Of(change)}",
            null,
            () => new ProviderProration(0, "USD", clock.GetUtcNow(), []),
            cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderInvoice>> Invoice(string id, CancellationToken cancellationToken) =>
        Answer(nameof(Invoice), id, null, () => KeptInvoices.GetValueOrDefault(id), cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderList<ProviderInvoice>>> Invoices(
        string customer, DateTimeOffset since, CancellationToken cancellationToken) =>
        Answer(
            nameof(Invoices),
            customer,
            null,
            () => Whole(KeptInvoices.Values, one => one.Customer == customer && one.CreatedAt >= since),
            cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderPayment>> Charge(
        ChargeParameters parameters, string key, CancellationToken cancellationToken) =>
        Answer(nameof(Charge), Of(parameters), key, () => MakePayment(parameters), cancellationToken);

    private ProviderPayment MakePayment(ChargeParameters parameters)
    {
        var payment = new ProviderPayment(
            NewId("pi"),
            NewId("ch"),
            parameters.Customer,
            null,
            ProviderPaymentStatus.Succeeded,
            parameters.AmountMinor,
            0,
            parameters.Currency,
            null,
            "https://pay.test/receipt",
            clock.GetUtcNow(),
            parameters.Metadata);
        return KeptPayments[payment.Id] = payment;
    }

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderPayment>> Payment(string id, CancellationToken cancellationToken) =>
        Answer(nameof(Payment), id, null, () => KeptPayments.GetValueOrDefault(id), cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderRefund>> Refund(
        RefundParameters parameters, string key, CancellationToken cancellationToken) =>
        Answer(nameof(Refund), Of(parameters), key, () => MakeRefund(parameters), cancellationToken);

    private ProviderRefund? MakeRefund(RefundParameters parameters)
    {
        if (!KeptPayments.TryGetValue(parameters.Payment, out var payment))
        {
            return null;
        }

        KeptPayments[payment.Id] = payment with { RefundedMinor = payment.RefundedMinor + parameters.AmountMinor };
        var refund = new ProviderRefund(
            NewId("re"),
            payment.Id,
            payment.Charge,
            ProviderRefundStatus.Succeeded,
            parameters.AmountMinor,
            payment.Currency,
            null,
            parameters.Metadata);
        return KeptRefunds[refund.Id] = refund;
    }

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderRefund>> FindRefund(string id, CancellationToken cancellationToken) =>
        Answer(nameof(FindRefund), id, null, () => KeptRefunds.GetValueOrDefault(id), cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderDispute>> Dispute(string id, CancellationToken cancellationToken) =>
        Answer(nameof(Dispute), id, null, () => Disputes.GetValueOrDefault(id), cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderDispute>> SubmitEvidence(
        string id, EvidenceParameters evidence, string key, CancellationToken cancellationToken) =>
        Answer(nameof(SubmitEvidence), $"{id}/{evidence.Submit}", key, () => Disputes.GetValueOrDefault(id), cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderList<ProviderBalanceMove>>> BalanceMoves(
        DateTimeOffset since, string? payout, CancellationToken cancellationToken) =>
        Answer(
            nameof(BalanceMoves),
            payout ?? string.Empty,
            null,
            () => Whole(Moves, one => one.CreatedAt >= since && (payout is null || one.Payout == payout)) with
            {
                IsWhole = !HasMoreMoves,
            },
            cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderList<ProviderPayout>>> Payouts(
        DateTimeOffset since, CancellationToken cancellationToken) =>
        Answer(nameof(Payouts), string.Empty, null, () => Whole(KeptPayouts, one => one.CreatedAt >= since), cancellationToken);

    private static ProviderList<T> Whole<T>(IEnumerable<T> all, Func<T, bool> of) => new([.. all.Where(of)], IsWhole: true);
}
