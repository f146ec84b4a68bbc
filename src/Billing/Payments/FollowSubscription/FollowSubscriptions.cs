using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Payments.Internal;
using Quoin.Payments.KeepBooks;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Payments.FollowSubscription;

/// <summary>
/// Makes plans and billing states say what subscriptions do: asked for in the transaction that stores a change, done as a
/// job that compares how things stand. It bears being run twice, late, or after newer news. The fee of a period is posted
/// by what follows plans, never here.
/// </summary>
internal sealed class FollowSubscriptions(
    NpgsqlDataSource database,
    SubscriptionStore subscriptions,
    FollowedAccounts followed,
    DisputeStore disputes,
    AccountLock locks,
    Plans plans,
    BillingStanding standing,
    OrganisationClock clock,
    TimeProvider time,
    Findings findings,
    Jobs jobs,
    PaymentsOptions options)
{
    private const string Actor = "system";

    // Assign, end, resume, change: more steps than these mean that somebody else changes plans at the same time.
    private const int StepsMax = 4;

    /// <summary>Asks for it, in the transaction of the change.</summary>
    public Task<long> Ask(LockedAccount account, CancellationToken cancellationToken)
    {
        var job = new FollowAccountJob(account.Org, account.BillingAccount);
        return jobs.Enqueue(account.Transaction, job, job.Terms(), cancellationToken);
    }

    /// <summary>Does it.</summary>
    public async Task Run(FollowAccountJob job, CancellationToken cancellationToken)
    {
        var all = await subscriptions.Peek(job.Org, job.BillingAccount, cancellationToken);
        var known = await followed.Find(job.Key, cancellationToken);
        var subject = all.FirstOrDefault(one => one.IsCurrent)
            ?? all.FirstOrDefault(one => one.Id == known?.Subscription && one.Status.IsTerminal());
        var isFollowed = subject is { Plan: not null }
            && subject.Status is not (SubscriptionStatus.Incomplete or SubscriptionStatus.IncompleteExpired);
        if (isFollowed)
        {
            await FollowPlan(job.Key, subject!, subject!.Plan!.Value, known, cancellationToken);
        }

        if (!await IsRestricted(job.Org, cancellationToken))
        {
            await (isFollowed
                ? FollowState(job, subject!, known, cancellationToken)
                : Release(job, all, cancellationToken));
        }
    }

    // Who disputes much gets no more on credit until the bank has decided.
    private async Task<bool> IsRestricted(OrgId org, CancellationToken cancellationToken)
    {
        if (await disputes.OpenMicros(org, cancellationToken) <= options.DisputedMicrosMax)
        {
            return false;
        }

        await standing.Move(org, BillingStatus.PastDue, Actor, "payments are disputed", cancellationToken);
        return true;
    }

    private async Task Release(
        FollowAccountJob job, IReadOnlyList<SubscriptionRow> all, CancellationToken cancellationToken)
    {
        if (all.Count == 0 && await disputes.OpenMicros(job.Org, cancellationToken) == 0)
        {
            await standing.Move(job.Org, BillingStatus.Active, Actor, "no payment is disputed any more", cancellationToken);
        }
    }

    private async Task FollowPlan(
        BillingAccountKey account,
        SubscriptionRow subject,
        PlanVersionId version,
        FollowedAccount? known,
        CancellationToken cancellationToken)
    {
        var catalogue = await plans.Catalogue(cancellationToken);
        if (catalogue.Find(version) is not { } plan || subject is not { PeriodStart: { } start, PeriodEnd: { } end })
        {
            await Tell(account, subject, "Its plan or its period is not known.", cancellationToken);
            return;
        }

        var isPaid = await subscriptions.IsPaid(subject, cancellationToken);
        for (var step = 1; step <= StepsMax; step++)
        {
            var now = await clock.Now(account.Org, cancellationToken);
            var said = Said(account, subject, plan, new Period(start, end), known, isPaid, now - time.GetUtcNow());
            var next = PlanFollowing.Next(said, await plans.Of(account, cancellationToken), now);
            if (next is PlanStep.None)
            {
                await followed.Remember(account, subject, time.GetUtcNow(), cancellationToken);
                return;
            }

            if (await Do(next, account, cancellationToken) is not AssignOutcome.Done)
            {
                break;
            }
        }

        await Tell(account, subject, "Plans did not follow it; see what is assigned.", cancellationToken);
    }

    // A provider's instants are the system's; those of plans are the organisation's, which may be elsewhere in a test.
    private static FollowedSubscription Said(
        BillingAccountKey account,
        SubscriptionRow subject,
        PlanVersion plan,
        Period period,
        FollowedAccount? known,
        bool isPaid,
        TimeSpan ahead)
    {
        DateTimeOffset Here(DateTimeOffset instant) => QuarterHour.Of(instant + ahead);
        var trial = subject.Status == SubscriptionStatus.Trialing ? subject.TrialEnd : null;
        return new FollowedSubscription(
            account,
            plan,
            new Period(Here(period.Start), Here(period.End)),
            trial is { } trialEnd ? Here(trialEnd) : null,
            subject.Status.IsTerminal(),
            subject.EndsWithPeriod || subject.IsPaused || subject.Status is SubscriptionStatus.Unpaid or SubscriptionStatus.Paused,
            isPaid,
            known?.ChangesAt is { } at && known.ChangesTo == plan.Id ? Here(at) : null,
            known?.Subscription == subject.Id && known.Plan is not null,
            $"follows {subject.Id}");
    }

    private Task<AssignOutcome> Do(PlanStep step, BillingAccountKey account, CancellationToken cancellationToken) => step switch
    {
        PlanStep.Assign(var request) => plans.Assign(request, Actor, cancellationToken),
        PlanStep.Change(var request) => plans.Change(request, Actor, cancellationToken),
        PlanStep.End(var request) => plans.Cancel(request, Actor, cancellationToken),
        PlanStep.Resume(var assignment) => plans.Resume(account.Org, assignment, Actor, cancellationToken),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    // The organisation stands as the best of its accounts does.
    private async Task FollowState(
        FollowAccountJob job, SubscriptionRow subject, FollowedAccount? known, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var isLate = subject.Status is SubscriptionStatus.PastDue or SubscriptionStatus.Unpaid;
        var since = isLate ? known?.PastDueSince ?? now : (DateTimeOffset?)null;
        await followed.SetPastDue(job.Key, since, now, cancellationToken);
        if (subject.Status == SubscriptionStatus.PastDue && since is { } begun && begun + options.PastDueGrace > now)
        {
            await AskAgain(job, begun + options.PastDueGrace, cancellationToken);
            return;
        }

        if (StateOf(await subscriptions.Statuses(job.Org, cancellationToken)) is { } status)
        {
            await standing.Move(job.Org, status, Actor, $"{subject.Id} is {Word.Of(subject.Status)}", cancellationToken);
        }
    }

    private BillingStatus? StateOf(IReadOnlyList<SubscriptionStatus> all) =>
        all.Any(one => one is SubscriptionStatus.Active or SubscriptionStatus.Trialing or SubscriptionStatus.Paused)
            ? BillingStatus.Active
            : all.Any(one => one is SubscriptionStatus.PastDue or SubscriptionStatus.Unpaid)
                ? BillingStatus.PastDue
                : all.Contains(SubscriptionStatus.Incomplete) || !options.CanceledBlocks
                    ? null
                    : BillingStatus.Canceled;

    private async Task AskAgain(FollowAccountJob job, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var later = new FollowAccountLaterJob(job.Org, job.BillingAccount);
        await jobs.Enqueue(transaction, later, later.Terms(at), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private async Task Tell(
        BillingAccountKey account, SubscriptionRow subject, string reason, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var locked = await locks.Take(transaction, account, cancellationToken);
        var finding = new NewFinding(FindingKinds.PlanNotFollowed, subject.ProviderId, reason, null, null) { MayRecur = true };
        await findings.Add(locked, finding, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}
