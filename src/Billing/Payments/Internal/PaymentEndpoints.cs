using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Accounts;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>A checkout to open.</summary>
/// <param name="SuccessPath">Where the customer comes back to after paying; a path of this installation.</param>
/// <param name="CancelPath">Where the customer comes back to after giving up.</param>
/// <param name="Plan">The plan's short name, such as <c>starter</c>; for a subscription.</param>
/// <param name="CheckoutType">What the checkout is for; left out, a subscription.</param>
/// <param name="OneOff">What is paid; for one payment.</param>
public sealed record CheckoutRequest(
    string SuccessPath,
    string CancelPath,
    string? Plan = null,
    CheckoutFlow CheckoutType = CheckoutFlow.Subscription,
    OneOffItem? OneOff = null);

/// <summary>A visit of the provider's own page.</summary>
/// <param name="ReturnPath">Where the customer comes back to; a path of this installation.</param>
public sealed record PortalRequest(string ReturnPath);

/// <summary>A payment link to make.</summary>
/// <param name="SuccessPath">Where a payer goes after paying; a path of this installation.</param>
/// <param name="LineItems">1 to 20 lines.</param>
/// <param name="GivesCredit">Whether what is paid becomes credit of the billing account.</param>
public sealed record PaymentLinkRequest(
    string SuccessPath, IReadOnlyList<PaymentLinkItem> LineItems, bool GivesCredit = false);

/// <summary>Buying, over HTTP.</summary>
internal static class PaymentEndpoints
{
    /// <summary>The header that names a purchase.</summary>
    public const string KeyHeader = "Idempotency-Key";

    /// <summary><c>POST /v1/billing/checkout</c>.</summary>
    public static async Task<Results<Ok<CheckoutAnswer>, Problem>> Checkout(
        CheckoutRequest body,
        Checkouts checkouts,
        BillingAccountSelector selector,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var (account, key, problem) = await Buyer(selector, context, cancellationToken);
        if (problem is not null)
        {
            return problem;
        }

        var request = new NewCheckout(
            account!, body.CheckoutType, body.Plan, body.OneOff, body.SuccessPath, body.CancelPath);
        return Answer<CheckoutAnswer>(await checkouts.Open(request, key!, context.Caller().Actor, cancellationToken), context);
    }

    /// <summary><c>POST /v1/billing/portal</c>.</summary>
    public static async Task<Results<Ok<PortalAnswer>, Problem>> Portal(
        PortalRequest body,
        Portals portals,
        BillingAccountSelector selector,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var (account, key, problem) = await Buyer(selector, context, cancellationToken);
        return problem is not null
            ? problem
            : Answer<PortalAnswer>(
                await portals.Open(account!, body.ReturnPath, key!, context.Caller().Actor, cancellationToken), context);
    }

    /// <summary><c>POST /v1/billing/payment-links</c>.</summary>
    public static async Task<Results<Ok<PaymentLinkAnswer>, Problem>> PaymentLink(
        PaymentLinkRequest body,
        PaymentLinks links,
        BillingAccountSelector selector,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var (account, key, problem) = await Buyer(selector, context, cancellationToken);
        return problem is not null
            ? problem
            : Answer<PaymentLinkAnswer>(
                await links.Make(
                    new NewPaymentLink(account!, body.SuccessPath, body.LineItems) { GivesCredit = body.GivesCredit },
                    key!,
                    context.Caller().Actor,
                    cancellationToken),
                context);
    }

    /// <summary>Who buys and by which key; or why nobody can tell.</summary>
    public static async Task<(BillingAccountProfile? Account, string? Key, Problem? Problem)> Buyer(
        BillingAccountSelector selector, HttpContext context, CancellationToken cancellationToken)
    {
        var given = context.Request.Headers[KeyHeader];
        if (given.Count == 0)
        {
            return (null, null, new Problem(
                PaymentsProblems.IdempotencyKeyRequired, $"The header {KeyHeader} is required."));
        }

        if (given is not [{ Length: > 0 and <= Limits.ClientKeyCharactersMax } key])
        {
            return (null, null, new Problem(
                PlatformProblems.IdempotencyKeyInvalid,
                $"Send one {KeyHeader} of 1 to {Limits.ClientKeyCharactersMax} characters."));
        }

        var selection = await selector.Select(context, named: null, cancellationToken);
        return selection is BillingAccountSelection.Selected(var account)
            ? (account, key, null)
            : (null, null, BillingAccountSelector.Refusal(selection));
    }

    /// <summary>What a request ended as, over HTTP: the code is the one that is kept, never another.</summary>
    public static Results<Ok<T>, Problem> Answer<T>(PaymentRequestOutcome outcome, HttpContext context)
    {
        switch (outcome)
        {
            case PaymentRequestOutcome.Answered(var response, var isReplayed):
                if (isReplayed)
                {
                    context.Response.Headers["Idempotency-Replayed"] = "true";
                }

                return TypedResults.Ok(JsonSerializer.Deserialize<T>(response, JsonConventions.Options)!);
            case PaymentRequestOutcome.Refused(var code, var reason, var details):
                return new Problem(PaymentsProblems.OfRequest(code), reason, members: Members(details));
            case PaymentRequestOutcome.Invalid(var errors):
                return Invalid(errors);
            default:
                return new Problem(
                    PaymentsProblems.PaymentsNotConfigured, "No payment provider serves organisations of this mode.");
        }
    }

    /// <summary>What is wrong with values of a request, member by member.</summary>
    public static Problem Invalid(IReadOnlyDictionary<string, string> errors) => new(
        PaymentsProblems.InvalidPaymentInput,
        string.Join("; ", errors.Select(error => $"{error.Key} {error.Value}")) + ".",
        members: new Dictionary<string, object?> { ["errors"] = errors });

    private static Dictionary<string, object?>? Members(string? details) =>
        details is null ? null : JsonSerializer.Deserialize<Dictionary<string, object?>>(details, JsonConventions.Options);
}
