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
    PurchaseStore purchases,
    RefundStore refunds,
    UnspentCredit unspent,
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

        var bought = await purchases.PeekByPayment(request.Org, request.Payment, cancellationToken);
        var credit = await unspent.Of(bought, cancellationToken);
        var origin = await origins.Of(actor, cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await locks.Take(
            transaction, new BillingAccountKey(request.Org, seen.BillingAccount), cancellationToken);
        var payment = await payments.ByProviderId(account, seen.Place, seen.ProviderId, cancellationToken)
            ?? throw new InvalidOperationException($"{seen.Id} went away.");
        if (payment.Status != ProviderPaymentStatus.Succeeded)
        {
            return new RefundOutcome.NotPaid();
        }

        var others = await refunds.OfPayment(account, payment.Id, cancellationToken);
        if (others.FirstOrDefault(one => IsSame(one, request, actor)) is { } standing)
        {
            return new RefundOutcome.Standing(Refund.Of(standing));
        }

        if (Refusal(request, payment, OfferRefunds.FactsOf(payment, bought, others, credit, account.Now, options), out var minor)
            is { } refusal)
        {
            return refusal;
        }

        var wanted = RowOf(request, payment, minor, actor, origin);
        var purchase = await booking.PurchaseOf(account, wanted, cancellationToken);
        var row = await refunds.Insert(account, wanted with { Purchase = purchase?.Id }, cancellationToken);
        if (!row.NeedsSecond)
        {
            await changing.GiveCredit(account, row, cancellationToken);
        }

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

    // A form sent twice asks once.
    private static bool IsSame(RefundRow standing, NewRefund request, string actor) =>
        (request.FormMadeAt is { } made && standing.RequestedBy == actor && standing.RequestedAt >= made)
        || (request.IsAskedByCustomer && IsAskedAgain(standing, request, actor));

    private static bool IsAskedAgain(RefundRow standing, NewRefund request, string actor) =>
        standing.Status == RefundStatus.Requested && standing.RequestedBy == actor && standing.Reason == request.Reason
        && request.Amount is { } amount && amount.Currency.Code == standing.Currency
        && MinorUnits.TryOf(amount, out var minor) && minor == standing.AmountMinor;

    // How much it is, or why it is not: what a customer may ask, what is left of the payment, what is left of its credit.
    private RefundOutcome? Refusal(NewRefund request, PaymentRow payment, in RefundFacts facts, out long minor)
    {
        var currency = Currency.Of(payment.Currency);
        minor = 0;
        var most = facts.LeftMinor;
        if (request.IsAskedByCustomer)
        {
            switch (RefundPolicy.Decide(facts))
            {
                case RefundEligibility.NotOffered(var why):
                    return new RefundOutcome.NotOffered(why);
                case RefundEligibility.Offered(var offered, _):
                    most = offered;
                    break;
            }
        }

        var isWhole = MinorUnits.TryOf(request.Amount ?? MinorUnits.ToMoney(most, currency), out minor);
        if (!isWhole || minor < 1 || minor > facts.LeftMinor || (request.Amount is { } amount && amount.Currency != currency))
        {
            return new RefundOutcome.TooMuch(MinorUnits.ToMoney(facts.LeftMinor, currency));
        }

        return facts.IsCredit && request.Kind == RefundKind.ProviderRefund && minor > facts.UnspentMinor
            && (request.IsAskedByCustomer || !options.RefundsSpentCredit)
            ? new RefundOutcome.CreditSpent(MinorUnits.ToMoney(Math.Max(0, facts.UnspentMinor), currency))
            : null;
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
