using System.Text.Json;
using Npgsql;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Payments.RecoverRequests;
using Quoin.Payments.ReleaseCheckout;
using Quoin.Platform;

namespace Quoin.Payments.RecoverSessions;

/// <summary>
/// What operators do about sessions that do not end by themselves. Each is what the host does itself in its time; here
/// somebody hurries it, says why, and the audit log says who.
/// </summary>
internal sealed class SessionOperations(
    NpgsqlDataSource database,
    SessionReader reader,
    Recovery recovery,
    RunOperations runs,
    ReleaseCheckouts releasing,
    IPaymentProviders providers,
    IAudit audit,
    Jobs jobs,
    TimeProvider time)
{
    /// <summary>Goes on with a request whose worker stopped.</summary>
    public async Task<SessionOutcome> Recover(
        OrgId org, PaymentRequestId id, string reason, string actor, CancellationToken cancellationToken)
    {
        if (await reader.Find(org, id.ToString(), cancellationToken) is not { } before)
        {
            return new SessionOutcome.NotFound();
        }

        if (before.RequestStatus != RequestStatus.Pending)
        {
            return new SessionOutcome.NotThere(before);
        }

        if (providers.Of(before.Mode)?.Name != before.Provider)
        {
            return new SessionOutcome.NotConfigured();
        }

        if (before.LeaseExpiresAt > time.GetUtcNow())
        {
            return new SessionOutcome.AtWork();
        }

        await recovery.Recover(org, id, cancellationToken);
        return await Record(before, "payment_request.recovered", id.ToString(), reason, actor, cancellationToken);
    }

    /// <summary>Asks the provider about a checkout.</summary>
    public async Task<SessionOutcome> Requery(
        OrgId org, CheckoutId id, string reason, string actor, CancellationToken cancellationToken) =>
        await runs.Requery(org, id, reason, actor, cancellationToken) switch
        {
            RequeryOutcome.Asked => new SessionOutcome.Done((await reader.Find(org, id.ToString(), cancellationToken))!),
            RequeryOutcome.NotConfigured => new SessionOutcome.NotConfigured(),
            RequeryOutcome.Running => new SessionOutcome.AtWork(),
            _ => new SessionOutcome.NotFound(),
        };

    /// <summary>Ends a checkout that blocks.</summary>
    public async Task<SessionOutcome> Release(
        OrgId org, CheckoutId id, string reason, string actor, CancellationToken cancellationToken)
    {
        var outcome = await releasing.Handle(org, id, reason, actor, cancellationToken);
        return outcome is ReleaseOutcome.NotFound
            || await reader.Find(org, id.ToString(), cancellationToken) is not { } after
                ? new SessionOutcome.NotFound()
                : outcome is ReleaseOutcome.Released ? new SessionOutcome.Done(after) : new SessionOutcome.NotThere(after);
    }

    /// <summary>Has an open page closed at the provider.</summary>
    public async Task<SessionOutcome> Expire(
        OrgId org, CheckoutId id, string reason, string actor, CancellationToken cancellationToken)
    {
        if (await reader.Find(org, id.ToString(), cancellationToken) is not { } before)
        {
            return new SessionOutcome.NotFound();
        }

        if (before is not { CheckoutStatus: CheckoutStatus.Open, ProviderCheckoutId: { } page })
        {
            return new SessionOutcome.NotThere(before);
        }

        if (providers.Of(before.Mode)?.Name != before.Provider)
        {
            return new SessionOutcome.NotConfigured();
        }

        var job = new ExpireCheckoutJob(org, before.BillingAccountId, before.Provider, before.Mode, page);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await jobs.Enqueue(
            transaction,
            job,
            new JobTerms { UniqueKey = job.UniqueKey, Org = org, CorrelationId = before.OperationKey },
            cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(org, actor, "checkout.closing_asked", id.ToString(), reason, Before: State(before)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        jobs.Hint();
        return new SessionOutcome.Done(before);
    }

    private async Task<SessionOutcome> Record(
        PaymentSession before, string action, string subject, string reason, string actor, CancellationToken cancellationToken)
    {
        var after = (await reader.Find(before.OrganisationId, subject, cancellationToken))!;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                before.OrganisationId, actor, action, subject, reason, Before: State(before), After: State(after)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new SessionOutcome.Done(after);
    }

    private static string State(PaymentSession session) => JsonSerializer.Serialize(
        new { request = session.RequestStatus, checkout = session.CheckoutStatus }, JsonConventions.Options);
}
