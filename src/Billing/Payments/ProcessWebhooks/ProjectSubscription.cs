using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>
/// What a provider says of a subscription: the one owner of subscriptions, their parts and which one is current. In this
/// order: (1) order against what is stored; (2) whose and which plan; (3) which one is current, from how things stood
/// before, decided once; (4) rows; (5) the checkout and the request it ends; (6) what should not be there; (7) what follows.
/// </summary>
internal sealed class ProjectSubscription(
    SubscriptionStore subscriptions,
    RequestStore requests,
    CheckoutStore checkouts,
    CustomerStore customers,
    PlanPriceRows prices,
    FinishRequest finishing,
    Remediations remediations,
    TellCheckouts telling,
    IPaymentFacts facts,
    Outbox outbox,
    Guardrails guardrails,
    IdSource ids)
{
    /// <summary>Applies it.</summary>
    /// <param name="account">The account, locked.</param>
    /// <param name="place">Where the subscription is.</param>
    /// <param name="said">As the provider says.</param>
    /// <param name="source">Where that came from.</param>
    /// <param name="known">When subscriptions were made whose making was asked for.</param>
    /// <param name="cancellationToken">Stops it; the transaction is not committed then.</param>
    public async Task<EventEffect> Apply(
        LockedAccount account,
        ProviderPlace place,
        ProviderSubscription said,
        NewsSource source,
        IReadOnlyDictionary<string, DateTimeOffset> known,
        CancellationToken cancellationToken)
    {
        var held = await subscriptions.OfAccount(account, cancellationToken);
        var before = held.FirstOrDefault(one => one.Place == place && one.ProviderId == said.Id);

        // Its parts may differ though its row does not: of two events in one second the provider is always asked.
        switch (source.Judge(before?.News, before?.UpdatedAt ?? default, differs: true))
        {
            case NewsVerdict.Drop:
                return EventEffect.Done.Older;
            case NewsVerdict.Ask:
                return EventEffect.NeedsProvider.Object;
        }

        if (await customers.ByProviderId(account, place, said.Customer, cancellationToken) is { } owner
            && owner.BillingAccount != account.BillingAccount)
        {
            return new EventEffect.Refused("customer_of_another_account", "Its customer is another account's.");
        }

        var plan = await prices.PlanOf(account.Transaction, place, said, cancellationToken);
        if (plan.Refusal is { } refusal && before?.Plan is null)
        {
            guardrails.Met(Guardrails.PricingInvalid);
            return refusal;
        }

        var selection = CanonicalSelection.Decide(Candidates(held, before, said, known));
        return selection is CanonicalSelection.NeedsCreation(var unknown)
            ? new EventEffect.NeedsProvider(unknown)
            : await Write(account, place, said, source, held, before, plan, selection, known, cancellationToken);
    }

    private async Task<EventEffect> Write(
        LockedAccount account,
        ProviderPlace place,
        ProviderSubscription said,
        NewsSource source,
        IReadOnlyList<SubscriptionRow> held,
        SubscriptionRow? before,
        PlanOfItems plan,
        CanonicalSelection selection,
        IReadOnlyDictionary<string, DateTimeOffset> known,
        CancellationToken cancellationToken)
    {
        var operation = before?.OperationKey ?? said.Metadata.GetValueOrDefault(ProviderMetadata.OperationKey);
        var request = operation is null ? null : await requests.ByOperation(account, operation, cancellationToken);
        var unfinished = await checkouts.Unfinished(account, cancellationToken);
        var customer = before?.Customer
            ?? (await customers.Ensure(account, place, said.Customer, email: null, replaces: false, cancellationToken)).Id;
        var row = Projected(account, place, said, before, customer, plan, source) with { OperationKey = operation };
        var after = before is null
            ? await subscriptions.Insert(account, row, cancellationToken)
            : await subscriptions.Update(account, row, cancellationToken);
        await subscriptions.SetItems(account, after, plan.Items, cancellationToken);
        var all = await Remember(account, [.. held.Where(one => one != before), after], known, cancellationToken);
        var current = await Select(account, all, selection, cancellationToken);

        var own = unfinished.FirstOrDefault(one => one.OperationKey == operation && !one.IsOfLink)
            ?? unfinished.FirstOrDefault(one => one.Subscription == said.Id);
        await Reconcile(account, place, said, after, own, request, source, cancellationToken);
        await Remediate(account, all, selection, source.Stamp?.Id, cancellationToken);
        await Tell(account, held, all, current, after, cancellationToken);
        return EventEffect.Done.Applied;
    }

    private static SubscriptionCandidate[] Candidates(
        IReadOnlyList<SubscriptionRow> held,
        SubscriptionRow? before,
        ProviderSubscription said,
        IReadOnlyDictionary<string, DateTimeOffset> known) =>
    [
        .. held.Where(one => one != before).Select(one => new SubscriptionCandidate(
            one.ProviderId,
            one.Status,
            one.IsCurrent,
            one.ProviderCreatedAt ?? (known.TryGetValue(one.ProviderId, out var at) ? at : null))),
        new SubscriptionCandidate(
            said.Id, SubscriptionStates.Read(said.Status), before?.IsCurrent ?? false, before?.ProviderCreatedAt ?? said.CreatedAt),
    ];

    // What was asked for to choose by is kept, so that the next choice asks nobody.
    private async Task<List<SubscriptionRow>> Remember(
        LockedAccount account,
        List<SubscriptionRow> all,
        IReadOnlyDictionary<string, DateTimeOffset> known,
        CancellationToken cancellationToken)
    {
        for (var index = 0; index < all.Count; index++)
        {
            if (all[index].ProviderCreatedAt is null && known.TryGetValue(all[index].ProviderId, out var at))
            {
                var dated = all[index] with { ProviderCreatedAt = at };
                all[index] = await subscriptions.Update(account, dated, cancellationToken);
            }
        }

        return all;
    }

    private async Task<SubscriptionId?> Select(
        LockedAccount account,
        List<SubscriptionRow> all,
        CanonicalSelection selection,
        CancellationToken cancellationToken)
    {
        var selected = selection as CanonicalSelection.Selected;
        var winner = all.Find(one => one.ProviderId == selected?.ProviderId)?.Id;
        if (selected is { IsFallback: true })
        {
            guardrails.Met(Guardrails.CanonicalFallback);
        }

        if (all.Find(one => one.IsCurrent)?.Id != winner)
        {
            await subscriptions.SetCurrent(account, winner, cancellationToken);
        }

        return winner;
    }

    private async Task Reconcile(
        LockedAccount account,
        ProviderPlace place,
        ProviderSubscription said,
        SubscriptionRow subscription,
        CheckoutRow? own,
        RequestRow? request,
        NewsSource source,
        CancellationToken cancellationToken)
    {
        if (own is null && request is { Status: RequestStatus.Pending, Action: RequestAction.Checkout })
        {
            own = await checkouts.Insert(
                account, Unseen(account, place, said, subscription, request), cancellationToken);
            await telling.Completed(account, own, said.Metadata, cancellationToken);
        }
        else if (own is not null && own.Flow == CheckoutFlow.Subscription)
        {
            var after = own with
            {
                Status = CheckoutStatus.CompletedReconciled,
                Subscription = said.Id,
                Customer = own.Customer ?? said.Customer,
                CompletedAt = own.CompletedAt ?? account.Now,
            };
            await checkouts.Update(account, own, after, cancellationToken);
            if (own.Status != CheckoutStatus.CompletedPendingSubscription)
            {
                // Nobody told of the checkout yet: its own news comes later, and moves nothing then.
                await telling.Completed(account, after, said.Metadata, cancellationToken);
            }

            own = after;
        }

        if (own is not null)
        {
            await finishing.Succeed(account, request, own, cancellationToken);
        }
    }

    // The subscription is here before anybody heard of the checkout that made it: kept as finished, its page unknown.
    private CheckoutRow Unseen(
        LockedAccount account,
        ProviderPlace place,
        ProviderSubscription said,
        SubscriptionRow subscription,
        RequestRow request) => new()
        {
            Org = account.Org,
            Id = ids.Next<CheckoutId>(),
            BillingAccount = account.BillingAccount,
            Flow = CheckoutFlow.Subscription,
            Place = place,
            Request = request.Id,
            OperationKey = request.OperationKey,
            Customer = said.Customer,
            Subscription = subscription.ProviderId,
            Status = CheckoutStatus.CompletedReconciled,
            ExpiresAt = request.UpperBoundAt,
            CompletedAt = account.Now,
        };

    private async Task Remediate(
        LockedAccount account,
        List<SubscriptionRow> all,
        CanonicalSelection selection,
        string? eventId,
        CancellationToken cancellationToken)
    {
        if (selection is not CanonicalSelection.Selected { Duplicates: [_, ..] duplicates } selected)
        {
            return;
        }

        guardrails.Met(Guardrails.DuplicateSubscriptions, Guardrails.Count, duplicates.Count);
        var canonical = all.Find(one => one.ProviderId == selected.ProviderId)!;
        var surplus = all.Where(one => duplicates.Contains(one.ProviderId)).ToArray();
        await remediations.Add(account, canonical, surplus, eventId, cancellationToken);
    }

    private async Task Tell(
        LockedAccount account,
        IReadOnlyList<SubscriptionRow> held,
        List<SubscriptionRow> all,
        SubscriptionId? current,
        SubscriptionRow written,
        CancellationToken cancellationToken)
    {
        var changed = all
            .Select(one => (Before: held.FirstOrDefault(was => was.Id == one.Id), After: one with { IsCurrent = one.Id == current }))
            .Where(pair => pair.After.Id == written.Id || pair.Before?.IsCurrent != pair.After.IsCurrent)
            .ToArray();
        foreach (var (_, after) in changed)
        {
            var was = held.FirstOrDefault(one => one.Id == after.Id);
            await outbox.Publish(
                account.Transaction,
                account.Org,
                account.BillingAccount.ToString(),
                new SubscriptionChanged(
                    account.BillingAccount,
                    after.Id,
                    after.Plan,
                    was?.Status,
                    after.Status,
                    after.IsCurrent,
                    after.PeriodEnd,
                    after.EndsWithPeriod,
                    account.Now),
                after.OperationKey,
                cancellationToken);
        }

        foreach (var (before, after) in changed)
        {
            await facts.SubscriptionChanged(account, before, after, cancellationToken);
        }
    }

    private SubscriptionRow Projected(
        LockedAccount account,
        ProviderPlace place,
        ProviderSubscription said,
        SubscriptionRow? before,
        PaymentCustomerId customer,
        PlanOfItems plan,
        NewsSource source) => new()
        {
            Org = account.Org,
            Id = before?.Id ?? ids.Next<SubscriptionId>(),
            BillingAccount = account.BillingAccount,
            Customer = customer,
            Place = place,
            ProviderId = said.Id,
            Plan = plan.Plan ?? before?.Plan,
            Status = SubscriptionStates.Read(said.Status),
            ProviderStatus = said.Status,
            IsCurrent = before?.IsCurrent ?? false,
            ProviderCreatedAt = before?.ProviderCreatedAt ?? said.CreatedAt,
            PeriodStart = said.PeriodStart,
            PeriodEnd = said.PeriodEnd,
            TrialEnd = said.TrialEnd,
            EndsWithPeriod = said.EndsWithPeriod,
            CanceledAt = said.CanceledAt,
            EndedAt = said.EndedAt,
            IsPaused = said.IsPaused,
            LatestInvoice = said.LatestInvoice ?? before?.LatestInvoice,
            News = source.Mark(before?.News),
        };

    /// <summary>Whether what is said is anything else than what is stored.</summary>
    internal static bool Differs(SubscriptionRow row, ProviderSubscription said) =>
        row.ProviderStatus != said.Status
        || row.PeriodStart != said.PeriodStart
        || row.PeriodEnd != said.PeriodEnd
        || row.TrialEnd != said.TrialEnd
        || row.EndsWithPeriod != said.EndsWithPeriod
        || row.CanceledAt != said.CanceledAt
        || row.EndedAt != said.EndedAt
        || row.IsPaused != said.IsPaused
        || (said.LatestInvoice is { } invoice && row.LatestInvoice != invoice);
}
