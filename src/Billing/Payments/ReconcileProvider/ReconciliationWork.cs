using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>
/// One run at work: counts, and repairs under the account's lock, the run's number compared last before each commit.
/// </summary>
internal sealed class ReconciliationWork(
    ReconciliationRunRow begun,
    IPaymentProvider provider,
    Lease lease,
    NpgsqlDataSource database,
    AccountLock locks,
    ReconciliationRuns runs,
    IdSource ids,
    TimeProvider time,
    ILogger logger)
{
    private const int AskedMax = 3;

    /// <summary>The run with its counts so far.</summary>
    public ReconciliationRunRow Run { get; private set; } = begun;

    public IPaymentProvider Provider => provider;

    public ProviderPlace Place => Run.Place;

    /// <summary>Now, as it is compared with when rows were written.</summary>
    public DateTimeOffset Now() => Instant.Now(time);

    /// <summary>Keeps how far the list was gone through.</summary>
    public async Task Came(RunCursor? cursor, int scanned, CancellationToken cancellationToken)
    {
        Run = Run with { Cursor = cursor, Scanned = Run.Scanned + scanned };
        await runs.Checkpoint(Run, cancellationToken);
    }

    /// <summary>Ends the run.</summary>
    public async Task Finish(string? error, CancellationToken cancellationToken)
    {
        Run = Run with
        {
            Status = error is null ? ReconciliationStatus.Succeeded : ReconciliationStatus.Failed,
            FinishedAt = Now(),
            Error = error,
        };
        await runs.Checkpoint(Run, cancellationToken);
    }

    /// <summary>Counts what the provider did not say; the next run asks again.</summary>
    public void Unanswered() => Run = Run with { Failed = Run.Failed + 1 };

    /// <summary>Repairs a difference; what throws is told and does not hold up the rest.</summary>
    /// <param name="key">Whose it is.</param>
    /// <param name="found">What does not fit.</param>
    /// <param name="repair">
    /// Does it under the lock, looking again first; is given when subscriptions were made that it asked for.
    /// </param>
    /// <param name="cancellationToken">Stops it; nothing is half-written.</param>
    public async Task<bool> Repair(
        BillingAccountKey key,
        Difference found,
        Func<LockedAccount, IReadOnlyDictionary<string, DateTimeOffset>, Task<EventEffect>> repair,
        CancellationToken cancellationToken)
    {
        Run = Run with { Drift = Run.Drift + 1 };
        string error;
        try
        {
            switch (await Try(key, found, repair, cancellationToken))
            {
                case EventEffect.Done done:
                    Run = Run with { Repaired = Run.Repaired + (done == EventEffect.Done.Applied ? 1 : 0) };
                    return true;
                case EventEffect.Refused(var code, var reason):
                    error = $"{code}: {reason}";
                    break;
                default:
                    error = "the provider could not say what must be known";
                    break;
            }
        }
        catch (Exception failure) when (failure is not LeaseLostException && !cancellationToken.IsCancellationRequested)
        {
            Log.RepairFailed(logger, Run.Id, Word.Of(Run.Scope), found.Subject, failure);
            error = ErrorText.Of(failure);
        }

        Run = Run with { Failed = Run.Failed + 1 };
        await Record(key, found, error, cancellationToken);
        return false;
    }

    private async Task<EventEffect> Try(
        BillingAccountKey key,
        Difference found,
        Func<LockedAccount, IReadOnlyDictionary<string, DateTimeOffset>, Task<EventEffect>> repair,
        CancellationToken cancellationToken)
    {
        var known = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        for (var asked = 1; ; asked++)
        {
            var effect = await TryOnce(key, found, account => repair(account, known), cancellationToken);
            if (effect is not EventEffect.NeedsProvider { Subscriptions: [_, ..] needed } || asked > AskedMax)
            {
                return effect;
            }

            foreach (var id in needed)
            {
                if (await provider.Subscription(id, cancellationToken) is ProviderOutcome<ProviderSubscription>.Done(var said, _))
                {
                    known[id] = said.CreatedAt;
                }
            }
        }
    }

    private async Task<EventEffect> TryOnce(
        BillingAccountKey key,
        Difference found,
        Func<LockedAccount, Task<EventEffect>> repair,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await locks.Take(transaction, key, cancellationToken);
        var effect = await repair(account);
        if (effect is not EventEffect.Done)
        {
            return effect;
        }

        if (effect == EventEffect.Done.Applied)
        {
            await runs.Add(transaction, Finding(key, found, isRepaired: true, error: null), cancellationToken);
        }

        await ReconciliationRuns.Guard(transaction, Run, cancellationToken);
        await lease.Guard(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return effect;
    }

    private async Task Record(BillingAccountKey key, Difference found, string error, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await runs.Add(transaction, Finding(key, found, isRepaired: false, error), cancellationToken);
        await ReconciliationRuns.Guard(transaction, Run, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private ReconciliationFindingRow Finding(BillingAccountKey key, Difference found, bool isRepaired, string? error) => new(
        key.Org,
        ids.Next(),
        Run.Id,
        key.Account,
        found.Kind,
        found.Subject,
        found.Stored,
        found.Said,
        isRepaired,
        error is null ? null : ErrorText.Cut(error, WebhookLimits.ErrorLettersMax),
        Now());
}

/// <summary>What does not fit.</summary>
/// <param name="Kind">Of what: <c>checkout</c>, <c>subscription</c>, <c>invoice</c> or <c>payment</c>.</param>
/// <param name="Subject">The provider's id of it.</param>
/// <param name="Stored">How it stands here.</param>
/// <param name="Said">How it stands at the provider.</param>
internal readonly record struct Difference(string Kind, string Subject, string Stored, string Said);
