using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Internal;

namespace Quoin.Payments.RecoverRequests;

/// <summary>
/// Goes on with pending requests whose worker stopped: takes the lease (one transaction), learns what came of them (none),
/// ends them (one). A worker that was only slow finds itself fenced.
/// </summary>
internal sealed class Recovery(
    NpgsqlDataSource database,
    AccountLock accounts,
    RequestStore requests,
    IEnumerable<IRequestRecovery> kinds,
    IPaymentProviders providers,
    PaymentsOptions options,
    TimeProvider time,
    Guardrails guardrails,
    ILogger<Recovery> logger)
{
    /// <summary>Goes on with one request, or tells what it is if it is not for anybody to go on with.</summary>
    public async Task<PaymentRequestOutcome> Recover(
        OrgId org, PaymentRequestId id, CancellationToken cancellationToken)
    {
        var seen = await requests.Peek(org, id, cancellationToken)
            ?? throw new InvalidOperationException($"There is no {id}.");
        var (leased, leasedAt) = await Lease(seen, cancellationToken);
        if (leasedAt is not { } at)
        {
            return RequestAnswers.Of(leased);
        }

        var provider = providers.Of(leased.Place.Mode);
        var kind = kinds.FirstOrDefault(one => one.Takes(leased.Action))
            ?? throw new InvalidOperationException($"Nobody recovers {leased.Action}.");
        return await kind.Resolve(
            leased, provider?.Name == leased.Place.Provider ? provider : null, at, cancellationToken);
    }

    // What was listed may have been taken over since: the lease is looked at again under the lock.
    private async Task<(RequestRow Request, DateTimeOffset? At)> Lease(RequestRow seen, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await accounts.Take(
            transaction, new BillingAccountKey(seen.Org, seen.BillingAccount), cancellationToken);
        var locked = await requests.ById(account, seen.Id, cancellationToken)
            ?? throw new InvalidOperationException($"{seen.Id} went away while it was recovered.");
        if (locked.Status != RequestStatus.Pending || !locked.IsLeaseOver(account.Now))
        {
            return (locked, null);
        }

        var leased = await requests.Lease(account, locked, options.Lease, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return (leased, account.Now);
    }

    /// <summary>Goes on with every request whose lease is over, some side by side.</summary>
    /// <returns>How many were gone through; one turn goes through a bounded number.</returns>
    /// <exception cref="AggregateException">Some failed; the others were gone through all the same.</exception>
    public async Task<int> RecoverAll(CancellationToken cancellationToken)
    {
        var overdue = await requests.Overdue(time.GetUtcNow(), Limits.RecoveredAtOnceMax, cancellationToken);
        Measure(overdue);
        var failures = new ConcurrentQueue<Exception>();
        var sideBySide = new ParallelOptions
        {
            MaxDegreeOfParallelism = options.RecoveriesSideBySide,
            CancellationToken = cancellationToken,
        };
        await Parallel.ForEachAsync(overdue, sideBySide, async (request, token) =>
        {
            try
            {
                await Recover(request.Org, request.Id, token);
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                // One that cannot be recovered must not keep the others from it; the job tells of all at its end.
                Log.RecoveryFailed(logger, request.Id, failure);
                failures.Enqueue(failure);
            }
        });
        return failures.IsEmpty ? overdue.Count : throw new AggregateException(failures);
    }

    private void Measure(IReadOnlyList<RequestRow> overdue)
    {
        var now = time.GetUtcNow();
        foreach (var request in overdue)
        {
            // A lease that ended a whole lease ago was made two of them ago.
            if (request.LeaseExpiresAt <= now - options.Lease)
            {
                guardrails.Met(Guardrails.PendingOlderThanTwoLeases, Guardrails.Count, 1);
            }

            if (request.ReplayDeadlineAt <= now)
            {
                guardrails.Met(
                    Guardrails.ReplayDeadlineExceeded, Guardrails.AgeSeconds, (now - request.ReplayDeadlineAt).TotalSeconds);
            }
            else if (request.ReplayDeadlineAt <= now + options.DeadlineNear)
            {
                guardrails.Met(Guardrails.ReplayDeadlineNearing, Guardrails.Count, 1);
            }
        }
    }
}
