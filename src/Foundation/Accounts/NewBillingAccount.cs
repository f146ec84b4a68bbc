using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>A further billing account to be opened in an organisation.</summary>
/// <param name="Kind">What it stands for.</param>
/// <param name="Name">What people call it: 1 to 200 letters.</param>
/// <param name="Currency">The one currency it is billed in; never changes.</param>
/// <param name="Settlement">Where usage that no grant covers goes.</param>
/// <param name="Reason">Why, for the audit log.</param>
/// <param name="ProjectId">
/// The project it stands for, which has one open at a time; only with kind <c>project</c>.
/// </param>
/// <param name="UserId">The member it stands for; only with kind <c>user</c>.</param>
/// <param name="ParentBillingAccountId">
/// Another open account of the organisation, of the same currency, that pays for it; may be left out.
/// </param>
public sealed record NewBillingAccount(
    BillingAccountKind Kind,
    string Name,
    Currency Currency,
    Settlement Settlement = Settlement.Prepaid,
    string? Reason = null,
    ProjectId? ProjectId = null,
    UserId? UserId = null,
    BillingAccountId? ParentBillingAccountId = null);

/// <summary>Every way opening a billing account can end, in the order they are checked.</summary>
public abstract record OpenBillingAccountOutcome
{
    private OpenBillingAccountOutcome()
    {
    }

    /// <summary>Members of the request are wrong.</summary>
    public sealed record Invalid(InvalidInput Input) : OpenBillingAccountOutcome;

    /// <summary>There is no such organisation.</summary>
    public sealed record NoSuchOrganisation : OpenBillingAccountOutcome;

    /// <summary>The organisation has no such project, member or account.</summary>
    public sealed record NoSuch(string What) : OpenBillingAccountOutcome;

    /// <summary>The project has an open one already.</summary>
    public sealed record ProjectHasOne(BillingAccountId Other) : OpenBillingAccountOutcome;

    /// <summary>The organisation has as many as it may have.</summary>
    public sealed record TooMany : OpenBillingAccountOutcome;

    /// <summary>It exists.</summary>
    public sealed record Opened(BillingAccountProfile BillingAccount) : OpenBillingAccountOutcome;
}
