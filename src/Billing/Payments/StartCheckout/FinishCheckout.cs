using System.Text.Json;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.StartCheckout;

/// <summary>
/// The second transaction of a checkout, the same for who asked, for recovery and for news: what the provider made becomes
/// a row, then the request ends, in one transaction and in the one lock order.
/// </summary>
internal sealed class FinishCheckout(
    NpgsqlDataSource database,
    AccountLock accounts,
    PaymentStores stores,
    CheckoutHolds holds,
    EndRequests ending,
    Jobs jobs,
    IdSource ids,
    Guardrails guardrails,
    ILogger<FinishCheckout> logger)
{
    /// <summary>Finishes a request with what the provider made.</summary>
    /// <param name="request">As this worker holds it: its lease version decides whether it may.</param>
    /// <param name="session">What the provider says.</param>
    /// <param name="cancellationToken">Stops before the commit.</param>
    public async Task<PaymentRequestOutcome> Finish(
        RequestRow request, ProviderCheckout session, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await accounts.Take(
            transaction, new BillingAccountKey(request.Org, request.BillingAccount), cancellationToken);
        var subscriptions = await stores.Subscriptions.OfAccount(account, cancellationToken);
        var locked = await stores.Requests.ById(account, request.Id, cancellationToken)
            ?? throw new InvalidOperationException($"{request.Id} went away while it was worked on.");
        if (ending.Overtaken(request, locked) is { } other)
        {
            return other;
        }

        var answered = locked.AnsweredBy(request.ProviderRequest);
        var ended = await Apply(account, answered, subscriptions, session, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        jobs.Hint();
        return ended;
    }

    /// <summary>
    /// Writes what the provider made and ends its pending request, in a transaction that holds the account, its
    /// subscriptions and the request.
    /// </summary>
    public async Task<PaymentRequestOutcome> Apply(
        LockedAccount account,
        RequestRow request,
        IReadOnlyList<SubscriptionRow> subscriptions,
        ProviderCheckout session,
        CancellationToken cancellationToken)
    {
        var unfinished = await holds.Clean(account, cancellationToken);
        var before = await stores.Checkouts.ByProviderId(account, request.Place, session.Id, cancellationToken)
            ?? await stores.Checkouts.ByOperation(account, request.Place, request.OperationKey, cancellationToken);
        if (Obstacle(request, before, subscriptions, unfinished, session) is { } failure)
        {
            await Save(account, request, before, session, CheckoutStatus.Abandoned, cancellationToken);
            await stores.Requests.End(account, request, isExpired: false, failure, session.Id, cancellationToken);
            await Close(account, request.Place, session, cancellationToken);
            return RequestAnswers.Of(failure);
        }

        var status = StatusOf(request.Flow ?? CheckoutFlow.Subscription, session, subscriptions);
        var checkout = await Save(account, request, before, session, status, cancellationToken);
        if (session.Status == ProviderCheckoutStatus.Expired)
        {
            var late = new RequestFailure(
                PaymentsProblems.CheckoutRecoveryWindowElapsed.Code, "The checkout ended before it could be finished.");
            await stores.Requests.End(account, request, isExpired: true, late, session.Id, cancellationToken);
            return RequestAnswers.Of(late);
        }

        var response = JsonSerializer.Serialize(AnswerOf(request, checkout, session), JsonConventions.Options);
        await stores.Requests.Succeed(account, request, response, session.Id, cancellationToken);
        return new PaymentRequestOutcome.Answered(response, IsReplayed: false);
    }

    private static RequestFailure? Obstacle(
        RequestRow request,
        CheckoutRow? own,
        IReadOnlyList<SubscriptionRow> subscriptions,
        IReadOnlyList<CheckoutRow> unfinished,
        ProviderCheckout session)
    {
        if (own is not null && CheckoutTransition.IsTerminal(own.Status) && session.Status == ProviderCheckoutStatus.Open)
        {
            return new RequestFailure(
                PaymentsProblems.CheckoutRecoveryWindowElapsed.Code, "The checkout was given up meanwhile.");
        }

        if (request.Flow != CheckoutFlow.Subscription)
        {
            return null;
        }

        if (subscriptions.Any(one => one.IsCurrent && one.ProviderId != session.Subscription))
        {
            return new RequestFailure(
                PaymentsProblems.SubscriptionExists.Code, "The billing account got a subscription meanwhile.");
        }

        return unfinished.Any(one => one.Flow == CheckoutFlow.Subscription && one.Id != own?.Id)
            ? new RequestFailure(PaymentsProblems.CheckoutSessionOpen.Code, "Another checkout was opened meanwhile.")
            : null;
    }

    private static CheckoutStatus StatusOf(
        CheckoutFlow flow, ProviderCheckout session, IReadOnlyList<SubscriptionRow> subscriptions) => session.Status switch
        {
            ProviderCheckoutStatus.Open => CheckoutStatus.Open,
            ProviderCheckoutStatus.Expired => CheckoutStatus.Expired,
            _ when flow != CheckoutFlow.Subscription => CheckoutStatus.CompletedReconciled,
            _ when subscriptions.Any(one => one.ProviderId == session.Subscription) => CheckoutStatus.CompletedReconciled,
            _ => CheckoutStatus.CompletedPendingSubscription,
        };

    private async Task<CheckoutRow> Save(
        LockedAccount account,
        RequestRow request,
        CheckoutRow? before,
        ProviderCheckout session,
        CheckoutStatus status,
        CancellationToken cancellationToken)
    {
        var after = new CheckoutRow
        {
            Org = request.Org,
            Id = before?.Id ?? ids.Next<CheckoutId>(),
            BillingAccount = request.BillingAccount,
            Flow = request.Flow ?? CheckoutFlow.Subscription,
            Place = request.Place,
            ProviderId = session.Id,
            Request = request.Id,
            OperationKey = request.OperationKey,
            Customer = session.Customer,
            Subscription = session.Subscription,
            Payment = session.Payment,
            Invoice = session.Invoice,
            Status = status,
            Url = session.Url,
            AmountMinor = session.AmountMinor,
            Currency = session.Currency,
            Metadata = JsonSerializer.Serialize(session.Metadata),
            ExpiresAt = session.ExpiresAt,
            CompletedAt = session.Status == ProviderCheckoutStatus.Complete ? account.Now : null,
            News = before?.News ?? NewsStamp.None,
        };
        if (before is null)
        {
            return await stores.Checkouts.Insert(account, after, cancellationToken);
        }

        if (CheckoutTransition.IsTerminal(before.Status))
        {
            // A page of a key that was used long ago, and forgotten, is no news of the old one.
            if (before.ProviderId is null || before.ProviderId == session.Id)
            {
                await stores.Checkouts.Complete(account, before, after, cancellationToken);
            }

            return after with { Status = before.Status };
        }

        // News may have brought it further than this answer knows: it never goes back.
        return await stores.Checkouts.Update(account, before, after, cancellationToken) switch
        {
            CheckoutTransition.Moved(var moved) => after with { Status = moved },
            _ => after with { Status = before.Status },
        };
    }

    /// <summary>Has a checkout closed at the provider; one that was paid all the same is for a person to see.</summary>
    public async Task Close(
        LockedAccount account, ProviderPlace place, ProviderCheckout session, CancellationToken cancellationToken)
    {
        if (session.Status == ProviderCheckoutStatus.Complete)
        {
            guardrails.Met(Guardrails.OrphanCleanupFailure);
            Log.PaidTwice(logger, session.Id);
        }

        if (session.Status != ProviderCheckoutStatus.Open)
        {
            return;
        }

        account.Enter(LockStage.Jobs);
        var job = new ExpireCheckoutJob(account.Org, account.BillingAccount, place.Provider, place.Mode, session.Id);
        await jobs.Enqueue(
            account.Transaction, job, new JobTerms { UniqueKey = job.UniqueKey, Org = account.Org }, cancellationToken);
    }

    private static CheckoutAnswer AnswerOf(RequestRow request, CheckoutRow checkout, ProviderCheckout session) => new(
        request.Place.Provider,
        request.BillingAccount,
        request.Id,
        request.OperationKey,
        checkout.Flow,
        new OpenedCheckout(
            checkout.Id,
            session.Id,
            checkout.Status,
            session.Status,
            session.Url,
            session.ExpiresAt,
            session.Customer,
            session.Subscription));
}
