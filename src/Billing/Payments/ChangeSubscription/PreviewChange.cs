using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Pricing;

namespace Quoin.Payments.ChangeSubscription;

/// <summary>Asks what a change would be charged. It is decided as the change itself is, so that it comes to the same.</summary>
internal sealed class PreviewChange(
    SubscriptionStore subscriptions, SellablePrices prices, IPaymentProviders providers, Plans plans, TimeProvider time)
{
    public async Task<PreviewOutcome> Handle(
        BillingAccountProfile account, string plan, CancellationToken cancellationToken)
    {
        var mode = await providers.ModeOf(account.OrganisationId, cancellationToken);
        if (mode is not { } one || providers.Of(one) is not { } provider)
        {
            return Refused(PaymentsProblems.PaymentsNotConfigured.Code, "No payment provider serves organisations of this mode.");
        }

        if (await subscriptions.PeekCurrent(account.OrganisationId, account.Id, cancellationToken) is not { } current)
        {
            return Refused(PaymentsProblems.PortalSubscriptionRequired.Code, "The billing account has no subscription.");
        }

        var catalogue = await plans.Catalogue(cancellationToken);
        if (PlanToBuy.Of(catalogue, plan, account.Currency) is not { } version)
        {
            return Refused(PaymentsProblems.CheckoutPlanNotFound.Code, $"There is no plan '{plan}' to buy in {account.Currency}.");
        }

        var priced = await prices.Of([version.Id], new ProviderPlace(provider.Name, one), cancellationToken);
        if (!priced.TryGetValue(version.Id, out var price) || !PlanToBuy.IsSellable(version, price))
        {
            return Refused(
                PaymentsProblems.CheckoutConfigurationInvalid.Code, "The plan has no price at the provider that fits.");
        }

        var paid = current.Plan is { } id ? catalogue.Find(id) : null;
        var decided = DecideChange.ToPlan(current, paid, version, price.ProviderPrice, time.GetUtcNow());
        return await Ask(provider, decided, version, account.Currency, cancellationToken);
    }

    private static async Task<PreviewOutcome> Ask(
        IPaymentProvider provider,
        DecidedChange decided,
        PlanVersion version,
        Currency currency,
        CancellationToken cancellationToken)
    {
        var nothing = new SubscriptionChangePreview(
            decided.Mode, version.Family, version.Number, decided.EffectiveAt, Money.Zero(currency), 0, []);
        if (decided.Mode != SubscriptionChangeMode.Applied)
        {
            return new PreviewOutcome.Shown(nothing);
        }

        var outcome = await provider.PreviewChange(decided.Subscription, decided.Parameters, cancellationToken);
        return outcome is ProviderOutcome<ProviderProration>.Done(var proration, _)
            ? new PreviewOutcome.Shown(nothing with
            {
                DueNow = MinorUnits.ToMoney(proration.AmountMinor, Currency.Of(proration.Currency)),
                DueNowMinor = proration.AmountMinor,
                Lines = [.. proration.Lines.Select(line => new SubscriptionChangeLine(line.Text, line.AmountMinor))],
            })
            : Refused(PaymentsProblems.CheckoutProviderError.Code, "The payment provider did not say what it would be charged.");
    }

    private static PreviewOutcome.Refused Refused(string code, string reason) => new(code, reason);
}
