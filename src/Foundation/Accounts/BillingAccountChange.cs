using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>What a billing account is to be called.</summary>
/// <param name="Name">What people call it: 1 to 200 letters.</param>
/// <param name="Reason">Why, for the audit log.</param>
public sealed record BillingAccountChange(string Name, string? Reason = null);

/// <summary>
/// Tells whether something still runs on a billing account: money owed or held, a plan. Accounts asks all that are
/// registered before it closes one; who they are, it does not know.
/// </summary>
public interface IBillingAccountUse
{
    /// <summary>What runs, to be put behind "It": <c>owes 1.50 USD</c>; null when nothing does.</summary>
    ValueTask<string?> Of(OrgId org, BillingAccountId account, CancellationToken cancellationToken);
}

/// <summary>Every way renaming, closing or reopening a billing account can end, in the order they are checked.</summary>
public abstract record BillingAccountOutcome
{
    private BillingAccountOutcome()
    {
    }

    /// <summary>Members of the request are wrong.</summary>
    public sealed record Invalid(InvalidInput Input) : BillingAccountOutcome;

    /// <summary>The organisation has no such billing account.</summary>
    public sealed record NotFound : BillingAccountOutcome;

    /// <summary>The default one stays open.</summary>
    public sealed record IsDefault : BillingAccountOutcome;

    /// <summary>Something still runs on it.</summary>
    /// <param name="What">What, each to be put behind "It".</param>
    public sealed record InUse(IReadOnlyList<string> What) : BillingAccountOutcome;

    /// <summary>The project it stands for has another one that is open.</summary>
    public sealed record ProjectHasOne(BillingAccountId Other) : BillingAccountOutcome;

    /// <summary>What it stands for, or who pays for it, is not there any more.</summary>
    public sealed record NoSuch(string What) : BillingAccountOutcome;

    /// <summary>It is so, now or since before.</summary>
    public sealed record Done(BillingAccountProfile BillingAccount) : BillingAccountOutcome;
}
