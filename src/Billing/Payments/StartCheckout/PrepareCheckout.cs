using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Payments.StartCheckout;

/// <summary>
/// Decides under the account's locks whether a claimed checkout may be opened, and freezes what will be sent: from here on
/// nothing of it is ever computed anew.
/// </summary>
internal sealed class PrepareCheckout(
    PaymentStores stores,
    CheckoutHolds holds,
    EndRequests ending,
    PaymentsOptions options,
    Guardrails guardrails,
    ILogger<PrepareCheckout> logger)
{
    /// <summary>What the JSON of frozen parameters is.</summary>
    public const string Schema = "checkout_params_v1";

    public async Task<PrepareOutcome> Prepare(
        LockedAccount account,
        RequestRow request,
        CheckoutOrder order,
        PlanCatalogue catalogue,
        IReadOnlyList<SubscriptionRow> subscriptions,
        IPaymentProvider provider,
        CancellationToken cancellationToken)
    {
        if (order.Flow == CheckoutFlow.Subscription
            && await InTheWay(account, subscriptions, cancellationToken) is { } obstacle)
        {
            return new PrepareOutcome.Refused(obstacle);
        }

        var version = order.Plan is { } plan ? PlanToBuy.Of(catalogue, plan, order.Account.Currency) : null;
        if (order.Plan is not null && version is null)
        {
            return new PrepareOutcome.Refused(new RequestFailure(
                PaymentsProblems.CheckoutPlanNotFound.Code, $"There is no plan '{order.Plan}' to buy in {order.Account.Currency}."));
        }

        var items = await Items(account, order, version, request.Place, cancellationToken);
        if (items is null)
        {
            guardrails.Met(Guardrails.PricingInvalid);
            Log.Unsellable(logger, order.Plan ?? order.Purpose, request.Place.Provider, request.Place.Mode);
            return new PrepareOutcome.Refused(new RequestFailure(
                PaymentsProblems.CheckoutConfigurationInvalid.Code, "The plan has no price at the provider that fits."));
        }

        var customer = await stores.Customers.Active(account, request.Place, cancellationToken);
        var isFirst = subscriptions.Count == 0;
        var at = WholeSeconds(account.Now);
        var parameters = Parameters(request, order, version, items, customer, isFirst, at + options.CheckoutOpenFor);
        var text = provider.Freeze(parameters);
        var frozen = new FrozenRequest(text, CanonicalJson.HashOf(text), Schema, provider.Provenance, at);
        return new PrepareOutcome.Ready(
            await ending.Freeze(account, request, frozen, parameters.ExpiresAt, cancellationToken));
    }

    // What is over by the clock is ended first; what is left and blocks says how.
    private async Task<RequestFailure?> InTheWay(
        LockedAccount account, IReadOnlyList<SubscriptionRow> subscriptions, CancellationToken cancellationToken)
    {
        var blocking = (await holds.Clean(account, cancellationToken)).FirstOrDefault(one =>
            CheckoutTransition.Blocks(one.Flow, one.Status, one.ExpiresAt, account.Now, options.Grace));
        return blocking?.Status switch
        {
            CheckoutStatus.Open => new RequestFailure(
                PaymentsProblems.CheckoutSessionOpen.Code,
                $"{blocking.Id} is open.",
                JsonSerializer.Serialize(
                    new OpenDetails(blocking.Id, blocking.ProviderId, blocking.Url, blocking.ExpiresAt), JsonConventions.Options)),
            CheckoutStatus.CompletedPendingSubscription => new RequestFailure(
                PaymentsProblems.CheckoutCompletionPending.Code, $"{blocking.Id} was finished; its subscription is on its way."),
            CheckoutStatus.RecoveryVerificationPending => new RequestFailure(
                PaymentsProblems.CheckoutRecoveryVerificationPending.Code,
                $"Whether {blocking.Id} can still be paid is being found out."),
            _ when subscriptions.Any(one => one.IsCurrent) => new RequestFailure(
                PaymentsProblems.SubscriptionExists.Code, "The billing account has a subscription."),
            _ => null,
        };
    }

    private sealed record OpenDetails(
        CheckoutId CheckoutId, string? ProviderCheckoutId, string? CheckoutUrl, DateTimeOffset? ExpiresAt);

    private static async Task<IReadOnlyList<CheckoutItem>?> Items(
        LockedAccount account, CheckoutOrder order, PlanVersion? version, ProviderPlace place, CancellationToken cancellationToken)
    {
        if (version is null)
        {
            return [.. order.Items.Select(item => new CheckoutItem(null, item.Name, item.AmountMinor, item.Quantity))];
        }

        var price = await SellablePrices.Of(account, version.Id, place, cancellationToken);
        return price is not null && PlanToBuy.IsSellable(version, price)
            ? [new CheckoutItem(price.ProviderPrice, null, null, 1)]
            : null;
    }

    private CheckoutParameters Parameters(
        RequestRow request,
        CheckoutOrder order,
        PlanVersion? version,
        IReadOnlyList<CheckoutItem> items,
        CustomerRow? customer,
        bool isFirst,
        DateTimeOffset expiresAt) => new(
        order.Flow switch
        {
            CheckoutFlow.Subscription => CheckoutPurpose.Subscription,
            CheckoutFlow.OneOff => CheckoutPurpose.Payment,
            _ => CheckoutPurpose.Setup,
        },
        order.Account.Currency.Code,
        items,
        customer?.ProviderId,
        Email: null,
        order.Account.Id.ToString(),
        options.AddressOf(order.SuccessPath),
        options.AddressOf(order.CancelPath),
        expiresAt,
        // A trial is for who comes, not for who comes back.
        isFirst && version is not null ? version.TrialDays : 0,
        Metadata(request, order, version));

    private static Dictionary<string, string> Metadata(RequestRow request, CheckoutOrder order, PlanVersion? version)
    {
        var metadata = new Dictionary<string, string>(order.Metadata, StringComparer.Ordinal)
        {
            [ProviderMetadata.OperationKey] = request.OperationKey,
            [ProviderMetadata.Org] = request.Org.ToString(),
            [ProviderMetadata.BillingAccount] = request.BillingAccount.ToString(),
            [ProviderMetadata.Request] = request.Id.ToString(),
            [ProviderMetadata.Flow] = Word.Of(order.Flow),
            [ProviderMetadata.Purpose] = order.Purpose,
        };
        if (version is not null)
        {
            metadata[ProviderMetadata.Plan] = version.Family;
            metadata[ProviderMetadata.PlanVersion] = version.Number.ToString(CultureInfo.InvariantCulture);
        }

        return metadata;
    }

    // Providers speak in whole seconds; an end that is rounded could come after what is known to be the last instant.
    private static DateTimeOffset WholeSeconds(DateTimeOffset instant) =>
        instant.AddTicks(-(instant.Ticks % TimeSpan.TicksPerSecond));
}
