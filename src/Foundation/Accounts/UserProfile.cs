using System.Text.Json.Serialization;
using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>Whether a person may come in.</summary>
public enum UserState
{
    /// <summary>Yes.</summary>
    Active,

    /// <summary>Not now: an operator shut them out; their sessions are refused.</summary>
    Suspended,

    /// <summary>Not as they are: they asked to be deleted. Signing in within the grace period takes it back.</summary>
    Deleting,

    /// <summary>Never again: they were deleted, and are known by their id only.</summary>
    Deleted,
}

/// <summary>A person, of an organisation or of the operator.</summary>
/// <param name="Id">Their id, also the actor's name in audit logs.</param>
/// <param name="Name">What they call themselves; null where they never said.</param>
/// <param name="Email">Their address as first written; null where they sign in without one.</param>
/// <param name="EmailVerifiedAt">When a mailed link, or whoever vouches for them, proved the address; null before.</param>
/// <param name="HasPassword">Whether they can sign in with a password.</param>
/// <param name="HasSecondFactor">Whether they are asked for a code after signing in.</param>
/// <param name="State">Whether they may come in.</param>
/// <param name="CreatedAt">When they were first known.</param>
public sealed record UserProfile(
    UserId Id,
    string? Name,
    string? Email,
    DateTimeOffset? EmailVerifiedAt,
    bool HasPassword,
    bool HasSecondFactor,
    UserState State,
    DateTimeOffset CreatedAt)
{
    /// <summary>What to call them on a page: their name, else their address, else their id.</summary>
    [JsonIgnore]
    public string DisplayName => Name ?? Email ?? Id.ToString();

    /// <summary>Their address where it is proved to be theirs; else null.</summary>
    [JsonIgnore]
    public string? ConfirmedEmail => EmailVerifiedAt is null ? null : Email;
}

/// <summary>A person to be known.</summary>
/// <param name="Name">What they call themselves; may be left out.</param>
/// <param name="Email">Their address; may be left out by those who sign in without one.</param>
/// <param name="EmailIsVerified">Whether somebody who is believed vouches that the address is theirs.</param>
public sealed record NewUser(string? Name, string? Email, bool EmailIsVerified = false)
{
    /// <summary>Their password as <see cref="Microsoft.AspNetCore.Identity.PasswordHasher{TUser}"/> hashed it.</summary>
    internal string? PasswordHash { get; init; }
}

/// <summary>Every way making a person known can end, in the order they are checked.</summary>
public abstract record CreateUserOutcome
{
    private CreateUserOutcome()
    {
    }

    /// <summary>Members of the request are wrong.</summary>
    public sealed record Invalid(InvalidInput Input) : CreateUserOutcome;

    /// <summary>Somebody has this address already.</summary>
    /// <param name="User">Who; never to be shown to whoever asked.</param>
    public sealed record AddressTaken(UserProfile User) : CreateUserOutcome;

    /// <summary>They are known now.</summary>
    public sealed record Created(UserProfile User) : CreateUserOutcome;
}
