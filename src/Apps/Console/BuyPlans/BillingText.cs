using System.Globalization;
using System.Text.Json;
using Quoin.Payments;
using Quoin.Payments.KeepMethods;
using Quoin.Platform;

namespace Quoin.ConsolePages.BuyPlans;

/// <summary>Buying in words.</summary>
public static class BillingText
{
    /// <summary>What a page says of something that has just happened.</summary>
    public static Remark? Said(string? what) => what switch
    {
        "bought" => new Remark("Thank you: the payment is here.", IsComplaint: false),
        "changed" => new Remark(
            "The payment provider has taken the change. It shows here within a few seconds.", IsComplaint: false),
        "paid" => new Remark("Thank you: the credit is here.", IsComplaint: false),
        "methods" => new Remark("These are the payment methods the payment provider has.", IsComplaint: false),
        "asked" => new Remark(
            "Your request is here. Somebody looks at it, and this page shows what became of it.", IsComplaint: false),
        "linked" => new Remark("The link is ready: whoever has it can pay.", IsComplaint: false),
        "unlinked" => new Remark("Nobody can open the link any more.", IsComplaint: false),
        "saved" => new Remark("Saved: credit is bought by itself from now on.", IsComplaint: false),
        "off" => new Remark("Credit is no longer bought by itself.", IsComplaint: false),
        "canceled" => new Remark("Nothing was bought, and nothing was charged.", IsComplaint: false),
        _ => null,
    };

    /// <summary>Why buying came to nothing, and what to do about it.</summary>
    public static Remark Of(PaymentRequestOutcome outcome) => outcome switch
    {
        PaymentRequestOutcome.Refused(var code, _, var details) => Of(code, details),
        PaymentRequestOutcome.NotConfigured => Complaint(
            "Nobody takes payments here yet. Tell whoever runs this installation."),
        PaymentRequestOutcome.Invalid(var errors) => Complaint(
            string.Join("; ", errors.Select(error => $"{Spoken(error.Key)} {error.Value}")) + "."),
        _ => Complaint("The page to pay at is over. Choose once more."),
    };

    /// <summary>Whether the same request may yet come to something, so that its form must keep its key.</summary>
    public static bool GoesOn(PaymentRequestOutcome outcome) =>
        outcome is PaymentRequestOutcome.Refused { Code: var code } && code == PaymentsProblems.RequestInProgress.Code;

    /// <summary>Why a payment method stays as it is; null where it does not.</summary>
    public static Remark? Of(MethodChangeOutcome outcome) => outcome switch
    {
        MethodChangeOutcome.NotFound => Complaint("This payment method is not there any more."),
        MethodChangeOutcome.Refused(var reason) => Complaint($"The payment provider refused: {reason}"),
        MethodChangeOutcome.Unknown => Complaint("The payment provider has not answered. Press the same button again in a moment."),
        _ => null,
    };

    /// <summary>What a payment method is called.</summary>
    public static string Of(MethodAnswer method) =>
        $"{Spoken(method.Brand ?? method.Type)}{(method.Last4 is { } digits ? $" •••• {digits}" : string.Empty)}";

    /// <summary>When a payment method runs out.</summary>
    public static string Expiry(MethodAnswer method) => method switch
    {
        { Status: PaymentMethodStatus.Expired } => "has run out",
        { ExpiryMonth: { } month, ExpiryYear: { } year } => string.Create(CultureInfo.InvariantCulture, $"{month:00}/{year}"),
        _ => "never",
    };

    /// <summary>How a purchase of credit stands.</summary>
    public static string Of(PurchaseStatus status) => status switch
    {
        PurchaseStatus.Succeeded => "Paid",
        PurchaseStatus.Failed => "Failed",
        PurchaseStatus.Expired => "Nobody paid in time",
        PurchaseStatus.Canceled => "Given up",
        PurchaseStatus.PartiallyRefunded => "Paid, a part given back",
        PurchaseStatus.Refunded => "Given back",
        PurchaseStatus.Disputed => "Paid; your bank calls it into question",
        _ => "Waits for the payment",
    };

    /// <summary>How a subscription stands.</summary>
    public static string Of(SubscriptionStatus status) => status switch
    {
        SubscriptionStatus.Active => "Active",
        SubscriptionStatus.Trialing => "Trial",
        SubscriptionStatus.PastDue => "Past due: a payment failed and is tried again",
        SubscriptionStatus.Paused => "Paused",
        SubscriptionStatus.Unpaid => "Unpaid: every try to collect failed",
        SubscriptionStatus.Canceled => "Canceled",
        SubscriptionStatus.IncompleteExpired => "Ended before it was paid",
        _ => "Waiting for its first payment",
    };

    /// <summary>How an invoice stands.</summary>
    public static string OfInvoice(string status) => status switch
    {
        "draft" => "Being written",
        "open" => "To pay",
        "paid" => "Paid",
        "void" => "Void",
        "uncollectible" => "Given up",
        _ => status,
    };

    /// <summary>How a payment stands.</summary>
    public static string Of(ProviderPaymentStatus status) => status switch
    {
        ProviderPaymentStatus.Succeeded => "Paid",
        ProviderPaymentStatus.Failed => "Failed",
        ProviderPaymentStatus.ActionNeeded => "Waits for the bank's confirmation",
        _ => "On its way",
    };

    /// <summary>What a part of a subscription pays.</summary>
    public static string Of(PriceComponent component) => component switch
    {
        PriceComponent.Base => "The plan",
        PriceComponent.Seat => "Seats",
        PriceComponent.AddOn => "Extras",
        _ => "What is used",
    };

    /// <summary>How a refund stands for who asked.</summary>
    public static string Of(RefundProgress progress) => progress switch
    {
        RefundProgress.Submitted => "Submitted",
        RefundProgress.InReview => "In review",
        RefundProgress.OnItsWay => "On its way",
        RefundProgress.Completed => "Completed",
        _ => "Declined",
    };

    /// <summary>Why a payment cannot be asked back.</summary>
    public static string Of(RefundRefusal why) => why switch
    {
        RefundRefusal.NotCredit => "Only credit can be asked back here. Write to whoever runs this installation.",
        RefundRefusal.SwitchedOff => "Nothing can be asked back here. Write to whoever runs this installation.",
        RefundRefusal.Disputed => "Your bank decides about this payment.",
        RefundRefusal.TooLate => "This was paid too long ago to be asked back.",
        RefundRefusal.Asked => "You have asked for it, and nobody has decided yet.",
        RefundRefusal.GivenBack => "All of it was given back.",
        _ => "This credit was spent, and what is spent cannot be asked back.",
    };

    /// <summary>How a dispute stands for who opened it.</summary>
    public static string Of(DisputeProgress progress) => progress switch
    {
        DisputeProgress.PaymentStands => "Decided: the payment stands",
        DisputeProgress.MoneyReturned => "Decided: your bank gave the money back to you",
        DisputeProgress.Closed => "Over: nothing was moved",
        _ => "Your bank looks at it",
    };

    /// <summary>Why credit is no longer bought by itself.</summary>
    public static string Stopped(string? reason) => reason switch
    {
        "declined" => "the payment method was declined.",
        "action_needed" => "the bank wanted somebody's confirmation, and nobody was there.",
        "no_payment_method" => "there was no payment method to charge.",
        _ => "a charge came to nothing.",
    };

    /// <summary>What a payment link sells.</summary>
    public static string Of(IReadOnlyList<PaymentLinkLine> lines) =>
        string.Join(", ", lines.Select(line => line.Quantity == 1 ? line.Name : $"{line.Quantity} × {line.Name}"));

    /// <summary>A reason as a sentence.</summary>
    public static string Sentence(string reason) => Spoken(reason) + ".";

    /// <summary>What a payment was for.</summary>
    public static string Of(PaymentKind kind) => kind switch
    {
        PaymentKind.Invoice => "Invoice",
        PaymentKind.Charge => "Charged by itself",
        PaymentKind.Link => "Payment link",
        _ => "Bought here",
    };

    private static Remark Of(string code, string? details) => code switch
    {
        _ when code == PaymentsProblems.CheckoutSessionOpen.Code => new Remark(
            "A page to pay at is open already. Go on there, or wait until it ends within a day.",
            IsComplaint: true,
            WebAddress(Member(details, "checkout_url")),
            "Go on paying"),
        _ when code == PaymentsProblems.RequestInProgress.Code => Complaint(
            "The payment provider has not answered yet. Press the same button again in a moment: it never buys twice."),
        _ when code == PaymentsProblems.CheckoutInProgress.Code => Complaint(
            "Somebody else is buying for this account just now. Try again in a minute."),
        _ when code == PaymentsProblems.CheckoutCompletionPending.Code => Complaint(
            "A plan was paid for a moment ago and is on its way. Wait some minutes; it appears by itself."),
        _ when code == PaymentsProblems.CheckoutRecoveryVerificationPending.Code => Complaint(
            "Whether an earlier checkout can still be paid is being found out. Try again later; at the latest in a day."),
        _ when code == PaymentsProblems.CheckoutPlanNotFound.Code => Complaint(
            "This plan is not sold any more. Choose another one."),
        _ when code == PaymentsProblems.CheckoutConfigurationInvalid.Code => Complaint(
            "This plan cannot be sold: it has no price at the payment provider that fits. Tell whoever runs this installation."),
        _ when code == PaymentsProblems.SubscriptionExists.Code => Complaint(
            "This account has a subscription. Change that one instead of buying another."),
        _ when code == PaymentsProblems.PortalSubscriptionRequired.Code => Complaint(
            "There is no subscription to look after yet. Choose a plan first."),
        _ when code == PaymentsProblems.CheckoutRecoveryWindowElapsed.Code => Complaint(
            "The checkout ended before it could be finished. Nothing was charged; choose once more."),
        _ when code == PaymentsProblems.CheckoutReplayProvenanceMismatch.Code => Complaint(
            "Quoin was updated while this was being bought. Choose once more."),
        _ when code == PaymentsProblems.CheckoutProviderError.Code => Complaint(
            "The payment provider refused. Try again; tell whoever runs this installation if it stays so."),
        _ when code == PlatformProblems.IdempotencyConflict.Code => Complaint(
            "This form was sent before with something else in it. Choose once more."),
        _ => Complaint(PaymentsProblems.OfRequest(code).Title),
    };

    /// <summary>An address of the web as it may stand in a link; null for anything else.</summary>
    public static string? WebAddress(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address)
        && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp)
            ? address.AbsoluteUri
            : null;

    private static string? Member(string? json, string name)
    {
        if (json is null)
        {
            return null;
        }

        using var document = JsonDocument.Parse(json);
        return document.RootElement.TryGetProperty(name, out var member) ? member.GetString() : null;
    }

    /// <summary>Something that came to nothing.</summary>
    public static Remark Complaint(string text) => new(text, IsComplaint: true);

    private static string Spoken(string member) => char.ToUpperInvariant(member[0]) + member[1..].Replace('_', ' ');
}
