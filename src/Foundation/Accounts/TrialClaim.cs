using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>News: an organisation's trial began, and its credit is to be given.</summary>
/// <param name="Organisation">The organisation.</param>
/// <param name="BillingAccount">Which of its billing accounts gets the credit.</param>
/// <param name="Credit">How much.</param>
/// <param name="At">When, by the organisation's clock.</param>
/// <param name="ExpiresAt">Until when the credit may be spent, by the same clock.</param>
public sealed record TrialClaimed(
    OrgId Organisation, BillingAccountId BillingAccount, Money Credit, DateTimeOffset At, DateTimeOffset ExpiresAt)
    : IOutboxEvent
{
    /// <inheritdoc />
    public static string Topic => "accounts.trial_claimed";
}

/// <summary>How it stands with an organisation's trial.</summary>
/// <param name="IsAvailable">Whether it can still be started, by somebody whose address is proved and who had none.</param>
/// <param name="Credit">How much credit it gives, or gave.</param>
/// <param name="ClaimedAt">When it was started; null while it was not.</param>
/// <param name="ClaimedBy">Who started it; null while nobody did.</param>
public sealed record TrialProfile(bool IsAvailable, Money Credit, DateTimeOffset? ClaimedAt, UserId? ClaimedBy);

/// <summary>Every way starting a trial can end, in the order they are checked.</summary>
public abstract record ClaimTrialOutcome
{
    private ClaimTrialOutcome()
    {
    }

    /// <summary>The operator gives no trials now.</summary>
    public sealed record Closed : ClaimTrialOutcome;

    /// <summary>Only a person of the organisation starts its trial, in nobody else's stead.</summary>
    public sealed record NotAPerson : ClaimTrialOutcome;

    /// <summary>The person's address is not proved to be theirs.</summary>
    public sealed record AddressNotProved : ClaimTrialOutcome;

    /// <summary>The organisation had its trial, or the person had one before, by this or another form of their address.</summary>
    public sealed record AlreadyClaimed : ClaimTrialOutcome;

    /// <summary>It has begun; the credit is on its way.</summary>
    public sealed record Claimed(TrialProfile Trial) : ClaimTrialOutcome;
}
