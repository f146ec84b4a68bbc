using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.TopUpByItself;

namespace Quoin.Payments;

/// <summary>When and how credit is to be bought by itself; amounts in the billing account's currency.</summary>
/// <param name="Account">Whose.</param>
/// <param name="Threshold">Below which credit it is bought.</param>
/// <param name="Amount">How much is bought at a time.</param>
/// <param name="MonthlyCap">The most that is bought so in a calendar month, UTC.</param>
/// <param name="PaymentMethod">What is charged; null for whichever is the account's default then.</param>
public sealed record NewAutoTopUp(
    BillingAccountProfile Account, Money Threshold, Money Amount, Money MonthlyCap, PaymentMethodId? PaymentMethod);

/// <summary>When and how credit is bought by itself.</summary>
/// <param name="BillingAccount">Whose.</param>
/// <param name="IsActive">Whether it is; off after a charge failed, until it is set again.</param>
/// <param name="Threshold">Below which credit it is bought.</param>
/// <param name="Amount">How much is bought at a time.</param>
/// <param name="MonthlyCap">The most that is bought so in a calendar month, UTC.</param>
/// <param name="PaymentMethod">What is charged; null for the account's default.</param>
/// <param name="StoppedReason">Why it is off; null where it is on.</param>
/// <param name="StoppedAt">When it was turned off; null where it is on.</param>
/// <param name="BoughtThisMonth">What counts against the cap of this calendar month, UTC.</param>
public sealed record AutoTopUp(
    BillingAccountId BillingAccount,
    bool IsActive,
    Money Threshold,
    Money Amount,
    Money MonthlyCap,
    PaymentMethodId? PaymentMethod,
    string? StoppedReason,
    DateTimeOffset? StoppedAt,
    Money BoughtThisMonth)
{
    internal static AutoTopUp Of(AutoTopUpRow row, long boughtMinor) => new(
        row.Account.Account,
        row.IsActive,
        row.Threshold,
        MinorUnits.ToMoney(row.AmountMinor, row.Currency),
        MinorUnits.ToMoney(row.CapMinor, row.Currency),
        row.Method,
        row.StoppedReason,
        row.StoppedAt,
        MinorUnits.ToMoney(boughtMinor, row.Currency));
}

/// <summary>Every way setting it can end, in the order they are checked.</summary>
public abstract record AutoTopUpOutcome
{
    private AutoTopUpOutcome()
    {
    }

    /// <summary>A value cannot be worked with.</summary>
    /// <param name="Reason">For people.</param>
    public sealed record Invalid(string Reason) : AutoTopUpOutcome;

    /// <summary>Nobody takes payments of the organisation's mode.</summary>
    public sealed record NotConfigured : AutoTopUpOutcome;

    /// <summary>The account has no such payment method.</summary>
    /// <param name="Method">Which.</param>
    public sealed record MethodNotFound(PaymentMethodId Method) : AutoTopUpOutcome;

    /// <summary>No payment method is the account's default.</summary>
    public sealed record MethodRequired : AutoTopUpOutcome;

    /// <summary>It is on.</summary>
    /// <param name="AutoTopUp">As it stands.</param>
    public sealed record Standing(AutoTopUp AutoTopUp) : AutoTopUpOutcome;
}

/// <summary>The door to credit that is bought by itself.</summary>
public sealed class AutoTopUps
{
    private readonly SetAutoTopUps setting;

    internal AutoTopUps(SetAutoTopUps setting) => this.setting = setting;

    /// <summary>An account's; null where its credit is not bought by itself.</summary>
    public Task<AutoTopUp?> Find(BillingAccountProfile account, CancellationToken cancellationToken) =>
        setting.Find(account, cancellationToken);

    /// <summary>Sets it and turns it on, also after it stopped.</summary>
    /// <param name="request">When and how.</param>
    /// <param name="actor">Who asks, for the audit log.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<AutoTopUpOutcome> Set(NewAutoTopUp request, string actor, CancellationToken cancellationToken) =>
        setting.Set(request, actor, cancellationToken);

    /// <summary>No longer buys credit by itself; a charge on its way is finished.</summary>
    public Task Remove(BillingAccountProfile account, string actor, CancellationToken cancellationToken) =>
        setting.Remove(account, actor, cancellationToken);
}
