namespace Quoin.Payments.Stripe;

/// <content>Customers and how they pay.</content>
public sealed partial class StripeProvider
{
    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderCustomer>> CreateCustomer(
        CustomerParameters parameters, string key, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var form = new StripeForm()
            .Add("name", parameters.Name)
            .Add("email", parameters.Email)
            .Add("metadata", parameters.Metadata);
        return client.Send(
            StripeCall.Post("create_customer", "/v1/customers", key, form), StripeObjects.Customer, cancellationToken);
    }

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderCustomer>> Customer(string id, CancellationToken cancellationToken) => client.Send(
        StripeCall.Get("read_customer", $"/v1/customers/{Escape(id)}"), StripeObjects.Customer, cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderList<ProviderPaymentMethod>>> PaymentMethods(
        string customer, CancellationToken cancellationToken) => client.List(
        StripeCall.Get("list_payment_methods", $"/v1/customers/{Escape(customer)}/payment_methods"),
        StripeObjects.PaymentMethod,
        StripeLimits.PagesMax,
        cancellationToken);

    /// <inheritdoc />
    public Task<ProviderOutcome<ProviderCustomer>> SetDefaultPaymentMethod(
        string customer, string method, string key, CancellationToken cancellationToken) => client.Send(
        StripeCall.Post(
            "set_default_payment_method",
            $"/v1/customers/{Escape(customer)}",
            key,
            new StripeForm().Add("invoice_settings[default_payment_method]", method)),
        StripeObjects.Customer,
        cancellationToken);

    /// <inheritdoc />
    public async Task<ProviderOutcome<ProviderPaymentMethod>> DetachPaymentMethod(
        string method, string key, CancellationToken cancellationToken)
    {
        var path = $"/v1/payment_methods/{Escape(method)}";
        var outcome = await client.Send(
            StripeCall.Post("detach_payment_method", $"{path}/detach", key, new StripeForm()),
            StripeObjects.PaymentMethod,
            cancellationToken);
        return await OrAlready(
            outcome,
            () => client.Send(
                StripeCall.Get("read_payment_method", path), StripeObjects.PaymentMethod, cancellationToken),
            found => found.Customer is null);
    }
}
