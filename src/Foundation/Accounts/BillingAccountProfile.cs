using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>What a billing account stands for.</summary>
public enum BillingAccountKind
{
    /// <summary>The organisation as a whole.</summary>
    Organisation,

    /// <summary>One of its projects.</summary>
    Project,

    /// <summary>One of its people.</summary>
    User,

    /// <summary>A customer of the organisation, who is nobody here.</summary>
    External,
}

/// <summary>Where usage that no grant covers goes.</summary>
public enum Settlement
{
    /// <summary>Credit first, then overdraft, which later money repays.</summary>
    Prepaid,

    /// <summary>To the receivable, which an invoice collects.</summary>
    Postpaid,
}

/// <summary>
/// Whether a billing account may be chosen for anything new. Facts are never refused: usage that names a closed one is
/// booked to it all the same.
/// </summary>
public enum BillingAccountStatus
{
    /// <summary>In use.</summary>
    Active,

    /// <summary>Kept for its history.</summary>
    Closed,
}

/// <summary>A billing account as other modules and the API see it. Its currency never changes.</summary>
/// <param name="Id">Its id.</param>
/// <param name="OrganisationId">The organisation it belongs to.</param>
/// <param name="IsDefault">Whether usage that names no billing account is billed here.</param>
/// <param name="Kind">What it stands for.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Currency">The one currency it is billed in.</param>
/// <param name="Settlement">Where usage that no grant covers goes.</param>
/// <param name="Status">Whether it may be chosen for anything new.</param>
/// <param name="CreatedAt">When it was created.</param>
public sealed record BillingAccountProfile(
    BillingAccountId Id,
    OrgId OrganisationId,
    bool IsDefault,
    BillingAccountKind Kind,
    string Name,
    Currency Currency,
    Settlement Settlement,
    BillingAccountStatus Status,
    DateTimeOffset CreatedAt)
{
    /// <summary>The project it stands for; null where it stands for none.</summary>
    public ProjectId? ProjectId { get; init; }

    /// <summary>The person it stands for; null where it stands for none.</summary>
    public UserId? UserId { get; init; }

    /// <summary>The account that pays for it; null where it pays itself.</summary>
    public BillingAccountId? ParentBillingAccountId { get; init; }
}
