using Quoin.Kernel;

namespace Quoin.Platform;

/// <summary>Which side of the counter a caller stands on.</summary>
public enum Realm
{
    /// <summary>A customer: acts inside its own organisation only.</summary>
    Organisation,

    /// <summary>Runs Quoin: may name any organisation.</summary>
    Operator,
}

/// <summary>An organisation that a person belongs to, and what they may do there.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Permissions">What the person's role in it allows.</param>
public sealed record OrganisationChoice(OrgId Org, IReadOnlySet<Permission> Permissions);

/// <summary>Who is asking, as far as any module needs to know; made by Accounts, carried by the request.</summary>
/// <param name="Realm">Customer or operator.</param>
/// <param name="Actor">The id of the person or key, with its prefix: <c>usr_…</c>, <c>key_…</c>.</param>
/// <param name="Org">
/// The organisation acted in: a key's own, the one a person or an operator named (<c>Quoin-Org</c>), or the only one a
/// person belongs to; null where none of these is.
/// </param>
/// <param name="Permissions">What the caller may do.</param>
public sealed record Caller(Realm Realm, string Actor, OrgId? Org, IReadOnlySet<Permission> Permissions)
{
    /// <summary>The operator (<c>usr_…</c>) who acts in this person's stead; null where nobody does.</summary>
    public string? Impersonator { get; init; }

    /// <summary>When that operator is themselves again, at the latest; null where nobody acts in another's stead.</summary>
    public DateTimeOffset? ImpersonatedUntil { get; init; }

    /// <summary>
    /// The only billing account the caller may have anything billed to: a key's that belongs to a project. Null where the
    /// caller may name any of the organisation's.
    /// </summary>
    public BillingAccountId? BillingAccount { get; init; }

    /// <summary>The organisations a person belongs to, the longest first; none for keys and operators.</summary>
    public IReadOnlyList<OrganisationChoice> Choices { get; init; } = [];

    /// <summary>The organisation acted in. The gate lets no request through to an endpoint that needs one without it.</summary>
    public OrgId RequiredOrg => Org ?? throw new InvalidOperationException("This endpoint was not declared to need an organisation.");

    /// <summary>Whether the caller holds a permission.</summary>
    public bool May(Permission permission) => Permissions.Contains(permission);
}

/// <summary>Every way identifying a caller can end.</summary>
public abstract record CallerOutcome
{
    private CallerOutcome()
    {
    }

    /// <summary>The credentials are good.</summary>
    public sealed record Known(Caller Caller) : CallerOutcome;

    /// <summary>No credentials were sent.</summary>
    public sealed record Anonymous : CallerOutcome;

    /// <summary>Credentials were sent and are refused; the problem says why and what to do.</summary>
    public sealed record Refused(ProblemCode Code, string Detail) : CallerOutcome;
}

/// <summary>Tells who sends a request; implemented by Accounts, wired by Server.</summary>
public interface ICallerSource
{
    /// <summary>Reads the request's credentials (bearer key or console cookie) and the organisation it names.</summary>
    ValueTask<CallerOutcome> Identify(Microsoft.AspNetCore.Http.HttpContext context, CancellationToken cancellationToken);
}
