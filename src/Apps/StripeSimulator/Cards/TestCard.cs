namespace Quoin.StripeSimulator.Cards;

/// <summary>What a test card does, as Stripe's list of test cards has it (<see href="https://docs.stripe.com/testing"/>).</summary>
internal enum CardConduct
{
    /// <summary>Every payment succeeds.</summary>
    Succeeds,

    /// <summary>Every payment is declined.</summary>
    Declines,

    /// <summary>The payer must confirm once; then it may be charged without them.</summary>
    AuthenticatesOnce,

    /// <summary>The payer must confirm every payment.</summary>
    AuthenticatesAlways,

    /// <summary>
    /// What the payer pays themselves succeeds; what is charged later without them is declined. Stripe's own declines
    /// every charge: here the first one goes through, so that a renewal can fail.
    /// </summary>
    FailsLater,

    /// <summary>The payment succeeds, and is disputed.</summary>
    IsDisputed,

    /// <summary>The payment succeeds; a refund of it waits, then succeeds.</summary>
    RefundsLate,

    /// <summary>The payment succeeds; a refund of it succeeds, then fails.</summary>
    RefundFails,

    /// <summary>The payment succeeds and is available in the balance at once.</summary>
    SettlesAtOnce,
}

/// <summary>A card number that means something.</summary>
/// <param name="Number">Its digits.</param>
/// <param name="Brand">Such as <c>visa</c>.</param>
/// <param name="Conduct">What it does.</param>
internal sealed record TestCard(string Number, string Brand, CardConduct Conduct)
{
    /// <summary>Stripe's error code of a decline.</summary>
    public string Code { get; init; } = "card_declined";

    /// <summary>The bank's reason of a decline.</summary>
    public string DeclineCode { get; init; } = "generic_decline";

    /// <summary>What the payer reads.</summary>
    public string Message { get; init; } = "Your card was declined.";

    /// <summary>Why the payer's bank disputes it.</summary>
    public string DisputeReason { get; init; } = "fraudulent";

    /// <summary>Its short name among Stripe's payment methods for tests, such as <c>pm_card_visa</c>.</summary>
    public string? Alias { get; init; }

    /// <summary>The last four digits.</summary>
    public string Last4 => Number[^4..];

    /// <summary>All of them, in the order the pages list them.</summary>
    public static IReadOnlyList<TestCard> All { get; } =
    [
        new("4242424242424242", "visa", CardConduct.Succeeds) { Alias = "pm_card_visa" },
        new("5555555555554444", "mastercard", CardConduct.Succeeds) { Alias = "pm_card_mastercard" },
        new("378282246310005", "amex", CardConduct.Succeeds) { Alias = "pm_card_amex" },
        new("4000000000000002", "visa", CardConduct.Declines) { Alias = "pm_card_visa_chargeDeclined" },
        new("4000000000009995", "visa", CardConduct.Declines)
        {
            DeclineCode = "insufficient_funds", Message = "Your card has insufficient funds.",
            Alias = "pm_card_visa_chargeDeclinedInsufficientFunds",
        },
        new("4000000000009987", "visa", CardConduct.Declines)
        {
            DeclineCode = "lost_card", Alias = "pm_card_visa_chargeDeclinedLostCard",
        },
        new("4000000000000069", "visa", CardConduct.Declines)
        {
            Code = "expired_card", DeclineCode = "expired_card", Message = "Your card has expired.",
            Alias = "pm_card_chargeDeclinedExpiredCard",
        },
        new("4000000000000127", "visa", CardConduct.Declines)
        {
            Code = "incorrect_cvc", DeclineCode = "incorrect_cvc", Message = "Your card's security code is incorrect.",
            Alias = "pm_card_chargeDeclinedIncorrectCvc",
        },
        new("4000000000000119", "visa", CardConduct.Declines)
        {
            Code = "processing_error", DeclineCode = "processing_error",
            Message = "An error occurred while processing your card. Try again in a little bit.",
            Alias = "pm_card_chargeDeclinedProcessingError",
        },
        new("4000002500003155", "visa", CardConduct.AuthenticatesOnce) { Alias = "pm_card_authenticationRequiredOnSetup" },
        new("4000002760003184", "visa", CardConduct.AuthenticatesAlways) { Alias = "pm_card_authenticationRequired" },
        new("4000000000000341", "visa", CardConduct.FailsLater) { Alias = "pm_card_chargeCustomerFail" },
        new("4000000000000259", "visa", CardConduct.IsDisputed) { Alias = "pm_card_createDispute" },
        new("4000000000002685", "visa", CardConduct.IsDisputed)
        {
            DisputeReason = "product_not_received", Alias = "pm_card_createDisputeProductNotReceived",
        },
        new("4000000000007726", "visa", CardConduct.RefundsLate) { Alias = "pm_card_pendingRefund" },
        new("4000000000005126", "visa", CardConduct.RefundFails) { Alias = "pm_card_refundFail" },
        new("4000000000000077", "visa", CardConduct.SettlesAtOnce) { Alias = "pm_card_bypassPending" },
    ];

    /// <summary>The card of a number, or of an alias; null when no test knows it.</summary>
    public static TestCard? Find(string text)
    {
        var wanted = text switch
        {
            "tok_visa" => "pm_card_visa",
            "pm_card_chargeDeclined" or "tok_chargeDeclined" => "pm_card_visa_chargeDeclined",
            "pm_card_chargeDeclinedInsufficientFunds" => "pm_card_visa_chargeDeclinedInsufficientFunds",
            "tok_chargeCustomerFail" => "pm_card_chargeCustomerFail",
            _ => text,
        };
        return All.FirstOrDefault(card => card.Number == wanted || card.Alias == wanted);
    }

    /// <summary>Whether digits can be a card at all: their check digit fits.</summary>
    public static bool IsPlausible(string number)
    {
        var sum = number.Reverse().Select((letter, index) => (letter - '0') * (index % 2 == 0 ? 1 : 2))
            .Sum(digit => digit > 9 ? digit - 9 : digit);
        return number.Length is >= 12 and <= 19 && number.All(char.IsAsciiDigit) && sum % 10 == 0;
    }
}

/// <summary>Whether the payer is there as their card is charged.</summary>
internal enum Presence
{
    /// <summary>On a page, where they can confirm.</summary>
    Here,

    /// <summary>On a page, and their bank has just let them confirm.</summary>
    Confirmed,

    /// <summary>Not there: a renewal, a charge by agreement.</summary>
    Away,
}

/// <summary>What a bank says to a charge.</summary>
internal enum Verdict
{
    /// <summary>Yes.</summary>
    Approved,

    /// <summary>No.</summary>
    Declined,

    /// <summary>The payer must confirm first.</summary>
    NeedsPayer,

    /// <summary>The payer would have to confirm, and is not there.</summary>
    PayerAway,
}

/// <summary>Decides charges.</summary>
internal static class Bank
{
    /// <summary>What is said to a charge of a card.</summary>
    /// <param name="card">The card.</param>
    /// <param name="presence">Whether the payer is there.</param>
    /// <param name="isConfirmedBefore">Whether the payer confirmed this method for later charges.</param>
    public static Verdict Decide(TestCard card, Presence presence, bool isConfirmedBefore) => (card.Conduct, presence) switch
    {
        (CardConduct.Declines, _) or (CardConduct.FailsLater, Presence.Away) => Verdict.Declined,
        (CardConduct.AuthenticatesOnce, Presence.Here) => isConfirmedBefore ? Verdict.Approved : Verdict.NeedsPayer,
        (CardConduct.AuthenticatesOnce, Presence.Away) => isConfirmedBefore ? Verdict.Approved : Verdict.PayerAway,
        (CardConduct.AuthenticatesAlways, Presence.Here) => Verdict.NeedsPayer,
        (CardConduct.AuthenticatesAlways, Presence.Away) => Verdict.PayerAway,
        _ => Verdict.Approved,
    };
}
