using Microsoft.Extensions.Logging;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.Stripe;

/// <summary>The operator's Stripe accounts as providers: one for live organisations, one for test ones.</summary>
internal sealed class StripeProviders : IPaymentProviders, IDisposable
{
    private readonly Organisations organisations;
    private readonly StripeProvider? live;
    private readonly StripeProvider? test;

    public StripeProviders(
        StripeAccounts accounts,
        Organisations organisations,
        TimeProvider clock,
        Jitter jitter,
        ILoggerFactory logging,
        Guardrails guardrails)
    {
        this.organisations = organisations;
        live = Made(accounts.Live);
        test = Made(accounts.Test);

        StripeProvider? Made(StripeSettings? settings) => settings is null
            ? null
            : new StripeProvider(settings, clock, jitter, logging, () => guardrails.Met(Guardrails.ProviderErrorNotNormalized));
    }

    public IPaymentProvider? Of(PaymentMode mode) => mode == PaymentMode.Live ? live : test;

    public async Task<PaymentMode?> ModeOf(OrgId org, CancellationToken cancellationToken) =>
        (await organisations.Find(org, cancellationToken))?.Mode switch
        {
            null => null,
            OrganisationMode.Live => PaymentMode.Live,
            _ => PaymentMode.Test,
        };

    public void Dispose()
    {
        live?.Dispose();
        test?.Dispose();
    }
}
