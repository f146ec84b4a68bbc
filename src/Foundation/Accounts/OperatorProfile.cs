using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>A person of the operator.</summary>
/// <param name="Id">Their id, also the actor's name in audit logs.</param>
/// <param name="Email">Their address as first written.</param>
/// <param name="Roles">What they may do; see <see cref="OperatorRole"/>.</param>
/// <param name="CreatedAt">When they became an operator.</param>
public sealed record OperatorProfile(UserId Id, string Email, IReadOnlyList<string> Roles, DateTimeOffset CreatedAt);

/// <summary>Every way making somebody an operator can end, in the order they are checked.</summary>
public abstract record CreateOperatorOutcome
{
    private CreateOperatorOutcome()
    {
    }

    /// <summary>Members of the request are wrong.</summary>
    public sealed record Invalid(InvalidInput Input) : CreateOperatorOutcome;

    /// <summary>They already are one; nothing changed.</summary>
    public sealed record AlreadyOperator(OperatorProfile Operator) : CreateOperatorOutcome;

    /// <summary>They are one now.</summary>
    public sealed record Created(OperatorProfile Operator) : CreateOperatorOutcome;
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
