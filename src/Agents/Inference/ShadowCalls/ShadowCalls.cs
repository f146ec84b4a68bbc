using System.Globalization;
using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>
/// Copies a share of plain calls to deployments that are tried out, once another deployment has answered. Nobody gets what
/// they answer and nobody is charged; what they used is written down as the operator's. What the queue has no room for is
/// not copied: a copy never makes a call wait.
/// </summary>
internal sealed class ShadowCalls(
    IEnumerable<IModelProvider> providers,
    CallPrices prices,
    OrganisationClock clock,
    GenAiTelemetry telemetry,
    NpgsqlDataSource database,
    TimeProvider time,
    ILogger<ShadowCalls> logger) : BackgroundService
{
    private static readonly HeaderDictionary NoHeaders = [];

    private readonly Channel<ShadowCall> queue = Channel.CreateBounded<ShadowCall>(Limits.ShadowsQueuedMax);
    private long queuedBytes;

    /// <summary>Copies a call that was answered to those who are to get it.</summary>
    public void Offer(PreparedCall call)
    {
        var share = WeightedChoice.KeyOf(call.Call.Id.Value) % 100;
        foreach (var candidate in call.Candidates.Shadows)
        {
            if (share < (ulong)candidate.Deployment.ShadowPercent
                && Volatile.Read(ref queuedBytes) + call.Body.Length <= Limits.ShadowBytesQueuedMax
                && CopyOf(call, candidate) is { } body)
            {
                Interlocked.Add(ref queuedBytes, body.Length);
                if (!queue.Writer.TryWrite(new ShadowCall(call, candidate, body)))
                {
                    Interlocked.Add(ref queuedBytes, -body.Length);
                }
            }
        }
    }

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, Limits.ShadowsAtOnceMax).Select(_ => Work(stoppingToken)));

    // The call's own memory goes back to its pool before the copy is sent.
    private static byte[]? CopyOf(PreparedCall call, Candidate candidate)
    {
        try
        {
            return call.BodyFor(candidate).ToArray();
        }
        catch (RefusedRequestException)
        {
            return null;
        }
    }

    private async Task Work(CancellationToken stoppingToken)
    {
        await foreach (var shadow in queue.Reader.ReadAllAsync(stoppingToken))
        {
            Interlocked.Add(ref queuedBytes, -shadow.Body.Length);
            if (!shadow.Watch.Circuit.TryEnter(out var permit))
            {
                continue;
            }

            // Whatever becomes of one copy, the next is made: an end of this loop would be the host's.
            try
            {
                var startedAt = time.GetTimestamp();
                var (outcome, usage) = await Ask(shadow, permit, stoppingToken);
                await Write(shadow, outcome, usage, time.GetElapsedTime(startedAt), stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                Log.ShadowNotWritten(logger, shadow.Call.Call.Id, failure);
            }
        }
    }

    private async Task<(string Outcome, ModelUsage Usage)> Ask(
        ShadowCall shadow, CircuitPermit permit, CancellationToken stoppingToken)
    {
        var (call, candidate, body) = shadow;
        var deployment = candidate.Deployment;
        using var patience = new Patience(deployment.Timeouts, time, stoppingToken);
        using var asking = new Asking(call, candidate, permit, telemetry, time);
        try
        {
            var request = new ProviderRequest(
                deployment,
                candidate.Protocol,
                ProviderAct.Answer,
                body,
                IsNative: false,
                IsStream: false,
                NoHeaders,
                QueryString.Empty)
            {
                Leaving = patience.Leaving,
            };
            using var response = await providers.First(one => one.Kinds.Contains(deployment.Provider.Kind))
                .Send(request, patience.Token);
            if (!response.IsSuccessStatusCode)
            {
                var status = (int)response.StatusCode;
                var word = status.ToString(CultureInfo.InvariantCulture);
                if (Dispatch.IsOfRequest(status))
                {
                    asking.Refused(word);
                }
                else
                {
                    asking.Failed(word, status, response.Headers.RetryAfter?.Delta);
                }

                return (word, ModelUsage.None);
            }

            asking.Began();
            patience.Renew();
            var answer = await PlainDelivery.ReadAll(response, patience, Limits.AnswerBytesMax);
            var usage = UsageRules.Find(candidate.Protocol, answer.WrittenSpan) ?? ModelUsage.None;
            asking.Ended(CallStatus.Succeeded, usage);
            return ("succeeded", usage);
        }
        catch (RefusedRequestException)
        {
            return ("unsayable", ModelUsage.None);
        }
        catch (Exception exception) when (Dispatch.IsOfProvider(exception) && !stoppingToken.IsCancellationRequested)
        {
            var word = exception is OperationCanceledException ? "timeout" : "broken_off";
            asking.Failed(word, null, null);
            return (word, ModelUsage.None);
        }
    }

    private const string WriteSql = """
        insert into inference.shadow_calls (
            org_id, request_id, provider, provider_model, outcome, input_tokens, output_tokens, currency, provider_micros,
            total_micros, occurred_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8::text, $9::numeric, $10, $11)
        on conflict do nothing
        """;

    private async Task Write(
        ShadowCall shadow, string outcome, ModelUsage usage, TimeSpan total, CancellationToken cancellationToken)
    {
        var call = shadow.Call.Call;
        var name = shadow.Candidate.Deployment.Name;
        var priced = usage.IsNone
            ? null
            : await prices.Price(
                call, null, name, usage, await clock.Now(call.Org, cancellationToken), cancellationToken);
        await using var command = database.Sql(
            WriteSql,
            call.Org.Value,
            call.Id.Value,
            name.Provider,
            name.Model,
            outcome,
            usage.AllInputTokens,
            usage.AllOutputTokens,
            priced?.Quote.Currency.ToString(),
            priced?.Quote.ProviderMicros,
            total.Ticks / TimeSpan.TicksPerMicrosecond,
            Instant.Now(time));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string PurgeSql = """
        delete from inference.shadow_calls
        where occurred_at < $1
        """;

    /// <summary>Forgets copies that nobody compares any more.</summary>
    public static async Task Purge(NpgsqlDataSource database, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(PurgeSql, now - Limits.ShadowsKeptFor);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private sealed record ShadowCall(PreparedCall Call, Candidate Candidate, byte[] Body)
    {
        public DeploymentWatch Watch => Candidate.Deployment.Watch!;
    }
}
