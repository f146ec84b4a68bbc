using Microsoft.AspNetCore.Http;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// Tells who sends a request.
/// <list type="number">
/// <item>A bearer key wins over a cookie: it was sent on purpose.</item>
/// <item>A key of an organisation acts in that one; naming another is answered as if it did not exist.</item>
/// <item>The operator may name any organisation that exists, a person those they belong to. A person's page names one
/// in its address, too; where none is named and there is only one, that is the one.</item>
/// <item>A cookie is believed only on requests that come from our own pages.</item>
/// </list>
/// </summary>
internal sealed class CallerSource(
    SecretHasher hasher,
    KeyLookup keys,
    KeyUses uses,
    SessionCookie cookie,
    SessionLookup sessions,
    SessionUses sessionUses,
    MembershipLookup memberships,
    OrganisationReader organisations,
    AccountsMetrics metrics,
    TimeProvider time) : ICallerSource
{
    private const string OrgHeader = "Quoin-Org";
    private const string OrgQuery = "org";
    private const string Scheme = "Bearer ";

    public ValueTask<CallerOutcome> Identify(HttpContext context, CancellationToken cancellationToken)
    {
        var authorization = context.Request.Headers.Authorization;
        return authorization.Count switch
        {
            0 when KeyInOwnHeader(context) is { } secret => BySecret(secret, context.Request, cancellationToken),
            0 => BySession(context, cancellationToken),
            1 => ByKey(context.Request, authorization[0] ?? "", cancellationToken),
            _ => Refused(AccountsProblems.AmbiguousCredentials, "The request has more than one Authorization header."),
        };
    }

    private ValueTask<CallerOutcome> ByKey(
        HttpRequest request, string authorization, CancellationToken cancellationToken)
    {
        if (!authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return Refused(AccountsProblems.InvalidKey, "The Authorization header must read 'Bearer qn_…'.");
        }

        return BySecret(authorization.AsSpan(Scheme.Length).Trim(), request, cancellationToken);
    }

    private static string? KeyInOwnHeader(HttpContext context) =>
        context.Request.Headers[ApiKeyHeader.Name] is [{ Length: > 0 } secret]
        && context.GetEndpoint()?.Metadata.GetMetadata<ApiKeyHeader>() is not null
            ? secret
            : null;

    private ValueTask<CallerOutcome> BySecret(
        ReadOnlySpan<char> secret, HttpRequest request, CancellationToken cancellationToken)
    {
        // Only what has a key's form and an intact checksum is worth a look, and only that takes room in memory.
        if (!SecretText.IsKey(secret))
        {
            return Refused(
                AccountsProblems.InvalidKey, "This is not a Quoin key: it is cut off, misspelt or of another service.");
        }

        var hash = hasher.Hash(secret);
        var finding = keys.Find(hash, cancellationToken);
        return finding.IsCompletedSuccessfully
            ? Judge(finding.Result, hash, request, cancellationToken)
            : JudgeLater(finding, hash, request, cancellationToken);
    }

    private async ValueTask<CallerOutcome> JudgeLater(
        ValueTask<KnownKey?> finding, SecretHash hash, HttpRequest request, CancellationToken cancellationToken) =>
        await Judge(await finding, hash, request, cancellationToken);

    private ValueTask<CallerOutcome> Judge(
        KnownKey? key, SecretHash hash, HttpRequest request, CancellationToken cancellationToken)
    {
        if (key is null || !hash.EqualsInConstantTime(key.Hash))
        {
            return Refused(AccountsProblems.InvalidKey, "This key was never given out here.");
        }

        if (key.Profile.RevokedAt is not null)
        {
            return Refused(AccountsProblems.RevokedKey, $"The key {key.Profile.Id} was revoked.");
        }

        if (key.Profile.EndsAt is { } end && end <= time.GetUtcNow())
        {
            var why = end == key.Profile.RetiresAt ? $"was replaced by {key.Profile.ReplacedByKeyId} and ended" : "expired";
            return Refused(AccountsProblems.ExpiredKey, $"The key {key.Profile.Id} {why} at {Rfc3339.Format(end)}.");
        }

        if (key.IsMachineDisabled)
        {
            return Refused(
                AccountsProblems.ServiceAccountDisabled, $"{key.Profile.ServiceAccountId} is disabled, and so are its keys.");
        }

        if (key.IsOwnerGone)
        {
            return Refused(
                AccountsProblems.KeyOwnerGone, $"{key.Profile.UserId} does not belong to the organisation any more.");
        }

        if (key.IsOrganisationEnding)
        {
            return Refused(
                AccountsProblems.OrganisationDeleting, $"{key.Owner} is being deleted; its keys work again if it is restored.");
        }

        if (key.ClaimUse())
        {
            uses.Note(key);
        }

        return InNamedOrganisation(key.Accepted, request, cancellationToken);
    }

    private ValueTask<CallerOutcome> InNamedOrganisation(
        CallerOutcome.Known known, HttpRequest request, CancellationToken cancellationToken)
    {
        var named = request.Headers[OrgHeader];
        if (named.Count == 0)
        {
            return new ValueTask<CallerOutcome>(known);
        }

        if (!Id.TryParse<OrgId>(named.ToString(), out var org))
        {
            return Refused(AccountsProblems.OrganisationNotFound, $"The header {OrgHeader} must hold one org_… id.");
        }

        if (known.Caller.Realm == Realm.Operator)
        {
            return InAnyOrganisation(known.Caller, org, cancellationToken);
        }

        return known.Caller.Org == org
            ? new ValueTask<CallerOutcome>(known)
            : new ValueTask<CallerOutcome>(NoSuchOrganisation(org));
    }

    private async ValueTask<CallerOutcome> InAnyOrganisation(
        Caller caller, OrgId org, CancellationToken cancellationToken) =>
        await organisations.Find(org, cancellationToken) is null
            ? NoSuchOrganisation(org)
            : new CallerOutcome.Known(caller with { Org = org });

    private async ValueTask<CallerOutcome> BySession(HttpContext context, CancellationToken cancellationToken)
    {
        if (!SessionCookie.IsSent(context.Request))
        {
            return new CallerOutcome.Anonymous();
        }

        if (cookie.Read(context.Request) is not { } id
            || await sessions.Find(id, cancellationToken) is not { } session
            || !session.IsGoodAt(time.GetUtcNow()))
        {
            return Refusal(AccountsProblems.SessionEnded, "The session has ended or was revoked.");
        }

        if (!SameOrigin.Allows(context))
        {
            return Refusal(
                PlatformProblems.CrossSiteRequest, "The request's session was not sent by one of Quoin's own pages.");
        }

        if (session.ClaimUse())
        {
            sessionUses.Note(id);
        }

        if (await InStead(session, cancellationToken) is { } stead)
        {
            return AsImpersonated(stead, context.Request);
        }

        return session.AsOperator is { } known
            ? await InNamedOrganisation(known, context.Request, cancellationToken)
            : AsMember(await memberships.Find(session.User, cancellationToken), context.Request);
    }

    // It is over by itself when its time is, when the operator may not any more, and when the person has left.
    private async ValueTask<CallerOutcome.Known?> InStead(KnownSession session, CancellationToken cancellationToken)
    {
        if (session is not { Impersonation: { } impersonation, AsOperator: { } known }
            || impersonation.ExpiresAt <= time.GetUtcNow()
            || !known.Caller.May(Permission.UsersImpersonate))
        {
            return null;
        }

        var ofPerson = await memberships.Find(impersonation.UserId, cancellationToken);
        return ofPerson.In(impersonation.OrganisationId) is { } own
            ? new CallerOutcome.Known(Impersonations.Limited(
                own.Caller, known.Caller.Actor, impersonation.ExpiresAt))
            : null;
    }

    private CallerOutcome AsImpersonated(CallerOutcome.Known stead, HttpRequest request)
    {
        var header = request.Headers[OrgHeader];
        var named = header.Count > 0 ? header : request.Query[OrgQuery];
        return named.Count == 0 || (Id.TryParse<OrgId>(named.ToString(), out var org) && org == stead.Caller.Org)
            ? stead
            : Refusal(AccountsProblems.OrganisationNotFound, "In a person's stead you act in one organisation only.");
    }

    private CallerOutcome AsMember(Memberships ofPerson, HttpRequest request)
    {
        var header = request.Headers[OrgHeader];
        var named = header.Count > 0 ? header : request.Query[OrgQuery];
        if (named.Count == 0)
        {
            return ofPerson.Unnamed;
        }

        return !Id.TryParse<OrgId>(named.ToString(), out var org)
            ? Refusal(AccountsProblems.OrganisationNotFound, "An organisation is named by one org_… id.")
            : (CallerOutcome?)ofPerson.In(org) ?? NoSuchOrganisation(org);
    }

    private CallerOutcome.Refused NoSuchOrganisation(OrgId org) =>
        Refusal(AccountsProblems.OrganisationNotFound, $"There is no organisation {org}.");

    private ValueTask<CallerOutcome> Refused(ProblemCode code, string detail) => new(Refusal(code, detail));

    private CallerOutcome.Refused Refusal(ProblemCode code, string detail)
    {
        metrics.Refused(code.Code);
        return new CallerOutcome.Refused(code, detail);
    }
}
