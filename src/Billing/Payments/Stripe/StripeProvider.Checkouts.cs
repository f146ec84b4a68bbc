namespace Quoin.Payments.Stripe;

/// <content>Pages customers pay on, and what they offer.</content>
public sealed partial class StripeProvider
{
    private const string OperationKey = "operation_key";

    /// <inheritdoc />
    public string Freeze(CheckoutParameters parameters) => StripeFrozen.Of(parameters);

    /// <inheritdoc />
    public string Freeze(PortalParameters parameters) => StripeFrozen.Of(parameters);

    /// <inheritdoc />
    public string Freeze(PaymentLinkParameters parameters) => StripeFrozen.Of(parameters);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderCheckout>> CreateCheckout(
        string frozen, string key, CancellationToken cancellationToken) => client.Send(
        StripeCall.Post("create_checkout", "/v1/checkout/sessions", key, StripeFrozen.Form(frozen)),
        StripeObjects.Checkout,
        cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderCheckout>> Checkout(string id, CancellationToken cancellationToken) => client.Send(
        StripeCall.Get("read_checkout", $"/v1/checkout/sessions/{Escape(id)}"), StripeObjects.Checkout, cancellationToken);

    /// <inheritdoc />
    public async Task<ProviderOutcome<IReadOnlyList<ProviderCheckout>>> CheckoutsOf(
        string operationKey, string? customer, DateTimeOffset from, DateTimeOffset to, CancellationToken cancellationToken)
    {
        var form = new StripeForm().Add("created[gte]", from).Add("created[lte]", to).Add("customer", customer);
        var outcome = await client.List(
            StripeCall.Get("list_checkouts", "/v1/checkout/sessions", form),
            StripeObjects.Checkout,
            StripeLimits.WidePagesMax,
            cancellationToken);

        // What lies beyond the last page could be the one looked for: a part is no answer.
        return outcome is ProviderOutcome<ProviderList<ProviderCheckout>>.Done { Value.IsWhole: false }
            ? new ProviderOutcome<IReadOnlyList<ProviderCheckout>>.Unknown(new ProviderFailure(
                ProviderFailureCategory.Provider, "list_checkouts", "There are too many checkouts in this time."))
            : outcome.Select<ProviderList<ProviderCheckout>, IReadOnlyList<ProviderCheckout>>(list =>
                [.. list.Items.Where(checkout => checkout.Metadata.GetValueOrDefault(OperationKey) == operationKey)]);
    }

    /// <inheritdoc />
    public async Task<ProviderOutcome<ProviderCheckout>> ExpireCheckout(
        string id, string key, CancellationToken cancellationToken)
    {
        var outcome = await client.Send(
            StripeCall.Post("expire_checkout", $"/v1/checkout/sessions/{Escape(id)}/expire", key, new StripeForm()),
            StripeObjects.Checkout,
            cancellationToken);
        return await OrAlready(
            outcome,
            () => Checkout(id, cancellationToken),
            checkout => checkout.Status == ProviderCheckoutStatus.Expired,
            checkout => checkout.Status == ProviderCheckoutStatus.Complete);
    }

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderPortal>> CreatePortal(
        string frozen, string key, CancellationToken cancellationToken) => client.Send(
        StripeCall.Post("create_portal", "/v1/billing_portal/sessions", key, StripeFrozen.Form(frozen)),
        StripeObjects.Portal,
        cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderPaymentLink>> CreatePaymentLink(
        string frozen, string key, CancellationToken cancellationToken) => client.Send(
        StripeCall.Post("create_payment_link", "/v1/payment_links", key, StripeFrozen.Form(frozen)),
        StripeObjects.PaymentLink,
        cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderPaymentLink>> EndPaymentLink(
        string id, string key, CancellationToken cancellationToken) => client.Send(
        StripeCall.Post(
            "end_payment_link", $"/v1/payment_links/{Escape(id)}", key, new StripeForm().Add("active", (bool?)false)),
        StripeObjects.PaymentLink,
        cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderPrice>> CreatePrice(
        PriceParameters parameters, string key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var form = new StripeForm()
            .Add("currency", parameters.Currency.ToLowerInvariant())
            .Add("unit_amount", parameters.AmountMinor)
            .Add("nickname", parameters.Name)
            .Add("product", parameters.Product)
            .Add("metadata", parameters.Metadata);
        if (parameters.Interval is not null)
        {
            form.Add("recurring[interval]", parameters.Interval).Add("recurring[interval_count]", parameters.IntervalCount);
        }

        if (parameters.Product is null)
        {
            form.Add("product_data[name]", parameters.Name).Add("product_data[metadata]", parameters.Metadata);
        }

        return client.Send(
            StripeCall.Post("create_price", "/v1/prices", key, form), StripeObjects.Price, cancellationToken);
    }

    // What refuses because it is done already has done what was asked; only a look can tell which it is.
    private static async Task<ProviderOutcome<T>> OrAlready<T>(
        ProviderOutcome<T> outcome, Func<Task<ProviderOutcome<T>>> look, Func<T, bool> isDone, Func<T, bool>? isConflict = null)
    {
        var failure = outcome switch
        {
            ProviderOutcome<T>.NotFound(var missing) => missing,
            ProviderOutcome<T>.Rejected
            {
                Failure: { Category: ProviderFailureCategory.InvalidRequest or ProviderFailureCategory.Conflict } refused,
            } => refused,
            _ => null,
        };
        if (failure is null)
        {
            return outcome;
        }

        return await look() switch
        {
            ProviderOutcome<T>.Done(var found, _) done when isDone(found) => done,
            ProviderOutcome<T>.Done(var found, _) when isConflict?.Invoke(found) == true =>
                new ProviderOutcome<T>.Rejected(failure with { Category = ProviderFailureCategory.Conflict }),
            ProviderOutcome<T>.Unknown unknown => unknown,
            _ => outcome,
        };
    }
}
