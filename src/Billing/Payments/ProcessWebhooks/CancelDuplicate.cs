using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>Ends a subscription that should not be there.</summary>
/// <param name="Org">Whose organisation.</param>
/// <param name="BillingAccount">Whose.</param>
/// <param name="Remediation">Which row says so.</param>
internal sealed record CancelDuplicate(OrgId Org, BillingAccountId BillingAccount, RemediationId Remediation) : IJobPayload
{
    /// <inheritdoc />
    public static string JobName => "payments.cancel_duplicate";
}

/// <summary>
/// Does so: (1) looks, under the account's lock, whether it is still a duplicate; (2) asks the provider to end it, always
/// with the same key, outside; (3) writes what came of it, once, with what follows. What the provider does not know, or had
/// ended already, is success.
/// </summary>
internal sealed class RunCancelDuplicate(
    NpgsqlDataSource database,
    AccountLock locks,
    SubscriptionStore subscriptions,
    Remediations remediations,
    IPaymentProviders providers,
    IPaymentFacts facts,
    Outbox outbox,
    ILogger<RunCancelDuplicate> logger)
{
    /// <summary>The key of the call: the same for every attempt, and for no other call.</summary>
    public static string KeyOf(RemediationRow row) =>
        "cancel_duplicate/" + Convert.ToHexStringLower(OrgDirectory.HashOf(
            $"{row.Place.Provider}/{row.Place.ModeWord}/{row.DuplicateProviderId}"));

    /// <summary>One attempt.</summary>
    public async Task Run(JobRun run, CancelDuplicate job, CancellationToken cancellationToken)
    {
        var (row, reason) = await Begin(run, job, cancellationToken);
        if (row is null || reason is not null)
        {
            return;
        }

        var failure = await Cancel(row, cancellationToken);
        await End(run, job, row, failure, cancellationToken);
        if (failure is not null)
        {
            throw new ProviderSilentException($"ending {row.DuplicateProviderId} came to {failure}");
        }
    }

    private async Task<(RemediationRow? Row, string? Resolution)> Begin(
        JobRun run, CancelDuplicate job, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await locks.Take(transaction, new BillingAccountKey(job.Org, job.BillingAccount), cancellationToken);
        var held = await subscriptions.OfAccount(account, cancellationToken);
        var row = await remediations.ById(account, job.Remediation, cancellationToken);
        if (row is null or { Status: RemediationStatus.Succeeded or RemediationStatus.Discarded })
        {
            return (null, null);
        }

        var duplicate = held.FirstOrDefault(one => one.Place == row.Place && one.ProviderId == row.DuplicateProviderId);
        var resolution = duplicate switch
        {
            { IsCurrent: true } => "it is the account's current one now",
            { Status: var status } when status.IsTerminal() => "it had ended already",
            _ => null,
        };
        await remediations.Mark(
            account,
            row with
            {
                Status = resolution is null ? RemediationStatus.InProgress : RemediationStatus.Succeeded,
                Attempts = row.Attempts + 1,
                LastAttemptAt = account.Now,
                ResolvedAt = resolution is null ? null : account.Now,
                Resolution = resolution,
            },
            cancellationToken);
        await (resolution is null
            ? run.Guard(transaction, cancellationToken)
            : run.Complete(transaction, cancellationToken));
        await transaction.CommitAsync(cancellationToken);
        return (row, resolution);
    }

    private async Task<ProviderFailure?> Cancel(RemediationRow row, CancellationToken cancellationToken)
    {
        if (providers.Of(row.Place.Mode) is not { } provider)
        {
            return new ProviderFailure(ProviderFailureCategory.Provider, "cancel_subscription", "No provider is configured.");
        }

        return await provider.CancelSubscription(row.DuplicateProviderId, KeyOf(row), cancellationToken) switch
        {
            ProviderOutcome<ProviderSubscription>.Done or ProviderOutcome<ProviderSubscription>.NotFound => null,
            ProviderOutcome<ProviderSubscription>.Rejected(var failure) => failure,
            ProviderOutcome<ProviderSubscription>.Unknown(var failure) => failure,
            var outcome => throw new InvalidOperationException($"A cancellation ended as {outcome}."),
        };
    }

    private async Task End(
        JobRun run, CancelDuplicate job, RemediationRow row, ProviderFailure? failure, CancellationToken cancellationToken)
    {
        var isLast = run.Attempt >= RemediationLimits.AttemptsMax;
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await locks.Take(transaction, new BillingAccountKey(job.Org, job.BillingAccount), cancellationToken);
        var held = await subscriptions.OfAccount(account, cancellationToken);
        await remediations.Mark(
            account,
            row with
            {
                Status = failure is null ? RemediationStatus.Succeeded
                    : isLast ? RemediationStatus.DeadLetter : RemediationStatus.Failed,
                Attempts = row.Attempts + 1,
                LastAttemptAt = account.Now,
                ResolvedAt = failure is null ? account.Now : null,
                Resolution = failure is null ? Remediations.EndedAtProvider : null,
                Error = failure is null
                    ? null
                    : ErrorText.Cut($"{failure.Category}: {failure.Message}", WebhookLimits.ErrorLettersMax),
            },
            cancellationToken);
        if (failure is null)
        {
            await Follow(account, held, row, cancellationToken);
            await run.Complete(transaction, cancellationToken);
        }
        else
        {
            await run.Guard(transaction, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        Tell(row, failure, isLast);
    }

    private async Task Follow(
        LockedAccount account, IReadOnlyList<SubscriptionRow> held, RemediationRow row, CancellationToken cancellationToken)
    {
        var duplicate = held.FirstOrDefault(one => one.Place == row.Place && one.ProviderId == row.DuplicateProviderId);
        await outbox.Publish(
            account.Transaction,
            account.Org,
            account.BillingAccount.ToString(),
            new DuplicateCanceled(account.BillingAccount, row.DuplicateProviderId, duplicate?.LatestInvoice, account.Now),
            row.OperationKey,
            cancellationToken);
        if (duplicate is not null)
        {
            await facts.DuplicateCanceled(account, duplicate, cancellationToken);
        }
    }

    private void Tell(RemediationRow row, ProviderFailure? failure, bool isLast)
    {
        if (failure is null)
        {
            Log.DuplicateCanceled(logger, row.Id, row.DuplicateProviderId);
        }
        else if (isLast)
        {
            Log.RemediationGivenUp(logger, row.Id, row.Attempts + 1, failure.Message);
        }
    }
}
