using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.RefundPayments;

/// <summary>
/// Takes a request to give money back: under the account's lock, with the payment's row locked, so that all refunds of a
/// payment are never more than it. A small one of an operator is decided with it; any other waits for somebody else.
/// </summary>
internal sealed class RequestRefunds(
    NpgsqlDataSource database,
    AccountLock locks,
    PaymentStore payments,
    RefundStore refunds,
    ChangeRefunds changing,
    BookRefunds booking,
    IActorOrigin origins,
    Jobs jobs,
    IdSource ids,
    PaymentsOptions options)
{
    public async Task<RefundOutcome> Handle(
        NewRefund request, string actor, IdempotentRequest idempotent, CancellationToken cancellationToken)
    {
        if (await payments.Peek(request.Org, request.Payment, cancellationToken) is not { } seen
            || (request.BillingAccount is { } named && named != seen.BillingAccount))
        {
            return new RefundOutcome.NotFound();
        }

        var origin = await origins.Of(actor, cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await locks.Take(
            transaction, new BillingAccountKey(request.Org, seen.BillingAccount), cancellationToken);
        var payment = await payments.ByProviderId(account, seen.Place, seen.ProviderId, cancellationToken)
            ?? throw new InvalidOperationException($"{seen.Id} went away.");
        var left = LeftOf(payment, await refunds.OfPayment(account, payment.Id, cancellationToken));
        var currency = Currency.Of(payment.Currency);
        var isWhole = MinorUnits.TryOf(request.Amount ?? MinorUnits.ToMoney(left, currency), out var minor);
        if (payment.Status != ProviderPaymentStatus.Succeeded)
        {
            return new RefundOutcome.NotPaid();
        }

        if (!isWhole || minor < 1 || minor > left || (request.Amount is { } amount && amount.Currency != currency))
        {
            return new RefundOutcome.TooMuch(MinorUnits.ToMoney(left, currency));
        }

        var wanted = RowOf(request, payment, minor, actor, origin);
        var purchase = await booking.PurchaseOf(account, wanted, cancellationToken);
        var row = await refunds.Insert(account, wanted with { Purchase = purchase?.Id }, cancellationToken);
        await changing.Tell(account, row, actor, "refund.requested", cancellationToken);
        if (!row.NeedsSecond)
        {
            row = await changing.Approve(account, row, "within what one operator decides", actor, cancellationToken);
        }

        await idempotent.Complete(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        jobs.Hint();
        return new RefundOutcome.Standing(Refund.Of(row));
    }

    /// <summary>What is left of a payment, in minor units: refunds the provider made by itself count as well.</summary>
    public static long LeftOf(PaymentRow payment, IReadOnlyList<RefundRow> refunds)
    {
        var counted = refunds.Where(one => one.Status.Counts()).ToArray();
        var byProvider = counted.Where(one => one.Kind == RefundKind.ProviderRefund).Sum(one => one.AmountMinor);
        var asCredit = counted.Where(one => one.Kind == RefundKind.InternalCredit).Sum(one => one.AmountMinor);
        return Math.Max(0, payment.AmountMinor - Math.Max(byProvider, payment.RefundedMinor) - asCredit);
    }

    private RefundRow RowOf(NewRefund request, PaymentRow payment, long minor, string actor, string origin)
    {
        var micros = MinorUnits.ToMoney(minor, Currency.Of(payment.Currency)).Micros;
        return new RefundRow
        {
            Org = payment.Org,
            Id = ids.Next<RefundId>(),
            BillingAccount = payment.BillingAccount,
            Payment = payment.Id,
            Place = payment.Place,
            ProviderPayment = payment.ProviderId,
            Kind = request.Kind,
            AmountMinor = minor,
            Currency = payment.Currency,
            Forgives = request.Forgives,
            Status = RefundStatus.Requested,
            Reason = request.Reason,
            NeedsSecond = request.IsAskedByCustomer || micros > options.RefundAloneMicrosMax,
            RequestedBy = actor,
            RequestedByOrigin = origin,
        };
    }
}
