using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Quoin.Inference.Internal;

/// <summary>The calls this replica is delivering; says every so often that they live, all in one go.</summary>
internal sealed class RunningCalls(
    IAdmission admission, InferenceOptions options, TimeProvider time, ILogger<RunningCalls> logger) : BackgroundService
{
    private readonly ConcurrentDictionary<CallId, Entry> calls = new();

    /// <summary>Notes a call until what is returned is disposed.</summary>
    /// <param name="call">The call.</param>
    /// <param name="answering">The model that answers it; null while none does.</param>
    /// <param name="delivered">Tells what was delivered so far; asked from another thread.</param>
    public IDisposable Add(ModelCall call, ProviderModel? answering, Func<ModelUsage> delivered)
    {
        var entry = new Entry(this, call, answering, delivered);
        calls[call.Id] = entry;
        return entry;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.RenewEvery, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            RunningCall[] lives = [.. calls.Values.Select(entry => entry.Running())];
            if (lives.Length == 0)
            {
                continue;
            }

            try
            {
                await admission.Renew(lives, stoppingToken);
            }
            catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
            {
                // Their reservations last three times as long as this pause: the next turn is in time.
                Log.RenewFailed(logger, exception, lives.Length);
            }
        }
    }

    private sealed class Entry(RunningCalls owner, ModelCall call, ProviderModel? answering, Func<ModelUsage> delivered) : IDisposable
    {
        public RunningCall Running() => new(call, delivered()) { Answering = answering };

        // Whoever has noted the call anew since goes on.
        public void Dispose() => owner.calls.TryRemove(KeyValuePair.Create(call.Id, this));
    }
}
