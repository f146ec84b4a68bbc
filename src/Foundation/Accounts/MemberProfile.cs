using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>Somebody who belongs to an organisation.</summary>
/// <param name="Id">The person.</param>
/// <param name="Name">What they are called; null where they never said.</param>
/// <param name="Email">Their address; null for people known by a wallet alone.</param>
/// <param name="Role">What they may do; see <see cref="MemberRole"/>.</param>
/// <param name="JoinedAt">Since when.</param>
public sealed record MemberProfile(UserId Id, string? Name, string? Email, string Role, DateTimeOffset JoinedAt);
