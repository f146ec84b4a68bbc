using System.Text.Json;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.RefundPayments;

/// <summary>Moves refunds along, under the account's lock: what each step writes beside the status.</summary>
internal sealed class ChangeRefunds(
    RefundStore refunds, BookRefunds booking, Outbox outbox, Jobs jobs, IAudit audit)
{
    /// <summary>Says how a refund stands to whoever listens, and to the audit log where somebody did it.</summary>
    public async Task Tell(
        LockedAccount account, RefundRow refund, string? actor, string action, CancellationToken cancellationToken)
    {
        if (actor is not null)
        {
            var after = JsonSerializer.Serialize(Refund.Of(refund), JsonConventions.Options);
            var entry = new AuditEntry(
                account.Org, actor, action, refund.Id.ToString(), refund.DecisionReason ?? refund.Reason, After: after);
            await audit.Record(account.Transaction, entry, cancellationToken);
        }

        await outbox.Publish(
            account.Transaction,
            account.Org,
            account.BillingAccount.ToString(),
            new RefundChanged(
                account.BillingAccount,
                refund.Id,
                refund.Payment,
                refund.Status,
                refund.AmountMinor,
                Currency.Of(refund.Currency),
                account.Now),
            null,
            cancellationToken);
    }

    /// <summary>Approves one that was asked for; credit is given at once, money is sent by a job.</summary>
    public async Task<RefundRow> Approve(
        LockedAccount account, RefundRow refund, string reason, string actor, CancellationToken cancellationToken)
    {
        await GiveCredit(account, refund, cancellationToken);
        var approved = await refunds.Update(
            account,
            refund,
            refund with
            {
                Status = RefundStatus.Approved,
                DecidedBy = actor,
                DecidedAt = account.Now,
                DecisionReason = reason,
            },
            cancellationToken);
        await Tell(account, approved, actor, "refund.approved", cancellationToken);
        if (refund.Kind == RefundKind.ProviderRefund)
        {
            await Send(account, approved, cancellationToken);
            return approved;
        }

        var given = approved with { Status = RefundStatus.Succeeded, FinishedAt = account.Now };
        await Tell(account, given, null, "refund.succeeded", cancellationToken);
        return await refunds.Update(account, approved, given, cancellationToken);
    }

    /// <summary>
    /// Gives the credit of one that is decided, before anything of it is audited: whoever writes in the books of an
    /// organisation has them locked before its audit log, and two that did otherwise would wait for each other.
    /// </summary>
    public async Task GiveCredit(LockedAccount account, RefundRow refund, CancellationToken cancellationToken)
    {
        if (refund.Kind == RefundKind.InternalCredit)
        {
            await booking.GiveCredit(account, refund, cancellationToken);
        }
    }

    /// <summary>Has it sent, in the transaction that decides so.</summary>
    public Task<long> Send(LockedAccount account, RefundRow refund, CancellationToken cancellationToken)
    {
        var job = new SendRefundJob(account.Org, account.BillingAccount, refund.Id);
        return jobs.Enqueue(account.Transaction, job, job.Terms, cancellationToken);
    }

    /// <summary>
    /// Writes what the provider says of one that is on its way. What it said before stays, but a success it takes back.
    /// </summary>
    /// <returns>Whether anything changed.</returns>
    public async Task<bool> Apply(
        LockedAccount account, RefundRow refund, ProviderRefund said, CancellationToken cancellationToken)
    {
        var to = said.Status switch
        {
            ProviderRefundStatus.Succeeded => RefundStatus.Succeeded,
            ProviderRefundStatus.Failed => RefundStatus.Failed,
            _ => refund.Status,
        };
        if (refund.Status == RefundStatus.Failed || (to != refund.Status && !refund.Status.MayBecome(to)))
        {
            to = refund.Status;
        }

        if (to == refund.Status && refund.ProviderRefund is not null)
        {
            return false;
        }

        return await Become(
            account,
            refund with { ProviderRefund = refund.ProviderRefund ?? said.Id },
            refund,
            await booking.PurchaseOf(account, refund, cancellationToken),
            to,
            said.FailureReason,
            cancellationToken);
    }

    /// <summary>Ends one that will not be given back.</summary>
    public async Task<bool> Fail(LockedAccount account, RefundRow refund, string why, CancellationToken cancellationToken) =>
        await Fail(
            account, refund, await booking.PurchaseOf(account, refund, cancellationToken), why, cancellationToken);

    /// <summary>Ends one that will not be given back, where the purchase is locked and the books were asked already.</summary>
    public Task<bool> Fail(
        LockedAccount account, RefundRow refund, PurchaseRow? purchase, string why, CancellationToken cancellationToken) =>
        Become(account, refund, refund, purchase, RefundStatus.Failed, why, cancellationToken);

    private async Task<bool> Become(
        LockedAccount account,
        RefundRow named,
        RefundRow before,
        PurchaseRow? purchase,
        RefundStatus to,
        string? failure,
        CancellationToken cancellationToken)
    {
        var isFailed = to == RefundStatus.Failed;
        var after = named with
        {
            Status = to,
            Failure = isFailed ? failure ?? "The provider did not give it back." : null,
            FinishedAt = to == RefundStatus.Processing ? null : account.Now,
        };
        await refunds.Update(account, before, after, cancellationToken);
        if (to == before.Status)
        {
            return true;
        }

        await Tell(account, after, null, "refund.changed", cancellationToken);
        var counted = (before.Status == RefundStatus.Succeeded, to) switch
        {
            (false, RefundStatus.Succeeded) => after.AmountMinor,
            (true, RefundStatus.Failed) => -after.AmountMinor,
            _ => 0,
        };
        await booking.Count(account, counted == 0 ? null : purchase, counted, cancellationToken);
        if (isFailed)
        {
            await booking.PutBack(account, after, purchase, cancellationToken);
        }

        return true;
    }
}
