using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>How people with an address of a verified domain come to belong.</summary>
public enum Joining
{
    /// <summary>By invitation alone; the organisation is not suggested to them.</summary>
    Invited,

    /// <summary>They may ask; an admin lets them in.</summary>
    Ask,

    /// <summary>They join as viewers when they like.</summary>
    Viewer,
}

/// <summary>A mail domain an organisation says is its own.</summary>
/// <param name="Domain">In lower case.</param>
/// <param name="RecordName">The name the TXT record goes under.</param>
/// <param name="RecordValue">What the record says.</param>
/// <param name="Joining">How people with an address of it come to belong.</param>
/// <param name="CreatedAt">When it was added.</param>
/// <param name="CheckedAt">When the DNS was asked last; null when never.</param>
/// <param name="VerifiedAt">When the record was found; null while it was not.</param>
public sealed record DomainProfile(
    string Domain,
    string RecordName,
    string RecordValue,
    Joining Joining,
    DateTimeOffset CreatedAt,
    DateTimeOffset? CheckedAt,
    DateTimeOffset? VerifiedAt);

/// <summary>A mail domain to be added.</summary>
/// <param name="Domain">Such as <c>example.com</c>; none of the public mail services.</param>
/// <param name="Joining">How people with an address of it come to belong, once it is verified.</param>
public sealed record NewDomain(string Domain, Joining Joining = Joining.Invited);

/// <summary>An organisation a person may join, for their proved address is of a domain it verified.</summary>
/// <param name="OrganisationId">The organisation.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Domain">The domain.</param>
/// <param name="Joining">Whether they may join or ask.</param>
/// <param name="IsAsked">Whether they have asked and wait.</param>
public sealed record JoinSuggestion(OrgId OrganisationId, string Name, string Domain, Joining Joining, bool IsAsked);

/// <summary>Every way adding, checking or removing a domain can end, in the order they are checked.</summary>
public abstract record DomainOutcome
{
    private DomainOutcome()
    {
    }

    /// <summary>Members of the request are wrong.</summary>
    public sealed record Invalid(InvalidInput Input) : DomainOutcome;

    /// <summary>The organisation has not added it.</summary>
    public sealed record NotFound : DomainOutcome;

    /// <summary>The organisation has as many as it may have.</summary>
    public sealed record TooMany : DomainOutcome;

    /// <summary>The DNS was asked a moment ago.</summary>
    public sealed record TooSoon(TimeSpan Wait) : DomainOutcome;

    /// <summary>The record was not found.</summary>
    public sealed record NotProved(DomainProfile Domain) : DomainOutcome;

    /// <summary>It is so.</summary>
    public sealed record Done(DomainProfile Domain) : DomainOutcome;
}

/// <summary>Every way joining an organisation by one's address can end, in the order they are checked.</summary>
public abstract record JoinOutcome
{
    private JoinOutcome()
    {
    }

    /// <summary>They ask again and again.</summary>
    public sealed record TooSoon(TimeSpan Wait) : JoinOutcome;

    /// <summary>It is not suggested to them, or is no more.</summary>
    public sealed record NotSuggested : JoinOutcome;

    /// <summary>The organisation has as many people as it may have.</summary>
    public sealed record TooMany : JoinOutcome;

    /// <summary>They have asked, now or since before; somebody there lets them in, or not.</summary>
    public sealed record Asked : JoinOutcome;

    /// <summary>They belong.</summary>
    public sealed record Joined(string Role) : JoinOutcome;
}

/// <summary>Every way deciding about somebody who asked to join can end, in the order they are checked.</summary>
public abstract record JoinDecisionOutcome
{
    private JoinDecisionOutcome()
    {
    }

    /// <summary>Members of the request are wrong.</summary>
    public sealed record Invalid(InvalidInput Input) : JoinDecisionOutcome;

    /// <summary>Who decides lacks permissions of the role they would give.</summary>
    public sealed record RoleOutOfReach(string Role) : JoinDecisionOutcome;

    /// <summary>They do not wait (any more).</summary>
    public sealed record NotWaiting : JoinDecisionOutcome;

    /// <summary>The organisation has as many people as it may have.</summary>
    public sealed record TooMany : JoinDecisionOutcome;

    /// <summary>They belong, or were turned away.</summary>
    public sealed record Done : JoinDecisionOutcome;
}
