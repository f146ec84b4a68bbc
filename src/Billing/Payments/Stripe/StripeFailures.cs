using System.Net;
using System.Text.Json;

namespace Quoin.Payments.Stripe;

/// <summary>What a failed call means for the outcome.</summary>
internal enum StripeVerdict
{
    /// <summary>Nothing was done, and nothing will be.</summary>
    Rejected,

    /// <summary>Nothing was done: what was named is not there.</summary>
    NotFound,

    /// <summary>Nobody knows.</summary>
    Unknown,
}

/// <summary>
/// Stripe's failures in the module's words (https://docs.stripe.com/error-low-level). A 409 is never final: the same
/// idempotency key may be at work. Whatever Stripe itself asks to repeat is not final either.
/// </summary>
internal static class StripeFailures
{
    /// <summary>No answer came, or only a part.</summary>
    public static (StripeVerdict Verdict, ProviderFailure Failure) Lost(string operation, string message) =>
        (StripeVerdict.Unknown, new ProviderFailure(ProviderFailureCategory.Network, operation, message));

    /// <summary>An answer came that says it went well, and nobody understands it.</summary>
    public static ProviderFailure Unreadable(string operation, int status, string? requestId, string message) =>
        new(ProviderFailureCategory.Provider, operation, message) { HttpStatus = status, RequestId = requestId };

    /// <summary>An answer came that says it went wrong.</summary>
    /// <param name="operation">Which call.</param>
    /// <param name="status">The answer's status.</param>
    /// <param name="asksToRepeat">Whether the answer asks to be asked again.</param>
    /// <param name="requestId">The provider's name of the request.</param>
    /// <param name="body">The answer; null where it is no JSON.</param>
    public static (StripeVerdict Verdict, ProviderFailure Failure) Answered(
        string operation, HttpStatusCode status, bool asksToRepeat, string? requestId, JsonElement? body)
    {
        var error = body?.Find("error");
        var type = error?.Text("type");
        var code = error?.Text("code");
        var (verdict, category) = Meaning((int)status, type, code, error is not null);
        var failure = new ProviderFailure(
            category,
            operation,
            error?.Text("message") ?? $"The provider answered {(int)status} without saying why.")
        {
            HttpStatus = (int)status,
            Code = error?.Text("decline_code") ?? code ?? type,
            RequestId = requestId,
        };
        return (asksToRepeat ? StripeVerdict.Unknown : verdict, failure);
    }

    private static (StripeVerdict Verdict, ProviderFailureCategory Category) Meaning(
        int status, string? type, string? code, bool isExplained) => status switch
        {
            409 when IsKeyInUse(type, code) => (StripeVerdict.Unknown, ProviderFailureCategory.KeyInUse),
            409 => (StripeVerdict.Unknown, ProviderFailureCategory.Conflict),
            429 => (StripeVerdict.Unknown, ProviderFailureCategory.RateLimited),
            400 when code == "rate_limit" => (StripeVerdict.Unknown, ProviderFailureCategory.RateLimited),
            400 when IsKeyInUse(type, code) && code is not null => (StripeVerdict.Unknown, ProviderFailureCategory.KeyInUse),
            400 when type == "idempotency_error" => (StripeVerdict.Rejected, ProviderFailureCategory.KeyReused),
            400 or 404 when code == "resource_missing" => (StripeVerdict.NotFound, ProviderFailureCategory.NotFound),
            400 when IsConflict(code) => (StripeVerdict.Rejected, ProviderFailureCategory.Conflict),
            401 when isExplained => (StripeVerdict.Rejected, ProviderFailureCategory.Authentication),
            402 when isExplained => (StripeVerdict.Rejected, ProviderFailureCategory.Declined),
            403 when isExplained => (StripeVerdict.Rejected, ProviderFailureCategory.Permission),
            404 when isExplained => (StripeVerdict.NotFound, ProviderFailureCategory.NotFound),
            >= 400 and < 500 when isExplained => (StripeVerdict.Rejected, ProviderFailureCategory.InvalidRequest),

            // Something between us and the provider answered, or the provider failed: neither says whether it was done.
            _ => (StripeVerdict.Unknown, ProviderFailureCategory.Provider),
        };

    private static bool IsKeyInUse(string? type, string? code) =>
        code == "idempotency_key_in_use" || (code is null && type == "idempotency_error");

    private static bool IsConflict(string? code) => code is "payment_intent_unexpected_state"
        or "setup_intent_unexpected_state" or "charge_already_refunded" or "charge_already_captured" or "charge_disputed"
        or "invoice_not_editable" or "resource_already_exists" or "payment_method_unexpected_state";
}
