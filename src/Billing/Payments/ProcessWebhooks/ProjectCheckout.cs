using System.Text.Json;
using Quoin.Kernel;

namespace Quoin.Payments.Internal;

/// <summary>
/// What a provider says of a checkout: its status and what it names. Never a subscription, never which one is current.
/// What does not fit the checkout it names changes nothing.
/// </summary>
internal sealed class ProjectCheckout(
    SubscriptionStore subscriptions,
    RequestStore requests,
    CheckoutStore checkouts,
    CustomerStore customers,
    PaymentStore payments,
    InvoiceStore invoices,
    FinishRequest finishing,
    IPaymentFacts facts,
    TellCheckouts telling,
    IdSource ids)
{
    /// <summary>Applies it; correlation first, and nothing is written unless it holds.</summary>
    public async Task<EventEffect> Apply(
        LockedAccount account,
        ProviderPlace place,
        ProviderCheckout said,
        NewsSource source,
        CancellationToken cancellationToken)
    {
        if (said.Status == ProviderCheckoutStatus.Open)
        {
            return EventEffect.Done.Ignored;
        }

        if (!said.Metadata.TryGetValue(ProviderMetadata.OperationKey, out var operation))
        {
            return Mismatch("it names no operation");
        }

        var held = await subscriptions.OfAccount(account, cancellationToken);
        var request = await requests.ByOperation(account, operation, cancellationToken);
        var row = await checkouts.ByProviderId(account, place, said.Id, cancellationToken)
            ?? await checkouts.ByOperation(account, place, operation, cancellationToken);
        if (await WhyUncorrelated(account, place, said, operation, row, request, cancellationToken) is { } reason)
        {
            return Mismatch(reason);
        }

        if (said.Status == ProviderCheckoutStatus.Expired)
        {
            return await Expire(account, row, request, source, cancellationToken);
        }

        var status = StatusOf(said, held);
        if (row is null && status == CheckoutStatus.CompletedPendingSubscription && FlowOf(said) == CheckoutFlow.Subscription
            && (await checkouts.Unfinished(account, cancellationToken)).Any(one => one.Flow == CheckoutFlow.Subscription))
        {
            return new EventEffect.Refused("another_checkout_blocks", "Another checkout of the account is unfinished.");
        }

        return await Complete(account, place, said, operation, status, row, request, source, cancellationToken);
    }

    private async Task<EventEffect> Complete(
        LockedAccount account,
        ProviderPlace place,
        ProviderCheckout said,
        string operation,
        CheckoutStatus status,
        CheckoutRow? row,
        RequestRow? request,
        NewsSource source,
        CancellationToken cancellationToken)
    {
        if (said.Customer is { } customer)
        {
            await customers.Ensure(account, place, customer, email: null, replaces: false, cancellationToken);
        }

        var after = Named(row ?? NewRow(account, place, said, operation, request), said, status) with
        {
            CompletedAt = row?.CompletedAt ?? account.Now,
            News = source.Mark(row?.News),
        };
        var isMoved = true;
        if (row is null)
        {
            after = await checkouts.Insert(account, after, cancellationToken);
        }
        else if (CheckoutTransition.IsTerminal(row.Status))
        {
            isMoved = false;
            after = after with { Status = row.Status };
            await checkouts.Complete(account, row, after, cancellationToken);
        }
        else
        {
            var moved = await checkouts.Update(account, row, after, cancellationToken);
            isMoved = moved is CheckoutTransition.Moved;
            after = after with { Status = moved is CheckoutTransition.Moved(var to) ? to : row.Status };
        }

        await finishing.Succeed(account, request, after, cancellationToken);
        if (isMoved)
        {
            await telling.Completed(account, after, said.Metadata, cancellationToken);
        }

        await LinkMoney(account, place, said, after, cancellationToken);
        return isMoved ? EventEffect.Done.Applied : EventEffect.Done.Unchanged;
    }

    // After somebody went through, an end that is told late means nothing: what was bought is on its way.
    private async Task<EventEffect> Expire(
        LockedAccount account,
        CheckoutRow? row,
        RequestRow? request,
        NewsSource source,
        CancellationToken cancellationToken)
    {
        var isMoved = false;
        if (row is { Status: CheckoutStatus.Open or CheckoutStatus.RecoveryVerificationPending })
        {
            var after = row with { Status = CheckoutStatus.Expired, News = source.Mark(row.News) };
            isMoved = await checkouts.Update(account, row, after, cancellationToken) is CheckoutTransition.Moved;
        }

        var isEnded = row is null or { Status: not CheckoutStatus.CompletedPendingSubscription }
            && await finishing.Expire(account, request, cancellationToken);
        return isMoved || isEnded ? EventEffect.Done.Applied : EventEffect.Done.Unchanged;
    }

    private async Task<string?> WhyUncorrelated(
        LockedAccount account,
        ProviderPlace place,
        ProviderCheckout said,
        string operation,
        CheckoutRow? row,
        RequestRow? request,
        CancellationToken cancellationToken)
    {
        if (row is null && request is null)
        {
            return "its operation is not known";
        }

        if (ProviderMetadata.AccountOf(said.Metadata) is { } named && named != account.Key)
        {
            return "it names another account";
        }

        if (row is not null && Differs(row, account, said, operation) is { } difference)
        {
            return difference;
        }

        return said.Customer is { } customer
            && await customers.ByProviderId(account, place, customer, cancellationToken) is { } known
            && known.BillingAccount != account.BillingAccount
                ? "its customer is another account's"
                : null;
    }

    private static string? Differs(CheckoutRow row, LockedAccount account, ProviderCheckout said, string operation) =>
        row.BillingAccount != account.BillingAccount ? "the checkout is another account's"
        : row.OperationKey != operation ? "the checkout was made by another operation"
        : row.ProviderId is { } id && id != said.Id ? "the operation made another checkout"
        : row.Customer is { } customer && said.Customer is { } says && customer != says ? "the checkout has another customer"
        : null;

    private static EventEffect.Refused Mismatch(string reason) =>
        new(PaymentsProblems.CorrelationMismatch.Code, $"The checkout does not fit: {reason}.");

    // A subscription whose news came first needs nobody to wait for it.
    private static CheckoutStatus StatusOf(ProviderCheckout said, IReadOnlyList<SubscriptionRow> held) =>
        FlowOf(said) switch
        {
            CheckoutFlow.Subscription => held.Any(one => one.ProviderId == said.Subscription)
                ? CheckoutStatus.CompletedReconciled
                : CheckoutStatus.CompletedPendingSubscription,
            CheckoutFlow.OneOff when !said.IsPaid => CheckoutStatus.CompletedPendingSubscription,
            _ => CheckoutStatus.CompletedReconciled,
        };

    private static CheckoutFlow FlowOf(ProviderCheckout said) => said.Purpose switch
    {
        CheckoutPurpose.Subscription => CheckoutFlow.Subscription,
        CheckoutPurpose.Setup => CheckoutFlow.Setup,
        _ => CheckoutFlow.OneOff,
    };

    private CheckoutRow NewRow(
        LockedAccount account, ProviderPlace place, ProviderCheckout said, string operation, RequestRow? request)
    {
        var isOfLink = request?.Action == RequestAction.PaymentLink;
        return new CheckoutRow
        {
            Org = account.Org,
            Id = ids.Next<CheckoutId>(),
            BillingAccount = account.BillingAccount,
            Flow = FlowOf(said),
            Place = place,
            OperationKey = operation,
            Request = isOfLink ? null : request?.Id,
            IsOfLink = isOfLink,
            Status = CheckoutStatus.Open,
            ExpiresAt = said.ExpiresAt,
        };
    }

    private static CheckoutRow Named(CheckoutRow row, ProviderCheckout said, CheckoutStatus status) => row with
    {
        ProviderId = said.Id,
        Customer = said.Customer ?? row.Customer,
        Subscription = said.Subscription ?? row.Subscription,
        Payment = said.Payment ?? row.Payment,
        Invoice = said.Invoice ?? row.Invoice,
        AmountMinor = said.AmountMinor ?? row.AmountMinor,
        Currency = said.Currency ?? row.Currency,
        Metadata = JsonSerializer.Serialize(said.Metadata),
        Status = status,
    };

    // The money may have been told of before the checkout it came through.
    private async Task LinkMoney(
        LockedAccount account,
        ProviderPlace place,
        ProviderCheckout said,
        CheckoutRow checkout,
        CancellationToken cancellationToken)
    {
        if (said.Payment is not { } id
            || await payments.ByProviderId(account, place, id, cancellationToken) is not { Checkout: null } payment
            || payment.BillingAccount != account.BillingAccount)
        {
            return;
        }

        var linked = payment with { Checkout = checkout.Id, Kind = checkout.IsOfLink ? PaymentKind.Link : payment.Kind };
        await payments.Save(account, payment, linked, cancellationToken);
        if (payment.Status == ProviderPaymentStatus.Succeeded)
        {
            var invoice = said.Invoice is { } named
                ? await invoices.ByProviderId(account, place, named, cancellationToken)
                : null;
            await facts.PaymentSucceeded(account, linked, invoice, checkout, cancellationToken);
        }
    }
}
