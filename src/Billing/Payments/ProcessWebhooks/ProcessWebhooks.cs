using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Accounts;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>
/// Goes through stored news. (1) Takes what is due; (2) reads it; (3) finds whose it is; (4) applies it, several events and
/// accounts in a transaction, all of an account in order; where that fails, each event alone; (5) asks the provider what
/// could not be told, outside, and applies those again; (6) puts back what cannot be applied now.
/// </summary>
internal sealed class ProcessWebhooks(
    NpgsqlDataSource database,
    Inbox inbox,
    IPaymentProviders providers,
    FindAccounts accounts,
    AccountLock locks,
    ApplyEvent apply,
    AskProvider asking,
    Guardrails guardrails,
    Jobs jobs,
    PaymentsOptions options,
    TimeProvider time,
    ILogger<ProcessWebhooks> logger)
{
    /// <summary>The pump's name, and the channel on which news of news comes.</summary>
    public const string Channel = "payments.webhooks";

    private const int AskedMax = 3;

    /// <summary>Makes a transaction succeed only if the work is still this replica's.</summary>
    public delegate Task Guard(NpgsqlTransaction transaction, CancellationToken cancellationToken);

    /// <summary>One step of the pump.</summary>
    public async Task<bool> Step(PumpTurn turn, CancellationToken cancellationToken)
    {
        var claimed = await inbox.Claim(turn.Shards, WebhookLimits.EventsPerStep, cancellationToken);
        if (claimed.Count > 0)
        {
            await Run(claimed, turn.Guard, cancellationToken);
        }

        return claimed.Count > 0;
    }

    /// <summary>Goes through events that were taken.</summary>
    public async Task Run(IReadOnlyList<InboxEvent> claimed, Guard guard, CancellationToken cancellationToken)
    {
        var (readable, endings) = Read(claimed);
        var found = new List<InboxEvent>(readable.Count);
        endings.AddRange(await accounts.Of(readable, found, cancellationToken));
        var applied = await Task.WhenAll(Lanes(found, options.NewsSideBySide).Select(lane => Task.Run(
            () => RunLane(lane, guard, cancellationToken), cancellationToken)));
        endings.AddRange(applied.SelectMany(lane => lane));
        await PutBack(endings, cancellationToken);
        jobs.Hint();
    }

    private (List<InboxEvent> Readable, List<EventEnding> Endings) Read(IReadOnlyList<InboxEvent> claimed)
    {
        var (readable, endings) = (new List<InboxEvent>(claimed.Count), new List<EventEnding>());
        foreach (var one in claimed)
        {
            if (providers.Of(one.Place.Mode) is not { } provider || provider.Name != one.Place.Provider)
            {
                endings.Add(new EventEnding(one, new EventEffect.Refused("no_provider", "Its provider is not configured.")));
            }
            else if (one.Payload is null)
            {
                endings.Add(new EventEnding(one, new EventEffect.Refused(Final.Forgotten, "What it said is forgotten.")));
            }
            else if (provider.ReadEvent(one.Payload, out var unreadable) is { Subject: { } subject })
            {
                readable.Add(one with { Subject = subject, Payload = null });
            }
            else
            {
                endings.Add(new EventEnding(
                    one,
                    unreadable is null ? EventEffect.Done.Ignored : new EventEffect.Refused(Final.Unreadable, unreadable)));
            }
        }

        return (readable, endings);
    }

    // All of an account in one lane, in the order they came; lanes of about the same length.
    private static List<InboxEvent>[] Lanes(List<InboxEvent> found, int count)
    {
        var lanes = Enumerable.Range(0, count).Select(_ => new List<InboxEvent>()).ToArray();
        var groups = found
            .GroupBy(one => one.Account)
            .OrderBy(group => group.Key?.Org.Value)
            .ThenBy(group => group.Key?.Account.Value);
        foreach (var group in groups)
        {
            lanes.MinBy(lane => lane.Count)!.AddRange(group);
        }

        return lanes;
    }

    private async Task<List<EventEnding>> RunLane(List<InboxEvent> lane, Guard guard, CancellationToken cancellationToken)
    {
        var endings = new List<EventEnding>(lane.Count);
        foreach (var slice in lane.Chunk(WebhookLimits.EventsPerTransaction))
        {
            foreach (var ending in await RunSlice(slice, guard, cancellationToken))
            {
                endings.Add(await AskAndRunAgain(ending, guard, cancellationToken));
            }
        }

        return endings;
    }

    private async Task<EventEnding> AskAndRunAgain(EventEnding ending, Guard guard, CancellationToken cancellationToken)
    {
        for (var asked = 1; ending.Effect is EventEffect.NeedsProvider needed; asked++)
        {
            if (asked > AskedMax)
            {
                return ending with
                {
                    Effect = new EventEffect.Refused("unsettled", "It changed each time the provider had been asked."),
                };
            }

            var one = ending.Event;
            try
            {
                one = await asking.About(ending.Event, needed, cancellationToken);
            }
            catch (ProviderSilentException silent)
            {
                return ending with { Effect = new EventEffect.Refused("provider_silent", silent.Message) };
            }

            ending = (await RunSlice([one], guard, cancellationToken)).FirstOrDefault(
                new EventEnding(one, EventEffect.Done.Unchanged));
        }

        return ending;
    }

    private async Task<IReadOnlyList<EventEnding>> RunSlice(
        IReadOnlyList<InboxEvent> slice, Guard guard, CancellationToken cancellationToken)
    {
        try
        {
            return await RunTogether(slice, guard, cancellationToken);
        }
        catch (Exception failure) when (slice.Count > 1 && IsOfAnEvent(failure, cancellationToken))
        {
            Log.WebhooksApart(logger, failure);
            var endings = new List<EventEnding>();
            foreach (var one in slice)
            {
                endings.AddRange(await RunSlice([one], guard, cancellationToken));
            }

            return endings;
        }
        catch (Exception failure) when (IsOfAnEvent(failure, cancellationToken))
        {
            // The one place where what an event did wrong becomes its state; the log has the rest.
            Log.WebhookThrew(logger, slice[0].Id, slice[0].Type, slice[0].Attempt, failure);
            return [new EventEnding(slice[0], new EventEffect.Refused("threw", ErrorText.Of(failure)))];
        }
    }

    private static bool IsOfAnEvent(Exception failure, CancellationToken cancellationToken) =>
        failure is not LeaseLostException && !cancellationToken.IsCancellationRequested;

    // Locks: the events, then all accounts in order; what is below an account is nobody else's then. The books are locked
    // by organisation, in the same order, and by nobody who does not hold the account.
    private async Task<IReadOnlyList<EventEnding>> RunTogether(
        IReadOnlyList<InboxEvent> slice, Guard guard, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var mine = await Inbox.Lock(transaction, slice, cancellationToken);
        var keys = mine.Select(one => one.Account).OfType<BillingAccountKey>().Distinct().ToArray();
        var locked = await locks.TakeMany(transaction, keys, cancellationToken);
        var endings = new List<EventEnding>(mine.Count);
        foreach (var one in mine)
        {
            var effect = one.Account is { } key
                ? await apply.Run(locked[key].Anew(), one, cancellationToken)
                : await apply.RunWithoutAccount(transaction, one, cancellationToken);
            endings.Add(new EventEnding(one, effect));
        }

        var done = endings
            .Where(ending => ending.Effect is EventEffect.Done)
            .Select(ending => (ending.Event, ((EventEffect.Done)ending.Effect).Word))
            .ToArray();
        if (done.Length > 0)
        {
            await inbox.Finish(transaction, done, cancellationToken);
        }

        await guard(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return endings;
    }

    private async Task PutBack(List<EventEnding> endings, CancellationToken cancellationToken)
    {
        var failed = new List<(InboxEvent, string, bool)>();
        foreach (var (one, effect) in endings)
        {
            if (effect is not EventEffect.Refused(var code, var reason))
            {
                continue;
            }

            Log.WebhookNotApplied(logger, one.Id, one.Type, one.Attempt, code, reason);
            Tell(one, code);
            failed.Add((one, $"{code}: {reason}", Final.All.Contains(code)));
        }

        // Nothing of what an unfollowed event says is anybody's: it is done with where it lies.
        var ignored = endings.Where(ending => ending.Event.Subject is null && ending.Effect is EventEffect.Done).ToArray();
        if (ignored.Length > 0)
        {
            await FinishIgnored(ignored, cancellationToken);
        }

        if (failed.Count > 0)
        {
            await inbox.PutBack(failed, cancellationToken);
        }
    }

    private async Task FinishIgnored(EventEnding[] ignored, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var mine = await Inbox.Lock(transaction, [.. ignored.Select(ending => ending.Event)], cancellationToken);
        await inbox.Finish(
            transaction, [.. mine.Select(one => (one, EventEffect.Done.Ignored.Word))], cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private void Tell(InboxEvent one, string code)
    {
        guardrails.Met(Guardrails.WebhookProcessingFailed, code);
        if (code == PaymentsProblems.CorrelationMismatch.Code)
        {
            guardrails.Met(Guardrails.CorrelationMismatch);
        }

        if (one.Attempt > 1)
        {
            var age = (time.GetUtcNow() - one.ReceivedAt).TotalSeconds;
            guardrails.Met(Guardrails.WebhookFailureRetry, Guardrails.AgeSeconds, age);
        }

        if (Inbox.IsLast(one))
        {
            guardrails.Met(Guardrails.WebhookReplayFailed, code);
        }
    }

    private static class Final
    {
        public const string Forgotten = "payload_forgotten";
        public const string Unreadable = "unreadable";

        public static readonly HashSet<string> All = new(StringComparer.Ordinal) { Forgotten, Unreadable };
    }
}
