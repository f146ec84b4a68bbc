using Microsoft.AspNetCore.Http;
using Quoin.Tests.Support;
using Xunit.Abstractions;

namespace Quoin.Tests.EndToEnd.Agents;

/// <summary>
/// Calls come so fast that they draw on what is reserved ahead, and are made ready while that is on its way to the disk.
/// </summary>
public abstract class BusyGateway(TestDatabase database, ITestOutputHelper log) : KilledGateway(database, log)
{
    protected const string Watched = "watched";

    /// <summary>What keeps draws from reaching the disk.</summary>
    protected const string DrawsWait = "lock table limits.spend_draws in exclusive mode";

    private const string Quick = "quick";
    private const int Callers = 8;

    protected override Task Provide(HttpContext context, string body) => ScriptedModelProvider.Plain(context, Answer);

    /// <summary>How often the provider was asked.</summary>
    private protected int SeenOf(string stage) => Provider.Seen.Count(request => request.Body.Contains(stage, StringComparison.Ordinal));

    private protected async Task<IAsyncDisposable> KeepBusy()
    {
        var busy = new Busy(this);
        await Until("select count(*) > 0 from limits.spend_draws");
        return busy;
    }

    /// <summary>Callers who come back as soon as they are answered, whatever it is.</summary>
    private sealed class Busy : IAsyncDisposable
    {
        private readonly CancellationTokenSource stop = new();
        private readonly Task[] callers;

        public Busy(BusyGateway test) =>
            callers = [.. Enumerable.Range(0, Callers).Select(_ => KeepCalling(test))];

        public async ValueTask DisposeAsync()
        {
            await stop.CancelAsync();
            await Task.WhenAll(callers);
            stop.Dispose();
        }

        private async Task KeepCalling(BusyGateway test)
        {
            while (!stop.IsCancellationRequested)
            {
                using var answer = await test.Call(test.Replicas[0], Quick);
                await answer.Content.ReadAsByteArrayAsync(test.Patience);
            }
        }
    }
}
