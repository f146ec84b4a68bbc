namespace Quoin.Payments.Stripe;

/// <content>Subscriptions and their invoices.</content>
public sealed partial class StripeProvider
{
    private const string ChargedNow = "always_invoice";
    private const string ChargedLater = "create_prorations";
    private const string ChargedNever = "none";

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderSubscription>> Subscription(string id, CancellationToken cancellationToken) =>
        client.Send(
            StripeCall.Get("read_subscription", $"/v1/subscriptions/{Escape(id)}"),
            StripeObjects.Subscription,
            cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderList<ProviderSubscription>>> Subscriptions(
        string customer, CancellationToken cancellationToken) => client.List(
        StripeCall.Get(
            "list_subscriptions",
            "/v1/subscriptions",
            new StripeForm().Add("customer", customer).Add("status", "all")),
        StripeObjects.Subscription,
        StripeLimits.PagesMax,
        cancellationToken);

    /// <inheritdoc />
    public async Task<ProviderOutcome<ProviderSubscription>> CancelSubscription(
        string id, string key, CancellationToken cancellationToken)
    {
        var call = new StripeCall("cancel_subscription", HttpMethod.Delete, $"/v1/subscriptions/{Escape(id)}") { Key = key };
        var outcome = await client.Send(call, StripeObjects.Subscription, cancellationToken);
        return await OrAlready(
            outcome,
            () => Subscription(id, cancellationToken),
            subscription => subscription.Status is "canceled" or "incomplete_expired");
    }

    /// <inheritdoc />
    public async Task<ProviderOutcome<ProviderSubscription>> ChangeSubscription(
        string id, SubscriptionChange change, string key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        var form = new StripeForm()
            .Add("cancel_at_period_end", change.EndsWithPeriod)
            .Add("pause_collection[behavior]", change.IsPaused == true ? "void" : null)
            .Add("pause_collection", change.IsPaused == false ? "" : null);
        if (change.Price is { } price)
        {
            var item = await BaseItem(id, cancellationToken);
            if (item is not ProviderOutcome<string>.Done(var itemId, _))
            {
                return item.As<string, ProviderSubscription>();
            }

            // A change whose payment is declined is no change: what the customer did not pay for stays as it was.
            form.Add("items[0][id]", itemId)
                .Add("items[0][price]", price)
                .Add("proration_behavior", !change.Prorates ? ChargedNever : change.ProratesNow ? ChargedNow : ChargedLater)
                .Add("proration_date", change.Prorates ? change.ProrationAt : null)
                .Add("payment_behavior", change.ProratesNow ? "error_if_incomplete" : null);
        }

        return await client.Send(
            StripeCall.Post("change_subscription", $"/v1/subscriptions/{Escape(id)}", key, form),
            StripeObjects.Subscription,
            cancellationToken);
    }

    /// <inheritdoc />
    public async Task<ProviderOutcome<ProviderProration>> PreviewChange(
        string id, SubscriptionChange change, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(change);
        var item = await BaseItem(id, cancellationToken);
        if (item is not ProviderOutcome<string>.Done(var itemId, _))
        {
            return item.As<string, ProviderProration>();
        }

        var at = DateTimeOffset.FromUnixTimeSeconds((change.ProrationAt ?? clock.GetUtcNow()).ToUnixTimeSeconds());
        var form = new StripeForm()
            .Add("subscription", id)
            .Add("subscription_details[items][0][id]", itemId)
            .Add("subscription_details[items][0][price]", change.Price)
            .Add("subscription_details[proration_behavior]", ChargedNow)
            .Add("subscription_details[proration_date]", at);

        // A question, though the vendor wants it posted: it changes nothing and needs no key.
        return await client.Send(
            new StripeCall("preview_change", HttpMethod.Post, "/v1/invoices/create_preview") { Form = form },
            preview => StripeObjects.Proration(preview, at),
            cancellationToken);
    }

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderInvoice>> Invoice(string id, CancellationToken cancellationToken) => client.Send(
        StripeCall.Get("read_invoice", $"/v1/invoices/{Escape(id)}", new StripeForm().Expand("payments")),
        StripeObjects.Invoice,
        cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderList<ProviderInvoice>>> Invoices(
        string customer, DateTimeOffset since, CancellationToken cancellationToken) => client.List(
        StripeCall.Get(
            "list_invoices",
            "/v1/invoices",
            new StripeForm().Add("customer", customer).Add("created[gte]", since).Expand("data.payments")),
        StripeObjects.Invoice,
        StripeLimits.PagesMax,
        cancellationToken);

    private Task<ProviderOutcome<string>> BaseItem(string id, CancellationToken cancellationToken) => client.Send(
        StripeCall.Get("read_subscription", $"/v1/subscriptions/{Escape(id)}"),
        subscription => subscription.Items("items").Select(item => item.NeededText("id")).FirstOrDefault()
            ?? throw new UnreadableAnswerException("The subscription has no items."),
        cancellationToken);
}
