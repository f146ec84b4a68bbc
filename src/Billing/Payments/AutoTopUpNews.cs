using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Payments;

/// <summary>News: credit ran low and was bought by itself.</summary>
/// <param name="BillingAccount">Whose.</param>
/// <param name="Charge">The charge.</param>
/// <param name="Amount">What was charged.</param>
public sealed record AutoTopUpCharged(BillingAccountId BillingAccount, AutoTopUpChargeId Charge, Money Amount) : IOutboxEvent
{
    /// <inheritdoc />
    public static string Topic => "payments.auto_top_up_charged";
}

/// <summary>News: credit is not bought by itself any more, until somebody turns it on again.</summary>
/// <param name="BillingAccount">Whose.</param>
/// <param name="Reason">A stable word: <c>declined</c>, <c>action_needed</c>, <c>no_payment_method</c>, <c>outcome_unknown</c>…</param>
/// <param name="Message">Why, for people; null where the word says all.</param>
public sealed record AutoTopUpStopped(BillingAccountId BillingAccount, string Reason, string? Message) : IOutboxEvent
{
    /// <inheritdoc />
    public static string Topic => "payments.auto_top_up_stopped";
}
