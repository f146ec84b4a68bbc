namespace Quoin.Payments;

/// <summary>What a payment may be for, as the metadata of what was made at the provider say.</summary>
public static class PaymentPurposes
{
    /// <summary>Credit.</summary>
    public const string TopUp = "top_up";

    /// <summary>Something sold once.</summary>
    public const string OneOff = "one_off";

    /// <summary>Something sold once, at an address anybody can pay at.</summary>
    public const string PaymentLink = "payment_link";
}
