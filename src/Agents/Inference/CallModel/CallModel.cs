using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>
/// The way of a call through the gateway.
/// <list type="number">
/// <item>The body is read once; only what must be known of it is looked at.</item>
/// <item>The model is found, and who may answer.</item>
/// <item>The money is asked for: what it can cost at most is reserved.</item>
/// <item>Providers are asked until one begins to answer.</item>
/// <item>The answer goes to the client; its reservation is renewed as long as that takes.</item>
/// <item>What was used is settled, whatever happened. A plain answer is sent meanwhile; a stream's last line comes after it.</item>
/// </list>
/// </summary>
internal sealed class CallModel(
    PrepareCall preparing,
    IAdmission admission,
    ISettlement settlement,
    Dispatch dispatch,
    RunningCalls running,
    TimeProvider time,
    ILogger<CallModel> logger)
{
    private const string CostHeader = "x-quoin-cost-micros";
    private const string BalanceHeader = "x-quoin-balance-micros";

    // What an answer that is given again can use.
    private static readonly UsageBounds Nothing = new(0, 0, 0);

    /// <summary>Handles a call in one protocol.</summary>
    public async Task Run(HttpContext context, Protocol protocol)
    {
        // 1
        using var body = await RequestBytes.Read(context.Request, context.RequestAborted);
        try
        {
            // 2
            var call = await preparing.Prepare(context, protocol, body.Memory);
            context.TraceIdentifier = call.Call.Id.ToString();
            context.Response.Headers["x-request-id"] = context.TraceIdentifier;
            if (call.Content is { Redacted: > 0 and var redacted })
            {
                context.Response.Headers["x-quoin-redacted"] = redacted.ToString(CultureInfo.InvariantCulture);
            }

            // 3
            var bounds = call.Content?.Cached is null ? call.Bounds : Nothing;
            switch (await admission.Admit(call.Call, bounds, context.RequestAborted))
            {
                case AdmissionOutcome.Refused refused:
                    await Refuse(context, refused);
                    break;
                case AdmissionOutcome.Admitted { Durable: var durable } when call.Content?.Cached is { } cached:
                    await (await durable is { } lost ? Refuse(context, lost) : Again(context, call, cached));
                    break;
                case AdmissionOutcome.Admitted admitted:
                    await Admitted(context, Bounded(call, admitted), new Clearance(call.Call, admitted.Durable, time));
                    break;
            }
        }
        catch (RefusedRequestException exception)
        {
            await new Problem(exception.Code, exception.Message).ExecuteAsync(context);
        }
    }

    private static PreparedCall Bounded(PreparedCall call, AdmissionOutcome.Admitted admitted) =>
        admitted.OutputTokensMax is { } allowed && allowed < call.Bounds.OutputTokensMost
            ? call with { OutputTokensMax = Math.Max(1, allowed / call.Head.Answers) }
            : call;

    /// <summary>Tells the client that its call may not be made.</summary>
    public static Task Refuse(HttpContext context, AdmissionOutcome.Refused refused) =>
        new Problem(refused.Code, refused.Detail, refused.RetryAfterSeconds).ExecuteAsync(context);

    private async Task Admitted(HttpContext context, PreparedCall call, Clearance clearance)
    {
        call = call with { Clearance = clearance };
        var ending = new CallEnding(CallStatus.ProviderFailed, null, ModelUsage.None);
        var isSettled = false;

        // Providers may think for minutes before they begin to answer.
        using var alive = running.Add(call.Call, answering: null, () => ModelUsage.None);
        try
        {
            // 4
            var outcome = await dispatch.Run(call, context.Request, context.RequestAborted);
            switch (outcome)
            {
                case DispatchOutcome.Opened(var answer):
                    using (answer)
                    {
                        // 5 and 6
                        isSettled = true;
                        await (answer.Events is null ? Plain(context, call, answer) : Stream(context, call, answer));
                    }

                    break;
                case DispatchOutcome.Refused(var answer):
                    using (answer)
                    {
                        ending = Ending(call, answer, CallStatus.ProviderFailed, ModelUsage.None);
                        await ProviderMistakes.Answer(context, call, answer);
                    }

                    break;
                case DispatchOutcome.Failed failed:
                    ending = ending with
                    {
                        ProviderStatus = failed.Status,
                        Attempts = failed.Attempts,
                        FailedAttempts = failed.FailedAttempts,
                    };
                    await new Problem(failed.Code, failed.Detail, failed.RetryAfterSeconds).ExecuteAsync(context);
                    break;
            }
        }
        catch (Exception exception) when (context.RequestAborted.IsCancellationRequested && Dispatch.IsOfProvider(exception))
        {
            // It may have been answered, and nobody will say; what was sent there is what is known.
            ending = clearance.Asked is { } asked
                ? new CallEnding(CallStatus.ClientGone, asked, CountedUsage.OfAnswer(call, asked, default)) { Attempts = 1 }
                : ending with { Status = CallStatus.ClientGone };
        }
        catch (RefusedRequestException) when (clearance.Refusal is { } refused)
        {
            await Refuse(context, refused);
        }
        finally
        {
            if (!isSettled && await clearance.IsGiven())
            {
                ending = ending with { Admitted = clearance.After, Total = time.GetUtcNow() - call.Call.StartedAt };
                await Durable(call.Call.Id, await settlement.Settle(call.Call, ending));
            }
        }
    }

    private async Task Plain(HttpContext context, PreparedCall call, ProviderAnswer answer)
    {
        var firstByte = time.GetUtcNow() - call.Call.StartedAt;
        PlainAnswer? plain = null;
        Settled settled;
        try
        {
            plain = PlainDelivery.Of(call, answer, logger);
        }
        finally
        {
            var ending = plain is { } whole
                ? Ending(call, answer, CallStatus.Succeeded, whole.Usage)
                : Ending(call, answer, CallStatus.BrokenOff, ModelUsage.None);
            settled = await settlement.Settle(call.Call, ending with { FirstByte = firstByte });
        }

        // Nobody waits for it: the settlement stands in line before whatever is reserved next, and is waited for when the host
        // stops. Should the host die, the reservation tells of the call. Only what is given again must have its cost first.
        var durable = Durable(call.Call.Id, settled);
        if (call.Content is { } content && plain is not null)
        {
            await durable;
            await content.Answered(call.Call, plain.Body, mayBeGivenAgain: !call.Call.IsStream && IsAsAsked(call));
        }

        await Answer(context, plain, answer, settled);
    }

    // A call as any other, of which nothing is owed.
    private async Task Again(HttpContext context, PreparedCall call, CachedAnswer cached)
    {
        var admitted = time.GetUtcNow() - call.Call.StartedAt;
        var saved = await call.Content!.Saved(call.Call);
        var answered = time.GetUtcNow() - call.Call.StartedAt;
        var ending = new CallEnding(CallStatus.Succeeded, null, ModelUsage.None)
        {
            Attempts = 0,
            Admitted = admitted,
            FirstByte = answered,
            Total = answered,
        };
        var settled = await settlement.Settle(call.Call, ending);
        try
        {
            await call.Content.Answered(call.Call, cached.Body, mayBeGivenAgain: false);
            var response = context.Response;
            if (call.Call.IsStream)
            {
                StreamDelivery.Open(response);
            }
            else
            {
                response.ContentType = "application/json";
                response.ContentLength = cached.Body.Length;
            }

            response.Headers[CostHeader] = "0";
            response.Headers["x-quoin-cache"] = "hit";
            response.Headers["x-quoin-saved-micros"] = Shown(saved);
            await response.Body.WriteAsync(cached.Body, context.RequestAborted);
            if (call.Call.IsStream)
            {
                await Tell(response, call, settled);
            }
        }
        finally
        {
            await Durable(call.Call.Id, settled);
        }
    }

    private static async Task Answer(HttpContext context, PlainAnswer? plain, ProviderAnswer answer, Settled settled)
    {
        if (plain is null)
        {
            var code = InferenceProblems.ProviderBrokeOff;
            await new Problem(code, code.Title).ExecuteAsync(context);
            return;
        }

        var response = context.Response;
        response.ContentType = "application/json";
        response.ContentLength = plain.Body.Length;
        Headers(response, answer, settled);
        await response.Body.WriteAsync(plain.Body, context.RequestAborted);
    }

    private async Task Stream(HttpContext context, PreparedCall call, ProviderAnswer answer)
    {
        var firstByte = time.GetUtcNow() - call.Call.StartedAt;
        using var delivery = new StreamDelivery(call, answer, logger);
        var status = CallStatus.BrokenOff;
        Settled settled;
        try
        {
            using (running.Add(call.Call, answer.Candidate.Deployment.Name, delivery.Used))
            {
                status = await delivery.Run(context);
            }
        }
        finally
        {
            var ending = Ending(call, answer, status, delivery.Total()) with { FirstByte = firstByte };
            answer.Response.Dispose();
            settled = await settlement.Settle(call.Call, ending);
            await Durable(call.Call.Id, settled);
        }

        if (call.Content is { } content)
        {
            await content.Streamed(call.Call, mayBeGivenAgain: status == CallStatus.Succeeded && IsAsAsked(call));
        }

        if (!context.RequestAborted.IsCancellationRequested)
        {
            await Tell(context.Response, call, settled);
        }
    }

    // Clients pass over comments; whoever wants to know the cost reads on after the last event.
    private static Task Tell(HttpResponse response, PreparedCall call, Settled settled) => response.WriteAsync(
        string.Create(
            CultureInfo.InvariantCulture,
            $": quoin request_id={call.Call.Id} cost_micros={Shown(settled.CostMicros)} balance_micros={settled.BalanceMicros}\n\n"),
        CancellationToken.None);

    // What a budget cut short is no answer for who has more.
    private static bool IsAsAsked(PreparedCall call) => call.OutputTokensMax is null;

    private CallEnding Ending(PreparedCall call, ProviderAnswer answer, CallStatus status, ModelUsage usage)
    {
        answer.Asking.Ended(status, usage);
        return new(status, answer.Candidate.Deployment.Name, usage)
        {
            ProviderStatus = answer.Status,
            ProviderRequestId = answer.RequestId,
            ToldMicros = answer.ToldMicros(usage),
            Attempts = answer.Attempt,
            Admitted = call.Clearance!.After,
            Asked = answer.AskedAt - call.Call.StartedAt,
            Responded = answer.RespondedAt - call.Call.StartedAt,
            FailedAttempts = answer.FailedAttempts,
            Total = time.GetUtcNow() - call.Call.StartedAt,
        };
    }

    private static void Headers(HttpResponse response, ProviderAnswer answer, Settled settled)
    {
        if (settled.CostMicros is { } cost)
        {
            response.Headers[CostHeader] = Shown(cost);
        }

        if (settled.BalanceMicros is { } balance)
        {
            response.Headers[BalanceHeader] = balance.ToString(CultureInfo.InvariantCulture);
        }

        foreach (var name in PassedHeaders.OfAnswers)
        {
            if (answer.Response.Headers.TryGetValues(name, out var values))
            {
                response.Headers[name] = values.ToArray();
            }
        }
    }

    private static string Shown(decimal? micros) => micros?.ToString("0.############", CultureInfo.InvariantCulture) ?? "";

    // What is not durable now is found again by whoever looks after reservations that nobody renews.
    private async Task Durable(CallId call, Settled settled)
    {
        try
        {
            await settled.Committed;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            Log.SettlementFailed(logger, exception, call);
        }
    }
}
