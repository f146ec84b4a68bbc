using Quoin.Accounts;
using Quoin.Kernel;

namespace Quoin.Payments.Internal;

/// <summary>
/// Unfinished checkouts against the provider: open ones past their end, ones that wait for what they made, holds. Each is
/// looked at again under the account's lock before anything is written.
/// </summary>
internal sealed class ReconcileCheckouts(
    CheckoutStore checkouts,
    SubscriptionStore subscriptions,
    RequestStore requests,
    ProjectCheckout projectCheckout,
    ProjectSubscription projectSubscription,
    ProjectPayment projectPayment,
    PaymentsOptions options,
    Guardrails guardrails)
{
    private const string Kind = "checkout";
    private const string Nothing = "nothing";

    /// <summary>Goes through the unfinished checkouts of one status.</summary>
    public async Task Go(ReconciliationWork work, CheckoutStatus status, CancellationToken cancellationToken)
    {
        var now = work.Now();
        DateTimeOffset? endedBefore = status == CheckoutStatus.Open ? now - options.Grace : null;
        DateTimeOffset? completedBefore =
            status == CheckoutStatus.CompletedPendingSubscription ? now - options.CompletionWithin : null;
        while (true)
        {
            var after = work.Run.Cursor is { } cursor ? (new OrgId(cursor.Org), new CheckoutId(cursor.Row)) : default((OrgId,
                CheckoutId)?);
            var page = await checkouts.Due(
                status, after, endedBefore, completedBefore, ReconciliationLimits.CheckoutsAtOnce, cancellationToken);
            foreach (var row in page.Where(row => row.Place == work.Place))
            {
                guardrails.Met(Guardrails.BlockingCheckoutsOverdue, Word.Of(status));
                await Look(work, row, cancellationToken);
            }

            if (page.Count == 0)
            {
                return;
            }

            await work.Came(new RunCursor(page[^1].Org.Value, page[^1].Id.Value), page.Count, cancellationToken);
        }
    }

    /// <summary>Asks the provider about one checkout and writes what it says.</summary>
    public Task Look(ReconciliationWork work, CheckoutRow row, CancellationToken cancellationToken) => row switch
    {
        { Status: CheckoutStatus.RecoveryVerificationPending } => LookAtHold(work, row, cancellationToken),
        { Status: CheckoutStatus.CompletedPendingSubscription, Flow: CheckoutFlow.Subscription } =>
            LookAtCompleted(work, row, cancellationToken),
        { ProviderId: { } id } => LookAtKnown(work, row, id, cancellationToken),
        _ => Task.CompletedTask,
    };

    private async Task LookAtKnown(
        ReconciliationWork work, CheckoutRow row, string id, CancellationToken cancellationToken)
    {
        var askedAt = work.Now();
        switch (await work.Provider.Checkout(id, cancellationToken))
        {
            case ProviderOutcome<ProviderCheckout>.Done(var said, _):
                await Follow(work, row, said, askedAt, cancellationToken);
                break;
            case ProviderOutcome<ProviderCheckout>.NotFound:
                await Abandon(work, row, cancellationToken);
                break;
            default:
                work.Unanswered();
                break;
        }
    }

    private async Task Follow(
        ReconciliationWork work,
        CheckoutRow row,
        ProviderCheckout said,
        DateTimeOffset askedAt,
        CancellationToken cancellationToken)
    {
        if (said.Status == ProviderCheckoutStatus.Open
            || (said.Status == ProviderCheckoutStatus.Complete && !said.IsPaid
                && row.Status == CheckoutStatus.CompletedPendingSubscription))
        {
            return;
        }

        await work.Repair(
            KeyOf(row),
            DifferenceOf(row, Word.Of(said.Status)),
            (account, _) => projectCheckout.Apply(
                account, work.Place, said, NewsSource.Answer(askedAt), cancellationToken),
            cancellationToken);
        if (said.Payment is { } payment)
        {
            await LookAtPayment(work, row, payment, cancellationToken);
        }
    }

    private async Task LookAtPayment(
        ReconciliationWork work, CheckoutRow row, string payment, CancellationToken cancellationToken)
    {
        var askedAt = work.Now();
        if (await work.Provider.Payment(payment, cancellationToken) is not ProviderOutcome<ProviderPayment>.Done(var said, _))
        {
            work.Unanswered();
            return;
        }

        await work.Repair(
            KeyOf(row),
            new Difference("payment", payment, Nothing, Word.Of(said.Status)),
            (account, _) => projectPayment.Apply(
                account, work.Place, said, NewsSource.Answer(askedAt), cancellationToken),
            cancellationToken);
    }

    private async Task LookAtCompleted(ReconciliationWork work, CheckoutRow row, CancellationToken cancellationToken)
    {
        var named = row.Subscription;
        if (named is null && row.ProviderId is { } id)
        {
            switch (await work.Provider.Checkout(id, cancellationToken))
            {
                case ProviderOutcome<ProviderCheckout>.Done(var said, _):
                    named = said.Subscription;
                    break;
                case ProviderOutcome<ProviderCheckout>.Unknown:
                    work.Unanswered();
                    return;
            }
        }

        if (named is null)
        {
            await Abandon(work, row, cancellationToken);
            return;
        }

        var askedAt = work.Now();
        switch (await work.Provider.Subscription(named, cancellationToken))
        {
            case ProviderOutcome<ProviderSubscription>.Done(var said, _):
                await work.Repair(
                    KeyOf(row),
                    DifferenceOf(row, said.Status),
                    (account, known) => projectSubscription.Apply(
                        account, work.Place, Correlated(said, row), NewsSource.Answer(askedAt), known, cancellationToken),
                    cancellationToken);
                break;
            case ProviderOutcome<ProviderSubscription>.NotFound:
                await Abandon(work, row, cancellationToken);
                break;
            default:
                work.Unanswered();
                break;
        }
    }

    // Somebody at the provider may have taken off what this program wrote on it: the checkout knows.
    private static ProviderSubscription Correlated(ProviderSubscription said, CheckoutRow row) => said with
    {
        Metadata = new Dictionary<string, string>(said.Metadata)
        {
            [ProviderMetadata.OperationKey] = row.OperationKey,
            [ProviderMetadata.Org] = row.Org.ToString(),
            [ProviderMetadata.BillingAccount] = row.BillingAccount.ToString(),
        },
    };

    private async Task LookAtHold(ReconciliationWork work, CheckoutRow row, CancellationToken cancellationToken)
    {
        guardrails.Met(Guardrails.Hold, Guardrails.AgeSeconds, (work.Now() - row.CreatedAt).TotalSeconds);
        var askedAt = work.Now();
        var (isAnswered, said) = await Find(work, row, cancellationToken);
        if (!isAnswered)
        {
            work.Unanswered();
        }
        else if (said is { Status: ProviderCheckoutStatus.Open })
        {
            await work.Repair(
                KeyOf(row), DifferenceOf(row, "open"), (account, _) => Reopen(account, row, said, cancellationToken), cancellationToken);
        }
        else if (said is not null)
        {
            await work.Repair(
                KeyOf(row),
                DifferenceOf(row, Word.Of(said.Status)),
                (account, _) => projectCheckout.Apply(
                    account, work.Place, said, NewsSource.Answer(askedAt), cancellationToken),
                cancellationToken);
        }
        else if (row.ExpiresAt <= work.Now())
        {
            await Abandon(work, row, cancellationToken);
        }
    }

    private async Task<(bool IsAnswered, ProviderCheckout? Said)> Find(
        ReconciliationWork work, CheckoutRow row, CancellationToken cancellationToken)
    {
        if (row.ProviderId is { } id)
        {
            return await work.Provider.Checkout(id, cancellationToken) switch
            {
                ProviderOutcome<ProviderCheckout>.Done(var one, _) => (true, one),
                ProviderOutcome<ProviderCheckout>.NotFound => (true, null),
                _ => (false, null),
            };
        }

        var request = row.Request is { } named ? await requests.Peek(row.Org, named, cancellationToken) : null;
        var from = (request?.CreatedAt ?? row.CreatedAt - options.CheckoutOpenFor) - options.Grace;
        var found = await work.Provider.CheckoutsOf(row.OperationKey, row.Customer, from, work.Now(), cancellationToken);
        return found is ProviderOutcome<IReadOnlyList<ProviderCheckout>>.Done(var all, _)
            ? (true, all.OrderByDescending(one => one.Status == ProviderCheckoutStatus.Complete).FirstOrDefault())
            : (false, null);
    }

    private async Task<EventEffect> Reopen(
        LockedAccount account, CheckoutRow seen, ProviderCheckout said, CancellationToken cancellationToken)
    {
        var row = await checkouts.ById(account, seen.Id, cancellationToken);
        if (row is not { Status: CheckoutStatus.RecoveryVerificationPending })
        {
            return EventEffect.Done.Unchanged;
        }

        await checkouts.Update(
            account,
            row,
            row with
            {
                Status = CheckoutStatus.Open,
                ProviderId = said.Id,
                Url = said.Url,
                ExpiresAt = said.ExpiresAt,
                News = row.News with { ReconciledAt = account.Now },
            },
            cancellationToken);
        return EventEffect.Done.Applied;
    }

    // The provider knows of nothing that could still come of it.
    private Task Abandon(ReconciliationWork work, CheckoutRow seen, CancellationToken cancellationToken) => work.Repair(
        KeyOf(seen),
        DifferenceOf(seen, Nothing),
        async (account, _) =>
        {
            var held = await subscriptions.OfAccount(account, cancellationToken);
            var row = await checkouts.ById(account, seen.Id, cancellationToken);
            if (row is null || row.Status != seen.Status || row.UpdatedAt != seen.UpdatedAt)
            {
                return EventEffect.Done.Unchanged;
            }

            var isHere = row.Subscription is { } id && held.Any(one => one.ProviderId == id);
            var to = isHere ? CheckoutStatus.CompletedReconciled : CheckoutStatus.Abandoned;
            await checkouts.Move(account, row, to, cancellationToken);
            return EventEffect.Done.Applied;
        },
        cancellationToken);

    private static BillingAccountKey KeyOf(CheckoutRow row) => new(row.Org, row.BillingAccount);

    private static Difference DifferenceOf(CheckoutRow row, string said) =>
        new(Kind, row.ProviderId ?? row.OperationKey, Word.Of(row.Status), said);
}
