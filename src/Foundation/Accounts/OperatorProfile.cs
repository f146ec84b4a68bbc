using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>A person of the operator.</summary>
/// <param name="Id">Their id, also the actor's name in audit logs.</param>
/// <param name="Email">Their address as first written.</param>
/// <param name="Roles">What they may do; see <see cref="OperatorRole"/>.</param>
/// <param name="CreatedAt">When they became an operator.</param>
public sealed record OperatorProfile(UserId Id, string Email, IReadOnlyList<string> Roles, DateTimeOffset CreatedAt);

/// <summary>Somebody to be made an operator.</summary>
/// <param name="Email">Their address; the same whatever its capitals.</param>
/// <param name="Roles">What they may do: some of <see cref="OperatorRole.All"/>.</param>
/// <param name="Reason">Why, for the audit log.</param>
public sealed record NewOperator(string Email, IReadOnlyList<string> Roles, string? Reason = null);

/// <summary>What an operator may do from now on.</summary>
/// <param name="Roles">Some of <see cref="OperatorRole.All"/>, in the place of those before.</param>
/// <param name="Reason">Why, for the audit log.</param>
public sealed record OperatorChange(IReadOnlyList<string> Roles, string? Reason = null);

/// <summary>Every way making somebody an operator can end, in the order they are checked.</summary>
public abstract record CreateOperatorOutcome
{
    private CreateOperatorOutcome()
    {
    }

    /// <summary>Members of the request are wrong.</summary>
    public sealed record Invalid(InvalidInput Input) : CreateOperatorOutcome;

    /// <summary>Whoever asks, or made the key that asks, would make themselves one.</summary>
    public sealed record IsOneself : CreateOperatorOutcome;

    /// <summary>Somebody has this address, comes in without it, and nothing has proved that it is theirs.</summary>
    public sealed record AddressNotProved : CreateOperatorOutcome;

    /// <summary>They already are one; nothing changed.</summary>
    public sealed record AlreadyOperator(OperatorProfile Operator) : CreateOperatorOutcome;

    /// <summary>They are one now.</summary>
    public sealed record Created(OperatorProfile Operator) : CreateOperatorOutcome;
}

/// <summary>Every way changing or ending what an operator may do can end, in the order they are checked.</summary>
public abstract record ChangeOperatorOutcome
{
    private ChangeOperatorOutcome()
    {
    }

    /// <summary>Members of the request are wrong.</summary>
    public sealed record Invalid(InvalidInput Input) : ChangeOperatorOutcome;

    /// <summary>They are no operator (any more).</summary>
    public sealed record NoSuchOperator : ChangeOperatorOutcome;

    /// <summary>Nobody changes their own roles, and no key changes those of who made it.</summary>
    public sealed record IsOneself : ChangeOperatorOutcome;

    /// <summary>They may do what whoever asks may not, so it is not theirs to take.</summary>
    public sealed record RolesOutOfReach(IReadOnlyList<string> Roles) : ChangeOperatorOutcome;

    /// <summary>Nobody would be left who can make operators.</summary>
    public sealed record LastAdmin : ChangeOperatorOutcome;

    /// <summary>It is so; every replica knows within a second.</summary>
    /// <param name="Operator">As they are now, or were before they were removed.</param>
    public sealed record Done(OperatorProfile Operator) : ChangeOperatorOutcome;
}

/// <summary>Every way making a sign-in link can end.</summary>
public abstract record CreateSignInLinkOutcome
{
    private CreateSignInLinkOutcome()
    {
    }

    /// <summary>No operator has this address.</summary>
    public sealed record NoSuchOperator : CreateSignInLinkOutcome;

    /// <summary>It works once, until it expires.</summary>
    /// <param name="Path">Path and query, to put behind the console's address. A secret.</param>
    /// <param name="ExpiresAt">Until when it works.</param>
    public sealed record Created(string Path, DateTimeOffset ExpiresAt) : CreateSignInLinkOutcome
    {
        /// <summary>Without the token, which belongs in no log.</summary>
        public override string ToString() => $"A sign-in link until {ExpiresAt:O}";
    }
}

/// <summary>Every way giving an operator a password can end, in the order they are checked.</summary>
public abstract record SetPasswordOutcome
{
    private SetPasswordOutcome()
    {
    }

    /// <summary>No operator has this address.</summary>
    public sealed record NoSuchOperator : SetPasswordOutcome;

    /// <summary>The password may not be chosen.</summary>
    /// <param name="Problem">Why, to be put behind "The password".</param>
    public sealed record Invalid(string Problem) : SetPasswordOutcome;

    /// <summary>They sign in with it from now on.</summary>
    public sealed record Set : SetPasswordOutcome;
}

/// <summary>Every way removing somebody's second factor can end, in the order they are checked.</summary>
public abstract record ResetSecondFactorOutcome
{
    private ResetSecondFactorOutcome()
    {
    }

    /// <summary>Nobody has this address.</summary>
    public sealed record NoSuchPerson : ResetSecondFactorOutcome;

    /// <summary>They have none.</summary>
    public sealed record NoneSet : ResetSecondFactorOutcome;

    /// <summary>They sign in without it from now on.</summary>
    public sealed record Removed : ResetSecondFactorOutcome;
}
