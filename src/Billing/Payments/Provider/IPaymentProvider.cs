namespace Quoin.Payments;

/// <summary>What made a request, kept with it: a replay by another release may mean something else.</summary>
/// <param name="Client">Name of the client library, such as <c>quoin-stripe</c>.</param>
/// <param name="ClientVersion">Its version; a replay needs the same major number.</param>
/// <param name="ApiVersion">The provider's API version asked for; a replay needs the same.</param>
public sealed record ProviderProvenance(string Client, string ClientVersion, string ApiVersion);

/// <summary>
/// A payment provider, in words of this module: nothing outside its adapter knows the provider's. Each call is one
/// attempt to have one thing done; the adapter repeats what a network lost, within the limits it states, always with
/// the same idempotency key. Never called inside a database transaction.
/// </summary>
/// <remarks>
/// What creates something takes <i>frozen parameters</i>: canonical JSON made once by <c>Freeze…</c>, kept, hashed, and
/// sent again as it is however often the call is repeated.
/// </remarks>
public interface IPaymentProvider
{
    /// <summary>Its name in rows and addresses, such as <c>stripe</c>.</summary>
    string Name { get; }

    /// <summary>What makes the requests now.</summary>
    ProviderProvenance Provenance { get; }

    /// <summary>Parameters of <see cref="CreateCheckout"/>.</summary>
    string Freeze(CheckoutParameters parameters);

    /// <summary>Parameters of <see cref="CreatePortal"/>.</summary>
    string Freeze(PortalParameters parameters);

    /// <summary>Parameters of <see cref="CreatePaymentLink"/>.</summary>
    string Freeze(PaymentLinkParameters parameters);

    /// <summary>Opens a page on which a customer subscribes, pays once or leaves a payment method.</summary>
    Task<ProviderOutcome<ProviderCheckout>> CreateCheckout(string frozen, string key, CancellationToken cancellationToken);

    /// <summary>A checkout as it is now.</summary>
    Task<ProviderOutcome<ProviderCheckout>> Checkout(string id, CancellationToken cancellationToken);

    /// <summary>
    /// All checkouts made between two instants whose metadata say <paramref name="operationKey"/>, however many others
    /// there are; of one customer where one is named.
    /// </summary>
    Task<ProviderOutcome<IReadOnlyList<ProviderCheckout>>> CheckoutsOf(
        string operationKey, string? customer, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken);

    /// <summary>Closes an open checkout; done already is done.</summary>
    Task<ProviderOutcome<ProviderCheckout>> ExpireCheckout(string id, string key, CancellationToken cancellationToken);

    /// <summary>Opens the provider's own page for a customer's methods and invoices.</summary>
    Task<ProviderOutcome<ProviderPortal>> CreatePortal(string frozen, string key, CancellationToken cancellationToken);

    /// <summary>Makes an address at which anybody can pay for fixed items.</summary>
    Task<ProviderOutcome<ProviderPaymentLink>> CreatePaymentLink(
        string frozen, string key, CancellationToken cancellationToken);

    /// <summary>Ends a payment link: nobody can open it any more; done already is done.</summary>
    Task<ProviderOutcome<ProviderPaymentLink>> EndPaymentLink(string id, string key, CancellationToken cancellationToken);

    /// <summary>Makes a price, with its product.</summary>
    Task<ProviderOutcome<ProviderPrice>> CreatePrice(
        PriceParameters parameters, string key, CancellationToken cancellationToken);

    /// <summary>Makes a customer.</summary>
    Task<ProviderOutcome<ProviderCustomer>> CreateCustomer(
        CustomerParameters parameters, string key, CancellationToken cancellationToken);

    /// <summary>A customer as it is now.</summary>
    Task<ProviderOutcome<ProviderCustomer>> Customer(string id, CancellationToken cancellationToken);

    /// <summary>A customer's payment methods; <see cref="ProviderList{T}.IsWhole"/> says whether these are all.</summary>
    Task<ProviderOutcome<ProviderList<ProviderPaymentMethod>>> PaymentMethods(
        string customer, CancellationToken cancellationToken);

    /// <summary>Which method a customer's later payments use.</summary>
    Task<ProviderOutcome<ProviderCustomer>> SetDefaultPaymentMethod(
        string customer, string method, string key, CancellationToken cancellationToken);

    /// <summary>Takes a payment method from its customer; done already is done.</summary>
    Task<ProviderOutcome<ProviderPaymentMethod>> DetachPaymentMethod(
        string method, string key, CancellationToken cancellationToken);

    /// <summary>A subscription as it is now.</summary>
    Task<ProviderOutcome<ProviderSubscription>> Subscription(string id, CancellationToken cancellationToken);

    /// <summary>All subscriptions of a customer, ended ones too.</summary>
    Task<ProviderOutcome<ProviderList<ProviderSubscription>>> Subscriptions(
        string customer, CancellationToken cancellationToken);

    /// <summary>Ends a subscription at once; ended already is done.</summary>
    Task<ProviderOutcome<ProviderSubscription>> CancelSubscription(
        string id, string key, CancellationToken cancellationToken);

    /// <summary>Changes a subscription: another price, whether it ends with its period, whether it pauses.</summary>
    Task<ProviderOutcome<ProviderSubscription>> ChangeSubscription(
        string id, SubscriptionChange change, string key, CancellationToken cancellationToken);

    /// <summary>What a change to another price would be charged now, without changing anything.</summary>
    Task<ProviderOutcome<ProviderProration>> PreviewChange(
        string id, SubscriptionChange change, CancellationToken cancellationToken);

    /// <summary>An invoice as it is now.</summary>
    Task<ProviderOutcome<ProviderInvoice>> Invoice(string id, CancellationToken cancellationToken);

    /// <summary>Invoices of a customer made since an instant, newest first.</summary>
    Task<ProviderOutcome<ProviderList<ProviderInvoice>>> Invoices(
        string customer, DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>Charges a customer's payment method without the customer being there.</summary>
    Task<ProviderOutcome<ProviderPayment>> Charge(
        ChargeParameters parameters, string key, CancellationToken cancellationToken);

    /// <summary>A payment as it is now.</summary>
    Task<ProviderOutcome<ProviderPayment>> Payment(string id, CancellationToken cancellationToken);

    /// <summary>Gives money of a payment back.</summary>
    Task<ProviderOutcome<ProviderRefund>> Refund(
        RefundParameters parameters, string key, CancellationToken cancellationToken);

    /// <summary>A refund as it is now.</summary>
    Task<ProviderOutcome<ProviderRefund>> FindRefund(string id, CancellationToken cancellationToken);

    /// <summary>A dispute as it is now.</summary>
    Task<ProviderOutcome<ProviderDispute>> Dispute(string id, CancellationToken cancellationToken);

    /// <summary>Sends what speaks against a dispute; submitting is once and final.</summary>
    Task<ProviderOutcome<ProviderDispute>> SubmitEvidence(
        string id, EvidenceParameters evidence, string key, CancellationToken cancellationToken);

    /// <summary>Movements of the operator's balance at the provider since an instant, oldest first.</summary>
    Task<ProviderOutcome<ProviderList<ProviderBalanceMove>>> BalanceMoves(
        DateTimeOffset since, string? payout, CancellationToken cancellationToken);

    /// <summary>Payouts to the operator's bank since an instant, newest first.</summary>
    Task<ProviderOutcome<ProviderList<ProviderPayout>>> Payouts(DateTimeOffset since, CancellationToken cancellationToken);

    /// <summary>
    /// Whether the provider sent this, by its signature over the exact bytes, and what kind of event it is. Pure; compares
    /// in constant time; fast, since thousands come a second.
    /// </summary>
    WebhookReading ReadWebhook(ReadOnlyMemory<byte> body, string? signature, DateTimeOffset now);

    /// <summary>What an event says that <see cref="ReadWebhook"/> found genuine, read from its stored bytes. Pure.</summary>
    /// <param name="body">The bytes as they came.</param>
    /// <param name="unreadable">Why it cannot be understood; null when it can.</param>
    /// <returns>Null when it cannot be understood.</returns>
    ProviderEvent? ReadEvent(ReadOnlyMemory<byte> body, out string? unreadable);
}
