using System.Text.RegularExpressions;
using Quoin.Tests.Unit.Tidy;
using Shouldly;
using Xunit;

namespace Quoin.Tests.Unit.Billing.Payments;

/// <summary>Only the adapter speaks the provider's words: nothing outside its folder decides by them.</summary>
public sealed partial class KeepingTheProviderInItsRoom
{
    private const string Module = "src/Billing/Payments/";

    // The door of webhooks is an address of the provider's own; the guardrail's name is what alerts know.
    private static readonly string[] Known =
        ["/webhooks/stripe", "receiveStripeWebhook", "Stripe-Signature", "BILLING_STRIPE_SDK_API_BASELINE_DRIFT"];

    [Fact]
    public void No_text_outside_the_adapter_holds_the_providers_words()
    {
        var strange = from file in Repository.Code
                      where file.Path.StartsWith(Module, StringComparison.Ordinal)
                         && !file.Path.StartsWith($"{Module}Stripe/", StringComparison.Ordinal)
                      from line in file.Lines.Index()
                      where !line.Item.TrimStart().StartsWith("//", StringComparison.Ordinal)
                      from text in Texts().Matches(line.Item).Select(match => match.Value)
                      where Words().IsMatch(text)
                         && !Array.Exists(Known, known => text.Contains(known, StringComparison.Ordinal))
                         && !line.Item.Contains("WithSummary", StringComparison.Ordinal)
                      select $"{file}:{line.Index + 1} {text}";

        strange.ShouldBeEmpty();
    }

    [Fact]
    public void Only_tables_of_contents_name_the_adapter()
    {
        string[] naming =
        [
            .. from file in Repository.Code
               where file.Path.StartsWith(Module, StringComparison.Ordinal)
                  && !file.Path.StartsWith($"{Module}Stripe/", StringComparison.Ordinal)
                  && file.Text.Contains("Quoin.Payments.Stripe", StringComparison.Ordinal)
               select file.Path[Module.Length..],
        ];

        naming.ShouldBeSubsetOf(["PaymentsModule.Client.cs", "PaymentsModule.Webhooks.cs", "PaymentsProblems.cs"]);
    }

    [GeneratedRegex("\"(?:[^\"\\\\]|\\\\.)*\"")]
    private static partial Regex Texts();

    [GeneratedRegex(
        @"stripe|checkout\.session|customer\.subscription|payment_intent|invoice\.(paid|payment|finalized|voided)|charge\.(refund|dispute)"
        + @"|idempotency_error|resource_missing|card_declined|whsec_|\b(cs|pi|ch|in|cus|sub|evt)_(test|live)_",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture)]
    private static partial Regex Words();
}
