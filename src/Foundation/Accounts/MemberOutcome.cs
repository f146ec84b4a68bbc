namespace Quoin.Accounts;

/// <summary>Every way changing who belongs to an organisation can end, in the order they are checked.</summary>
public abstract record MemberOutcome
{
    private MemberOutcome()
    {
    }

    /// <summary>Members of the request are wrong.</summary>
    public sealed record Invalid(InvalidInput Input) : MemberOutcome;

    /// <summary>The person does not belong to the organisation.</summary>
    public sealed record NoSuchMember : MemberOutcome;

    /// <summary>Who asks lacks permissions of a role they would give, or take.</summary>
    public sealed record RoleOutOfReach(string Role) : MemberOutcome;

    /// <summary>The organisation would be left without an owner.</summary>
    public sealed record LastOwner : MemberOutcome;

    /// <summary>Nobody offered them the organisation, or not any more.</summary>
    public sealed record NoOffer : MemberOutcome;

    /// <summary>It is done.</summary>
    /// <param name="Member">The person, as they are now, or were before they left.</param>
    public sealed record Done(MemberProfile Member) : MemberOutcome;
}
