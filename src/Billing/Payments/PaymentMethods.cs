using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Payments.KeepMethods;

namespace Quoin.Payments;

/// <summary>Every way changing a payment method can end.</summary>
public abstract record MethodChangeOutcome
{
    private MethodChangeOutcome()
    {
    }

    /// <summary>The account has no such method.</summary>
    /// <param name="Reason">For people.</param>
    public sealed record NotFound(string Reason) : MethodChangeOutcome;

    /// <summary>The provider refused, or there is none.</summary>
    /// <param name="Reason">For people.</param>
    public sealed record Refused(string Reason) : MethodChangeOutcome;

    /// <summary>The provider did not say; asking again does no harm.</summary>
    public sealed record Unknown : MethodChangeOutcome;

    /// <summary>Done, here and at the provider.</summary>
    public sealed record Changed : MethodChangeOutcome;
}

/// <summary>The door to the ways an account can pay.</summary>
public sealed class PaymentMethods
{
    private readonly IPaymentProviders providers;
    private readonly MethodStore store;
    private readonly SyncMethods syncing;
    private readonly ChangeMethods changing;
    private readonly Checkouts checkouts;

    internal PaymentMethods(
        IPaymentProviders providers,
        MethodStore store,
        SyncMethods syncing,
        ChangeMethods changing,
        Checkouts checkouts) =>
        (this.providers, this.store, this.syncing, this.changing, this.checkouts) =
        (providers, store, syncing, changing, checkouts);

    /// <summary>The account's methods, the default first; none where nobody takes money.</summary>
    public async Task<IReadOnlyList<MethodAnswer>> Of(BillingAccountProfile account, CancellationToken cancellationToken) =>
        await Serving(account, cancellationToken) is var (mode, provider)
            ? [.. (await store.OfAccount(KeyOf(account), new ProviderPlace(provider.Name, mode), cancellationToken))
                .Select(MethodAnswer.Of)]
            : [];

    /// <summary>Asks the provider for them, where somebody has just left one and news may be on its way.</summary>
    /// <returns>Whether the provider said.</returns>
    public async Task<bool> Sync(BillingAccountProfile account, CancellationToken cancellationToken) =>
        await Serving(account, cancellationToken) is var (mode, provider)
        && await syncing.Run(provider, mode, KeyOf(account), cancellationToken)
            is MethodSyncOutcome.Synced or MethodSyncOutcome.Skipped;

    /// <summary>Opens a page to leave a method at; the account gets a customer at the provider where it has none.</summary>
    /// <param name="account">Whose.</param>
    /// <param name="returnPath">Where the customer comes back to, either way; a path of this installation.</param>
    /// <param name="clientKey">The client's own name of the request; 1 to 191 characters.</param>
    /// <param name="actor">Who asks, for the audit log.</param>
    /// <param name="cancellationToken">Stops it while nothing has been claimed; after that it is finished.</param>
    public Task<PaymentRequestOutcome> Add(
        BillingAccountProfile account,
        string returnPath,
        string clientKey,
        string actor,
        CancellationToken cancellationToken)
    {
        var request = new NewCheckout(account, CheckoutFlow.Setup, null, null, returnPath, returnPath);
        return checkouts.Open(request, clientKey, actor, cancellationToken);
    }

    /// <summary>Lets later payments use a method.</summary>
    public Task<MethodChangeOutcome> SetDefault(
        BillingAccountProfile account, PaymentMethodId method, string key, string actor, CancellationToken cancellationToken) =>
        Change(account, method, key, actor, changing.SetDefault, cancellationToken);

    /// <summary>Takes a method away, here and at the provider.</summary>
    public Task<MethodChangeOutcome> Remove(
        BillingAccountProfile account, PaymentMethodId method, string key, string actor, CancellationToken cancellationToken) =>
        Change(account, method, key, actor, changing.Detach, cancellationToken);

    private async Task<MethodChangeOutcome> Change(
        BillingAccountProfile account,
        PaymentMethodId method,
        string key,
        string actor,
        Func<MethodChange, CancellationToken, Task<MethodChangeOutcome>> change,
        CancellationToken cancellationToken) =>
        await Serving(account, cancellationToken) is var (mode, provider)
            ? await change(new MethodChange(account, mode, provider, method, key, actor), cancellationToken)
            : new MethodChangeOutcome.Refused(ProviderProblems.NoProvider);

    private async Task<Service?> Serving(BillingAccountProfile account, CancellationToken cancellationToken) =>
        await providers.ModeOf(account.OrganisationId, cancellationToken) is { } mode && providers.Of(mode) is { } provider
            ? new Service(mode, provider)
            : null;

    private static BillingAccountKey KeyOf(BillingAccountProfile account) => new(account.OrganisationId, account.Id);

    private sealed record Service(PaymentMode Mode, IPaymentProvider Provider);
}
