using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Payments;

/// <summary>Plans and the billing state of an account are to say what its subscription does.</summary>
/// <param name="Org">Whose organisation.</param>
/// <param name="BillingAccount">Whose.</param>
public sealed record FollowAccountJob(OrgId Org, BillingAccountId BillingAccount) : IJobPayload
{
    /// <inheritdoc />
    public static string JobName => "payments.follow_subscription";

    /// <summary>One at a time for an account.</summary>
    internal JobTerms Terms(DateTimeOffset? dueAt = null) =>
        new() { UniqueKey = $"{Org}/{BillingAccount}", Org = Org, DueAt = dueAt };

    internal BillingAccountKey Key => new(Org, BillingAccount);
}

/// <summary>The same, when a grace is over: a job of its own, so that neither replaces the other.</summary>
/// <param name="Org">Whose organisation.</param>
/// <param name="BillingAccount">Whose.</param>
public sealed record FollowAccountLaterJob(OrgId Org, BillingAccountId BillingAccount) : IJobPayload
{
    /// <inheritdoc />
    public static string JobName => "payments.follow_subscription_later";

    internal JobTerms Terms(DateTimeOffset dueAt) =>
        new() { UniqueKey = $"{Org}/{BillingAccount}", Org = Org, DueAt = dueAt };

    internal FollowAccountJob Now => new(Org, BillingAccount);
}
