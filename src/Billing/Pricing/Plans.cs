using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Pricing.Internal;

namespace Quoin.Pricing;

/// <summary>
/// News: what an account has was changed, now or ahead. Told in the transaction of the change; what it has is read with
/// <see cref="Plans.Of(BillingAccountKey, CancellationToken)"/>.
/// </summary>
/// <param name="BillingAccount">Whose.</param>
/// <param name="Assignment">The assignment that was made, or whose end was moved.</param>
public sealed record AssignmentChanged(BillingAccountId BillingAccount, AssignmentId Assignment) : IOutboxEvent
{
    /// <inheritdoc />
    public static string Topic => "pricing.assignment_changed";
}

/// <summary>An account to which something was assigned.</summary>
/// <param name="BillingAccount">Which.</param>
/// <param name="ChangeCount">How often what it has was changed.</param>
public sealed record AssignedAccount(BillingAccountId BillingAccount, long ChangeCount);

/// <summary>
/// The door to plans: what there is, who has it, and what follows from it. Reads are made for hot paths: at most
/// <see cref="Limits.PlansBelievedFor"/> behind the database, with one query for all that memory lacks.
/// </summary>
public sealed class Plans
{
    private readonly PlanReader reader;
    private readonly AssignPlans assigning;

    /// <summary>Opens the plans of a database.</summary>
    public Plans(
        NpgsqlDataSource database,
        TimeProvider time,
        OrganisationClock clock,
        Organisations organisations,
        IdSource ids,
        IAudit audit,
        Outbox outbox,
        Jobs jobs)
    {
        reader = new PlanReader(database, time);
        Keeping = new KeepPlans(database, time, ids, audit, reader);
        assigning = new AssignPlans(database, clock, organisations, ids, audit, outbox, jobs, reader);
    }

    /// <summary>All plans.</summary>
    public ValueTask<PlanCatalogue> Catalogue(CancellationToken cancellationToken) => reader.Catalogue(cancellationToken);

    /// <summary>What an account has and had.</summary>
    public ValueTask<AccountPlans> Of(BillingAccountKey account, CancellationToken cancellationToken) =>
        reader.Of(account, cancellationToken);

    /// <summary>What some accounts have and had; one to which nothing was assigned is there too, with nothing.</summary>
    public ValueTask<IReadOnlyDictionary<BillingAccountKey, AccountPlans>> Of(
        IReadOnlyCollection<BillingAccountKey> accounts, CancellationToken cancellationToken) =>
        reader.Of(accounts, cancellationToken);

    /// <summary>
    /// The accounts of an organisation to which anything was ever assigned, with how often that was changed: whoever acts
    /// on assignments remembers the number and knows by it that there is something new.
    /// </summary>
    public Task<IReadOnlyList<AssignedAccount>> AssignedAccounts(OrgId org, CancellationToken cancellationToken) =>
        reader.AssignedAccounts(org, cancellationToken);

    /// <summary>What an account has and had as a transaction sees it, not as it is remembered.</summary>
    public Task<AccountPlans> Of(
        NpgsqlTransaction transaction, BillingAccountKey account, CancellationToken cancellationToken) =>
        PlanReader.Of(transaction, account, cancellationToken);

    /// <summary>
    /// What an account may do at an instant. One that is <see cref="Entitlement.Invalid"/> lets nobody do anything.
    /// </summary>
    public async ValueTask<IReadOnlyList<Entitlement>> EntitlementsOf(
        OrgId org, BillingAccountId account, DateTimeOffset at, CancellationToken cancellationToken) =>
        (await Of(new BillingAccountKey(org, account), cancellationToken)).EntitlementsAt(at);

    /// <summary>Assigns a plan or a contract; refused where one of its kind is there already.</summary>
    /// <param name="request">What, to whom and when.</param>
    /// <param name="actor">Who does it, for the audit log.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public Task<AssignOutcome> Assign(NewAssignment request, string actor, CancellationToken cancellationToken) =>
        assigning.Assign(request, actor, IdempotentRequest.None, cancellationToken);

    /// <summary>Puts another plan in the place of one in force.</summary>
    public Task<AssignOutcome> Change(PlanChange request, string actor, CancellationToken cancellationToken) =>
        assigning.Change(request, actor, IdempotentRequest.None, cancellationToken);

    /// <summary>Ends an assignment, or withdraws one that has not begun.</summary>
    public Task<AssignOutcome> Cancel(AssignmentEnd request, string actor, CancellationToken cancellationToken) =>
        assigning.Cancel(request, actor, IdempotentRequest.None, cancellationToken);

    /// <summary>Takes back an end that was set and has not come.</summary>
    public Task<AssignOutcome> Resume(OrgId org, AssignmentId assignment, string actor, CancellationToken cancellationToken) =>
        assigning.Resume(org, assignment, actor, IdempotentRequest.None, cancellationToken);

    internal AssignPlans Assigning => assigning;

    internal KeepPlans Keeping { get; }
}
