using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.TopUpByItself;

/// <summary>When and how credit is bought by itself; amounts in the billing account's currency.</summary>
/// <param name="Threshold">Below which credit it is bought.</param>
/// <param name="Amount">How much is bought at a time.</param>
/// <param name="MonthlyCap">The most that is bought so in a calendar month, UTC.</param>
/// <param name="PaymentMethod">What is charged; left out, whichever is the account's default then.</param>
internal sealed record AutoTopUpRequest(
    Money Threshold, Money Amount, Money MonthlyCap, PaymentMethodId? PaymentMethod = null);

/// <summary>Automatic top-ups of the account a customer speaks of.</summary>
internal sealed class AutoTopUpEndpoints(BillingAccountSelector selector, AutoTopUps autoTopUps)
{
    /// <summary><c>GET /v1/billing/auto-top-up</c>.</summary>
    public static Task<IResult> Show(AutoTopUpEndpoints handler, HttpContext context, CancellationToken cancellationToken) =>
        handler.Within(context, handler.Show, cancellationToken);

    /// <summary><c>PUT /v1/billing/auto-top-up</c>.</summary>
    public static Task<IResult> Set(
        AutoTopUpRequest request, AutoTopUpEndpoints handler, HttpContext context, CancellationToken cancellationToken) =>
        handler.Within(context, (account, token) => handler.Set(request, account, context.Caller().Actor, token), cancellationToken);

    /// <summary><c>DELETE /v1/billing/auto-top-up</c>.</summary>
    public static Task<IResult> Remove(AutoTopUpEndpoints handler, HttpContext context, CancellationToken cancellationToken) =>
        handler.Within(context, (account, token) => handler.Remove(account, context.Caller().Actor, token), cancellationToken);

    private async Task<IResult> Within(
        HttpContext context,
        Func<BillingAccountProfile, CancellationToken, Task<IResult>> act,
        CancellationToken cancellationToken)
    {
        var selection = await selector.Select(context, named: null, cancellationToken);
        return selection is BillingAccountSelection.Selected(var account)
            ? await act(account, cancellationToken)
            : BillingAccountSelector.Refusal(selection)!;
    }

    private async Task<IResult> Show(BillingAccountProfile account, CancellationToken cancellationToken) =>
        await autoTopUps.Find(account, cancellationToken) is { } found
            ? TypedResults.Ok(found)
            : new Problem(PlatformProblems.NotFound, "Credit of the billing account is not bought by itself.");

    private async Task<IResult> Set(
        AutoTopUpRequest request, BillingAccountProfile account, string actor, CancellationToken cancellationToken)
    {
        var wanted = new NewAutoTopUp(
            account, request.Threshold, request.Amount, request.MonthlyCap, request.PaymentMethod);
        return await autoTopUps.Set(wanted, actor, cancellationToken) switch
        {
            AutoTopUpOutcome.Standing(var standing) => TypedResults.Ok(standing),
            AutoTopUpOutcome.Invalid(var reason) => new Problem(PaymentsProblems.InvalidPaymentInput, reason),
            AutoTopUpOutcome.NotConfigured => new Problem(
                PaymentsProblems.PaymentsNotConfigured, ProviderProblems.NoProvider),
            AutoTopUpOutcome.MethodNotFound(var missing) => new Problem(
                PlatformProblems.NotFound, $"The billing account has no {missing}."),
            _ => new Problem(ProviderProblems.MethodRequired, "No payment method is the default one."),
        };
    }

    private async Task<IResult> Remove(BillingAccountProfile account, string actor, CancellationToken cancellationToken)
    {
        await autoTopUps.Remove(account, actor, cancellationToken);
        return TypedResults.NoContent();
    }
}
