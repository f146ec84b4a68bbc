using Quoin.Payments;
using Shouldly;
using Xunit;

namespace Quoin.Tests.Unit.Billing.Payments.Stripe;

/// <summary>What each failure of Stripe means: refused for good, not there, or unknown.</summary>
public sealed class UnderstandingFailures
{
    [Theory]
    [InlineData(400, "invalid_request_error", "parameter_missing", "Rejected", ProviderFailureCategory.InvalidRequest)]
    [InlineData(409, "idempotency_error", null, "Unknown", ProviderFailureCategory.KeyInUse)]
    [InlineData(400, "idempotency_error", null, "Rejected", ProviderFailureCategory.KeyReused)]
    [InlineData(409, "idempotency_error", "idempotency_key_in_use", "Unknown", ProviderFailureCategory.KeyInUse)]
    [InlineData(409, "invalid_request_error", "lock_timeout", "Unknown", ProviderFailureCategory.Conflict)]
    [InlineData(400, "invalid_request_error", "resource_missing", "NotFound", ProviderFailureCategory.NotFound)]
    [InlineData(404, "invalid_request_error", "resource_missing", "NotFound", ProviderFailureCategory.NotFound)]
    [InlineData(400, "invalid_request_error", "charge_already_refunded", "Rejected", ProviderFailureCategory.Conflict)]
    [InlineData(401, "invalid_request_error", null, "Rejected", ProviderFailureCategory.Authentication)]
    [InlineData(402, "card_error", "card_declined", "Rejected", ProviderFailureCategory.Declined)]
    [InlineData(403, "invalid_request_error", null, "Rejected", ProviderFailureCategory.Permission)]
    [InlineData(429, "invalid_request_error", "rate_limit", "Unknown", ProviderFailureCategory.RateLimited)]
    [InlineData(500, "api_error", null, "Unknown", ProviderFailureCategory.Provider)]
    public async Task Each_has_its_meaning(
        int status, string type, string? code, string verdict, ProviderFailureCategory category)
    {
        var codeMember = code is null ? "" : $",\"code\":\"{code}\"";
        var body = $$"""{"error":{"type":"{{type}}","message":"M"{{codeMember}} } }""";

        var outcome = await Answered(status, body);

        outcome.GetType().Name.ShouldBe(verdict);
        FailureOf(outcome).Category.ShouldBe(category);
        FailureOf(outcome).HttpStatus.ShouldBe(status);
    }

    [Theory]
    [InlineData(403, "<html>A proxy of the network says no.</html>")]
    [InlineData(404, "")]
    [InlineData(301, "")]
    [InlineData(200, "<html>Sign in to this network.</html>")]
    [InlineData(200, """{"object":"checkout.session","id":"cs_1"}""")]
    [InlineData(200, """{"id":"cs_1","status":"complete","mode":"donation","created":1,"expires_at":2}""")]
    [InlineData(200, """{"id":"\ud800","status":"open","mode":"setup","created":1,"expires_at":2}""")]
    [InlineData(200, "[]")]
    public async Task What_the_provider_did_not_say_decides_nothing(int status, string body)
    {
        var outcome = await Answered(status, body);

        FailureOf(outcome.ShouldBeOfType<ProviderOutcome<ProviderCheckout>.Unknown>()).Category
            .ShouldBe(ProviderFailureCategory.Provider);
    }

    [Fact]
    public async Task A_decline_says_why_the_bank_declined()
    {
        var outcome = await Answered(
            402, """{"error":{"type":"card_error","code":"card_declined","decline_code":"insufficient_funds","message":"No."}}""");

        FailureOf(outcome).Code.ShouldBe("insufficient_funds");
    }

    private static async Task<ProviderOutcome<ProviderCheckout>> Answered(int status, string body)
    {
        await using var stripe = await LoopbackStripe.Start();
        using var provider = stripe.Then(status, body).Then(status, body).Then(status, body).Provider();
        return await provider.Checkout("cs_1", CancellationToken.None);
    }

    private static ProviderFailure FailureOf(ProviderOutcome<ProviderCheckout> outcome) => outcome switch
    {
        ProviderOutcome<ProviderCheckout>.Rejected rejected => rejected.Failure,
        ProviderOutcome<ProviderCheckout>.NotFound missing => missing.Failure,
        ProviderOutcome<ProviderCheckout>.Unknown unknown => unknown.Failure,
        _ => throw new InvalidOperationException("It went well."),
    };
}
