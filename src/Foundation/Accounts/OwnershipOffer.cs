using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>An organisation offered by its owner to another member, who has not answered yet.</summary>
/// <param name="From">Who offers it, and becomes an admin when it is taken.</param>
/// <param name="To">Who would own it.</param>
/// <param name="CreatedAt">Since when.</param>
/// <param name="ExpiresAt">Until when it can be taken.</param>
public sealed record OwnershipOffer(UserId From, UserId To, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt);
