using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Quoin.Kernel;

namespace Quoin.Platform;

/// <summary>
/// The outermost middleware. In this order: names the request, sets the security headers, lets the rest run, and
/// gives every failure that has no body yet its problem. The one place where an exception becomes an answer.
/// </summary>
internal sealed class RequestPipeline(RequestDelegate next, IdSource ids, ILogger<RequestPipeline> logger)
{
    // What nginx calls a request whose client left before the answer; nobody receives it, metrics show it.
    private const int ClientClosedRequest = 499;

    public async Task InvokeAsync(HttpContext context)
    {
        var requestId = RequestId.Of(context.Request, ids);
        context.TraceIdentifier = requestId;
        Activity.Current?.SetTag("quoin.request_id", requestId);
        SecurityHeaders.Write(context);
        context.Response.Headers[RequestId.Header] = requestId;
        using var scope = logger.BeginScope(new RequestScope(requestId));
        try
        {
            await next(context);
            if (StatusProblems.For(context) is { } problem)
            {
                await ProblemPage.Answer(context, problem);
            }
        }
        catch (Exception exception) when (context.RequestAborted.IsCancellationRequested)
        {
            // A connection that breaks ends as several kinds of exception, none of them news. What else fails is a bug
            // that nobody is left to be told of, so the log is.
            if (exception is not (OperationCanceledException or IOException or BadHttpRequestException))
            {
                Tell(context, exception, ExceptionProblems.For(context, exception));
            }

            Leave(context);
        }
        catch (Exception exception)
        {
            await AnswerException(context, exception);
        }
    }

    private async Task AnswerException(HttpContext context, Exception exception)
    {
        var problem = ExceptionProblems.For(context, exception);
        Tell(context, exception, problem);
        if (context.Response.HasStarted)
        {
            // Half an answer is out. Cutting the connection tells the client so; ending it neatly would lie.
            context.Abort();
            return;
        }

        var allow = context.Response.Headers.Allow;
        context.Response.Clear();
        context.Response.Headers.Allow = allow;
        SecurityHeaders.Write(context);
        context.Response.Headers[RequestId.Header] = context.TraceIdentifier;
        await ProblemPage.Answer(context, problem);
    }

    private void Tell(HttpContext context, Exception exception, Problem problem)
    {
        if (problem.Code == PlatformProblems.InternalError)
        {
            HttpLog.Failed(logger, exception, context.Request.Method, context.Request.Path);
        }
        else if (problem.Code == PlatformProblems.DatabaseUnavailable)
        {
            HttpLog.DatabaseUnavailable(logger, exception.Message, context.Request.Method, context.Request.Path);
        }
    }

    private static void Leave(HttpContext context)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.StatusCode = ClientClosedRequest;
        }
    }
}
