using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.KeepMethods;

/// <summary>A way an account can pay.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Type">Its kind, such as <c>card</c>.</param>
/// <param name="Brand">Of a card; null unknown.</param>
/// <param name="Last4">The last four digits; null unknown.</param>
/// <param name="ExpiryMonth">1 to 12; null where it never runs out.</param>
/// <param name="ExpiryYear">Four digits; null where it never runs out.</param>
/// <param name="IsDefault">Whether later payments use it.</param>
/// <param name="Status">Whether it can be charged.</param>
public sealed record MethodAnswer(
    PaymentMethodId Id,
    string Type,
    string? Brand,
    string? Last4,
    int? ExpiryMonth,
    int? ExpiryYear,
    bool IsDefault,
    PaymentMethodStatus Status)
{
    internal static MethodAnswer Of(MethodRow row) => new(
        row.Id, row.Type, row.Brand, row.Last4, row.ExpiryMonth, row.ExpiryYear, row.IsDefault, row.Status);
}

/// <summary>The ways an account can pay.</summary>
/// <param name="BillingAccount">Whose.</param>
/// <param name="PaymentMethods">The default first, then the newest; at most 50.</param>
internal sealed record MethodsAnswer(BillingAccountId BillingAccount, IReadOnlyList<MethodAnswer> PaymentMethods);

/// <summary>The ways an account can pay, as the provider says now.</summary>
/// <param name="BillingAccount">Whose.</param>
/// <param name="PaymentMethods">The default first, then the newest; at most 50.</param>
/// <param name="SyncedAt">When the provider was asked.</param>
/// <param name="SyncStatus">Succeeded, or skipped where the account has no customer at the provider.</param>
/// <param name="FetchedCount">How many the provider told.</param>
/// <param name="IsWhole">Whether these are all the provider has.</param>
internal sealed record MethodsSyncAnswer(
    BillingAccountId BillingAccount,
    IReadOnlyList<MethodAnswer> PaymentMethods,
    DateTimeOffset SyncedAt,
    MethodSyncStatus SyncStatus,
    int FetchedCount,
    bool IsWhole);

/// <summary>Which payment method.</summary>
/// <param name="PaymentMethod">Its id.</param>
internal sealed record MethodPath(PaymentMethodId PaymentMethod);

/// <summary>Payment methods of the account a customer speaks of.</summary>
internal sealed class MethodEndpoints(
    BillingAccountSelector selector,
    IPaymentProviders providers,
    MethodStore store,
    SyncMethods syncing,
    ChangeMethods changing)
{
    /// <summary><c>GET /v1/billing/payment-methods</c>.</summary>
    public static Task<IResult> List(MethodEndpoints handler, HttpContext context, CancellationToken cancellationToken) =>
        handler.Within(context, handler.List, cancellationToken, NoProvider);

    /// <summary><c>POST /v1/billing/payment-methods/sync</c>.</summary>
    public static Task<IResult> Sync(MethodEndpoints handler, HttpContext context, CancellationToken cancellationToken) =>
        handler.Within(context, handler.Sync, cancellationToken);

    /// <summary><c>PUT /v1/billing/payment-methods/{payment_method}/default</c>.</summary>
    public static Task<IResult> SetDefault(
        Parameters<MethodPath> parameters,
        MethodEndpoints handler,
        HttpContext context,
        CancellationToken cancellationToken) => handler.Within(
        context,
        (visit, token) => handler.Changed(visit, handler.SetDefault, parameters.Value.PaymentMethod, token),
        cancellationToken);

    /// <summary><c>DELETE /v1/billing/payment-methods/{payment_method}</c>.</summary>
    public static Task<IResult> Detach(
        Parameters<MethodPath> parameters,
        MethodEndpoints handler,
        HttpContext context,
        CancellationToken cancellationToken) => handler.Within(
        context,
        (visit, token) => handler.Changed(visit, handler.Detach, parameters.Value.PaymentMethod, token),
        cancellationToken);

    private async Task<IResult> Within(
        HttpContext context,
        Func<Visit, CancellationToken, Task<IResult>> act,
        CancellationToken cancellationToken,
        Func<BillingAccountProfile, IResult>? without = null)
    {
        var selection = await selector.Select(context, named: null, cancellationToken);
        if (selection is not BillingAccountSelection.Selected(var account))
        {
            return BillingAccountSelector.Refusal(selection)!;
        }

        var mode = await providers.ModeOf(account.OrganisationId, cancellationToken)
            ?? throw new InvalidOperationException($"{account.OrganisationId} has an account and is not there.");
        return providers.Of(mode) is { } provider
            ? await act(new Visit(context, account, mode, provider), cancellationToken)
            : without?.Invoke(account) ?? new Problem(PaymentsProblems.PaymentsNotConfigured, ProviderProblems.NoProvider);
    }

    // Where nobody takes money there is nothing to pay with, which is no failure of who asks.
    private static IResult NoProvider(BillingAccountProfile account) => TypedResults.Ok(new MethodsAnswer(account.Id, []));

    private async Task<IResult> List(Visit visit, CancellationToken cancellationToken) =>
        TypedResults.Ok(new MethodsAnswer(visit.Account.Id, await Shown(visit, cancellationToken)));

    private async Task<IResult> Sync(Visit visit, CancellationToken cancellationToken) =>
        await syncing.Run(visit.Provider, visit.Mode, visit.Key, cancellationToken) switch
        {
            MethodSyncOutcome.Synced(var fetched, var isWhole, var at) => TypedResults.Ok(new MethodsSyncAnswer(
                visit.Account.Id,
                await Shown(visit, cancellationToken),
                at,
                MethodSyncStatus.Succeeded,
                fetched,
                isWhole)),
            MethodSyncOutcome.Skipped(var at) => TypedResults.Ok(new MethodsSyncAnswer(
                visit.Account.Id, await Shown(visit, cancellationToken), at, MethodSyncStatus.Skipped, 0, IsWhole: true)),
            MethodSyncOutcome.Refused(var failure) => new Problem(PaymentsProblems.CheckoutProviderError, failure.Message),
            MethodSyncOutcome.Unknown => new Problem(ProviderProblems.ProviderUnavailable, ProviderProblems.NoAnswer),
            _ => throw new UnreachableException(),
        };

    private Task<MethodChangeOutcome> SetDefault(MethodChange request, CancellationToken cancellationToken) =>
        changing.SetDefault(request, cancellationToken);

    private Task<MethodChangeOutcome> Detach(MethodChange request, CancellationToken cancellationToken) =>
        changing.Detach(request, cancellationToken);

    private async Task<IResult> Changed(
        Visit visit,
        Func<MethodChange, CancellationToken, Task<MethodChangeOutcome>> change,
        PaymentMethodId id,
        CancellationToken cancellationToken)
    {
        var key = visit.Context.Request.Headers["Idempotency-Key"].ToString() is { Length: > 0 } given ? given : null;
        var request = new MethodChange(
            visit.Account, visit.Mode, visit.Provider, id, key, visit.Context.Caller().Actor);
        return await change(request, cancellationToken) switch
        {
            MethodChangeOutcome.Changed => await List(visit, cancellationToken),
            MethodChangeOutcome.NotFound(var reason) => new Problem(PlatformProblems.NotFound, reason),
            MethodChangeOutcome.Refused(var reason) => new Problem(PaymentsProblems.CheckoutProviderError, reason),
            MethodChangeOutcome.Unknown => new Problem(ProviderProblems.ProviderUnavailable, ProviderProblems.NoAnswer),
            _ => throw new UnreachableException(),
        };
    }

    private async Task<IReadOnlyList<MethodAnswer>> Shown(Visit visit, CancellationToken cancellationToken) =>
        [.. (await store.OfAccount(visit.Key, visit.Place, cancellationToken)).Select(MethodAnswer.Of)];

    /// <summary>Who asks, for whom, and who would do it.</summary>
    private sealed record Visit(HttpContext Context, BillingAccountProfile Account, PaymentMode Mode, IPaymentProvider Provider)
    {
        public BillingAccountKey Key => new(Account.OrganisationId, Account.Id);

        public ProviderPlace Place => new(Provider.Name, Mode);
    }
}
