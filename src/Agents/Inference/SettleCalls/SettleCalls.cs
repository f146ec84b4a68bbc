using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Accounts;
using Quoin.Inference.Internal;
using Quoin.Kernel;
using Quoin.Limiting;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>
/// Writes down what calls came to. Whoever waits for <see cref="Settled.Committed"/> knows that it is durable; where the
/// database is away, it is tried again for as long as the reservation may be believed, and after that the call is recovered
/// like one whose host died.
/// </summary>
internal sealed class SettleCalls : ISettlement, IAsyncDisposable
{
    private readonly CallJournal journal;
    private readonly CallPrices prices;
    private readonly UnpricedModels unpriced;
    private readonly Organisations organisations;
    private readonly Spending spending;
    private readonly WakeUps wakeUps;
    private readonly OrganisationClock clock;
    private readonly OpenCalls open;
    private readonly MoneyMetrics metrics;
    private readonly TimeProvider time;
    private readonly ILogger<SettleCalls> logger;
    private readonly CancellationTokenSource stopping = new();
    private readonly TaskCompletionSource drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int running = 1;

    public SettleCalls(
        CallJournal journal,
        CallPrices prices,
        UnpricedModels unpriced,
        Organisations organisations,
        Spending spending,
        WakeUps wakeUps,
        OrganisationClock clock,
        OpenCalls open,
        MoneyMetrics metrics,
        TimeProvider time,
        ILogger<SettleCalls> logger)
    {
        (this.journal, this.prices, this.unpriced, this.spending) = (journal, prices, unpriced, spending);
        (this.organisations, this.wakeUps, this.clock, this.open) = (organisations, wakeUps, clock, open);
        (this.metrics, this.time, this.logger) = (metrics, time, logger);
        metrics.Watch(() => spending.Waiting);
    }

    public async ValueTask<Settled> Settle(ModelCall call, CallEnding ending)
    {
        call = OutsideText.Fit(call);
        var known = open.Take(call.Id);
        SettleWork? work = null;
        try
        {
            work = await Prepare(call, ending, known);
        }
        catch (Exception failure) when (TransientFailure.Is(failure))
        {
            Log.NotSettledYet(logger, call.Id, 1, failure);
        }

        var committed = Finish(call, ending, known, work);
        open.AddSettling(call.Id, committed);
        return new Settled(work?.Row.QuotedMicros, known?.Balance?.Micros, committed);
    }

    /// <summary>Waits until all that is over is written down, or can no longer be.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        Leave();
        await drained.Task;
        stopping.Dispose();
    }

    private async Task Finish(ModelCall call, CallEnding ending, OpenCall? known, SettleWork? work)
    {
        Interlocked.Increment(ref running);
        try
        {
            bool? isTest = null;
            for (var tries = 1; ; tries++)
            {
                try
                {
                    work ??= await Prepare(call, ending, known);
                    isTest ??= await IsTest(call.Org);
                    if (await spending.Settle(work, journal, call.IsStream))
                    {
                        break;
                    }

                    Log.SettlementsFull(logger, call.Id, tries);
                }
                catch (Exception failure) when (TransientFailure.Is(failure))
                {
                    Log.NotSettledYet(logger, call.Id, tries, failure);
                }

                if (tries >= Limits.SettlementTriesMax || stopping.IsCancellationRequested)
                {
                    Log.NotSettled(logger, call.Id, tries);
                    throw new TimeoutException($"Call {call.Id} was not settled; it will be recovered.");
                }

                metrics.Retried();
                await Pause(tries);
            }

            metrics.Settled(work.Row, isTest == true);
            if (work.Untold is not null)
            {
                wakeUps.Hint(TellUsage.Pump);
            }

            await GiveBack(call, known, work);
        }
        finally
        {
            open.EndSettling(call.Id);
            Leave();
        }
    }

    private async ValueTask<bool> IsTest(OrgId org) =>
        (await organisations.Find(org, CancellationToken.None))?.Mode == OrganisationMode.Test;

    private async Task Pause(int tries)
    {
        var pause = Limits.SettlementRetryFirst * Math.Pow(2, tries - 1);
        await Task.Delay(
                pause < Limits.SettlementRetryLongest ? pause : Limits.SettlementRetryLongest, time, stopping.Token)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // The journal says that nothing is owed. Should this fail, the reservation lapses and is given back by what it says.
    private async Task GiveBack(ModelCall call, OpenCall? known, SettleWork work)
    {
        if (work.Change is SpendChange.AlreadyEnded or SpendChange.NotFound)
        {
            Log.SettledLate(logger, call.Id, work.Change.ToString());
        }

        if (known?.Hold is null || work.Settlement is not null || work.Row.Review is not null)
        {
            return;
        }

        try
        {
            await spending.Cancel(call.Org, call.Id.ToString(), CancellationToken.None);
        }
        catch (NpgsqlException failure)
        {
            Log.NotGivenBack(logger, call.Id, failure);
        }
    }

    private async ValueTask<SettleWork> Prepare(ModelCall call, CallEnding ending, OpenCall? known)
    {
        var policy = known?.Policy ?? KeyPolicy.Usual;
        var at = await clock.Now(call.Org, CancellationToken.None);
        var row = new RequestRow(call, policy.Project, policy.Tags, StoredWord.Of(ending.Status), at)
        {
            Answered = ending.Answered,
            Usage = ending.Usage,
            Currency = known?.Amount.Currency,
            ReservedMicros = known?.Amount.Micros ?? 0,
            Hold = known?.Hold is { Length: > 0 } hold ? hold : null,
            Attempts = ending.Attempts,
            ProviderStatus = ending.ProviderStatus,
            ToldMicros = ending.ToldMicros,
            ProviderRequestId = OutsideText.Fit(ending.ProviderRequestId),
            Admitted = ending.Admitted,
            Asked = ending.Asked,
            Responded = ending.Responded,
            FailedAttempts = ending.FailedAttempts,
            FirstByte = ending.FirstByte,
            Total = ending.Total,
        };
        if (ending.Usage.IsNone || ending.Answered is not { } answered)
        {
            return new SettleWork(row with { Usage = ModelUsage.None, QuotedMicros = 0, ProviderMicros = 0 }, null, null);
        }

        var priced = await prices.Price(call, policy.Project, answered, ending.Usage, at, CancellationToken.None);
        var work = await Decide(row, known, priced);
        return policy.Counters.Count == 0
            ? work
            : new SettleWork(work.Row, work.Settlement, work.Untold) { CountsFor = policy.Counters };
    }

    private async ValueTask<SettleWork> Decide(RequestRow row, OpenCall? known, PricedCall? priced)
    {
        var call = row.Call;
        if (priced is null)
        {
            return ToBeReviewed(row, known);
        }

        row = row.Priced(priced);
        if (priced.Unpriced.Count > 0)
        {
            return known?.IsFree ?? await unpriced.AreFree(call.Org, call.Model, CancellationToken.None)
                ? new SettleWork(row with { QuotedMicros = 0 }, null, null)
                : ToBeReviewed(row with { QuotedMicros = null }, known);
        }

        var settlement = known?.Hold is null
            ? null
            : new SpendSettlement(call.Org, call.Id.ToString(), CallPrices.Whole(priced.Quote.CustomerMicros))
            {
                Ticket = known.Ticket,
            };
        return new SettleWork(row, settlement, new Untold(priced.Data.ToJson()));
    }

    // It stays reserved meanwhile.
    private static SettleWork ToBeReviewed(RequestRow row, OpenCall? known) =>
        new(row with { Review = ReviewReason.NoPrice }, null, null) { Kept = known?.Ticket };

    private void Leave()
    {
        if (Interlocked.Decrement(ref running) == 0)
        {
            drained.TrySetResult();
        }
    }
}
