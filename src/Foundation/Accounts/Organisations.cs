using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// The tenants and who in them is billed: what other modules ask of them, and creating them. The finders are made for
/// hot paths: a look into memory, at most a second behind the database, for as many as a caller names.
/// </summary>
public sealed class Organisations
{
    private readonly OrganisationReader reader;
    private readonly CreateOrganisation creating;
    private readonly OpenBillingAccount opening;
    private readonly ListBillingAccounts listing;
    private readonly SearchOrganisations searching;

    internal Organisations(
        OrganisationReader reader,
        CreateOrganisation creating,
        OpenBillingAccount opening,
        ListBillingAccounts listing,
        SearchOrganisations searching) =>
        (this.reader, this.creating, this.opening, this.listing, this.searching) =
            (reader, creating, opening, listing, searching);

    /// <summary>An organisation; null where there is none.</summary>
    public ValueTask<OrganisationProfile?> Find(OrgId org, CancellationToken cancellationToken) =>
        reader.Find(org, cancellationToken);

    /// <summary>Those of some organisations that exist, with one query for all that memory lacks.</summary>
    public ValueTask<IReadOnlyDictionary<OrgId, OrganisationProfile>> FindMany(
        IReadOnlyCollection<OrgId> orgs, CancellationToken cancellationToken) =>
        reader.FindMany(orgs, cancellationToken);

    /// <summary>A billing account of an organisation; null where it has none of this id.</summary>
    public ValueTask<BillingAccountProfile?> FindBillingAccount(
        OrgId org, BillingAccountId account, CancellationToken cancellationToken) =>
        reader.FindAccount(new BillingAccountKey(org, account), cancellationToken);

    /// <summary>Those of some billing accounts that exist, with one query for all that memory lacks.</summary>
    public ValueTask<IReadOnlyDictionary<BillingAccountKey, BillingAccountProfile>> FindBillingAccounts(
        IReadOnlyCollection<BillingAccountKey> accounts, CancellationToken cancellationToken) =>
        reader.FindAccounts(accounts, cancellationToken);

    /// <summary>
    /// An organisation's billing accounts, the default one first, straight from the database; at most
    /// <see cref="Limits.BillingAccountsMax"/>.
    /// </summary>
    public Task<IReadOnlyList<BillingAccountProfile>> BillingAccountsOf(
        OrgId org, CancellationToken cancellationToken) =>
        listing.Handle(org, after: null, Limits.BillingAccountsMax, cancellationToken);

    /// <summary>
    /// The billing account that keys of a project are billed to: its open one, else the organisation's default one, as that of
    /// keys of none. Straight from the database; null where there is no such organisation.
    /// </summary>
    public async Task<BillingAccountProfile?> BilledFor(
        OrgId org, ProjectId? project, CancellationToken cancellationToken)
    {
        if (await reader.Find(org, cancellationToken) is not { } organisation)
        {
            return null;
        }

        var own = project is null ? null : (await BillingAccountsOf(org, cancellationToken))
            .FirstOrDefault(one => one is { IsDefault: false, Status: BillingAccountStatus.Active } && one.ProjectId == project);
        return own ?? organisation.DefaultBillingAccount;
    }

    /// <summary>Organisations to offer a person of the operator, the oldest first; never for hot paths.</summary>
    /// <param name="text">A part of the name or slug, or the whole id; empty offers all.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<IReadOnlyList<OrganisationProfile>> Search(string text, int limit, CancellationToken cancellationToken) =>
        searching.Handle(text, limit, cancellationToken);

    /// <summary>Creates an organisation with its default billing account.</summary>
    /// <param name="request">What to create.</param>
    /// <param name="actor">Who does it, for the audit log: the id of a person or key, or <c>system</c>.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<CreateOrganisationOutcome> Create(
        NewOrganisation request, string actor, CancellationToken cancellationToken) =>
        creating.Handle(request, actor, IdempotentRequest.None, cancellationToken);

    /// <summary>Opens a further billing account.</summary>
    /// <param name="org">The organisation it belongs to.</param>
    /// <param name="request">What to open.</param>
    /// <param name="actor">Who does it, for the audit log.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<OpenBillingAccountOutcome> OpenBillingAccount(
        OrgId org, NewBillingAccount request, string actor, CancellationToken cancellationToken) =>
        opening.Handle(org, request, actor, IdempotentRequest.None, cancellationToken);
}
