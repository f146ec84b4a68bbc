using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.RefundPayments;

/// <summary>Decides refunds that wait, never by whom they were asked for, by whatever key; and begins failed ones anew.</summary>
internal sealed class DecideRefunds(
    NpgsqlDataSource database,
    AccountLock locks,
    PaymentStore payments,
    RefundStore refunds,
    ChangeRefunds changing,
    IActorOrigin origins,
    Jobs jobs)
{
    public Task<RefundOutcome> Decide(
        OrgId org, RefundId id, RefundStatus how, string reason, string actor, CancellationToken cancellationToken) =>
        With(
            org,
            id,
            actor,
            (account, refund, origin) => Decide(account, refund, how, reason, actor, origin, cancellationToken),
            cancellationToken);

    private async Task<RefundOutcome> Decide(
        LockedAccount account,
        RefundRow refund,
        RefundStatus how,
        string reason,
        string actor,
        string origin,
        CancellationToken cancellationToken)
    {
        if (refund.Status != RefundStatus.Requested)
        {
            var isRepeated = refund.DecidedBy == actor && (refund.Status == RefundStatus.Rejected) == (how == RefundStatus.Rejected);
            return isRepeated ? new RefundOutcome.Standing(Refund.Of(refund)) : new RefundOutcome.Refused(Refund.Of(refund));
        }

        if (actor == refund.RequestedBy || origin == refund.RequestedByOrigin)
        {
            return new RefundOutcome.SecondPersonNeeded();
        }

        if (how == RefundStatus.Approved)
        {
            return new RefundOutcome.Standing(
                Refund.Of(await changing.Approve(account, refund, reason, actor, cancellationToken)));
        }

        var rejected = refund with
        {
            Status = RefundStatus.Rejected,
            DecidedBy = actor,
            DecidedAt = account.Now,
            DecisionReason = reason,
            FinishedAt = account.Now,
        };
        await refunds.Update(account, refund, rejected, cancellationToken);
        await changing.Tell(account, rejected, actor, "refund.rejected", cancellationToken);
        return new RefundOutcome.Standing(Refund.Of(rejected));
    }

    public Task<RefundOutcome> Retry(OrgId org, RefundId id, string actor, CancellationToken cancellationToken) =>
        With(
            org,
            id,
            actor,
            async (account, refund, _) =>
            {
                if (refund is not { Status: RefundStatus.Failed, Kind: RefundKind.ProviderRefund, DecidedBy: not null })
                {
                    return new RefundOutcome.Refused(Refund.Of(refund));
                }

                // What was refunded meanwhile counts: it is looked at anew, without this one.
                var payment = await payments.Peek(org, refund.Payment, cancellationToken);
                var others = await refunds.OfPayment(account, refund.Payment, cancellationToken);
                var left = RequestRefunds.LeftOf(payment!, others);
                if (refund.AmountMinor > left)
                {
                    return new RefundOutcome.TooMuch(MinorUnits.ToMoney(left, Currency.Of(refund.Currency)));
                }

                await changing.Tell(account, refund, actor, "refund.retried", cancellationToken);
                await changing.Send(account, refund, cancellationToken);
                return new RefundOutcome.Standing(Refund.Of(refund));
            },
            cancellationToken);

    private async Task<RefundOutcome> With(
        OrgId org,
        RefundId id,
        string actor,
        Func<LockedAccount, RefundRow, string, Task<RefundOutcome>> act,
        CancellationToken cancellationToken)
    {
        if (await refunds.Peek(org, id, cancellationToken) is not { } seen)
        {
            return new RefundOutcome.NotFound();
        }

        var origin = await origins.Of(actor, cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await locks.Take(transaction, new BillingAccountKey(org, seen.BillingAccount), cancellationToken);
        var locked = await payments.ById(account, seen.Payment, cancellationToken);
        var refund = locked is null ? null : await refunds.ById(account, id, cancellationToken);
        if (refund is null)
        {
            return new RefundOutcome.NotFound();
        }

        var outcome = await act(account, refund, origin);
        if (outcome is RefundOutcome.Standing)
        {
            await transaction.CommitAsync(cancellationToken);
            jobs.Hint();
        }

        return outcome;
    }
}
