using System.Diagnostics;
using Npgsql;
using Quoin.Accounts;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.RecoverRequests;

/// <summary>Decides under the account's locks what will be sent for a claimed request, and freezes it.</summary>
internal delegate Task<PrepareOutcome> PrepareRequest(
    LockedAccount account,
    RequestRow request,
    IReadOnlyList<SubscriptionRow> subscriptions,
    CancellationToken cancellationToken);

/// <summary>
/// Takes a request in: claimed, decided and frozen in one transaction, and called after it. One known already is answered
/// as it stands, or gone on with where its worker stopped.
/// </summary>
internal sealed class TakeRequests(
    NpgsqlDataSource database,
    AccountLock accounts,
    ClaimRequests claims,
    PaymentStores stores,
    Recovery recovery,
    IAudit audit)
{
    /// <summary>Takes one in.</summary>
    /// <param name="key">Whose it is.</param>
    /// <param name="wanted">What is asked for.</param>
    /// <param name="audited">What the audit log calls it.</param>
    /// <param name="prepare">Decides about it, once.</param>
    /// <param name="call">Calls the provider. From there on it is finished, whether or not anybody still waits.</param>
    /// <param name="cancellationToken">Ends the waiting for what comes before the call.</param>
    public async Task<PaymentRequestOutcome> Handle(
        BillingAccountKey key,
        NewRequest wanted,
        string audited,
        PrepareRequest prepare,
        Func<RequestRow, Task<PaymentRequestOutcome>> call,
        CancellationToken cancellationToken)
    {
        var (claim, prepared) = await Claim(key, wanted, audited, prepare, cancellationToken);
        return (claim, prepared) switch
        {
            (_, PrepareOutcome.Ready(var request)) => await call(request),
            (_, PrepareOutcome.Refused(var failure)) => RequestAnswers.Of(failure),
            (ClaimOutcome.Recoverable(var request), _) => await recovery.Recover(request.Org, request.Id, CancellationToken.None),
            _ => RequestAnswers.Of(claim) ?? throw new UnreachableException(),
        };
    }

    private async Task<(ClaimOutcome Claim, PrepareOutcome? Prepared)> Claim(
        BillingAccountKey key,
        NewRequest wanted,
        string audited,
        PrepareRequest prepare,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await accounts.Take(transaction, key, cancellationToken);
        var subscriptions = await stores.Subscriptions.OfAccount(account, cancellationToken);
        var claim = await claims.ClaimOrReplay(account, wanted, cancellationToken);
        PrepareOutcome? prepared = null;
        if (claim is ClaimOutcome.Claimed(var request))
        {
            prepared = await prepare(account, request, subscriptions, cancellationToken);
            if (prepared is PrepareOutcome.Refused(var failure))
            {
                // Kept, so that the same key is refused the same way however often it is sent.
                await stores.Requests.End(account, request, isExpired: false, failure, null, cancellationToken);
            }
            else
            {
                var entry = new AuditEntry(
                    key.Org, wanted.Actor, audited, request.Id.ToString(), After: wanted.Normalized);
                await audit.Record(transaction, entry, cancellationToken);
            }
        }

        await transaction.CommitAsync(cancellationToken);
        return (claim, prepared);
    }
}
