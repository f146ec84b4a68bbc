using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;

namespace Quoin.Platform;

/// <summary>A page of dead jobs, oldest first.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record DeadJobsRequest(PageLimit Limit, Cursor<long>? Cursor = null);

/// <summary>Which job.</summary>
/// <param name="Job">Its id, such as <c>job_42</c>.</param>
internal sealed record DeadJobPath(string Job);

/// <summary>Why a dead job is tried again or dropped.</summary>
/// <param name="Reason">In the operator's words; it stands in the audit log.</param>
internal sealed record DeadJobReason(string Reason);

/// <summary>A job that failed for good.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">What kind of work it is.</param>
/// <param name="OrganisationId">The organisation it is about; null where it is about none.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="LastError">How the last attempt ended.</param>
/// <param name="EnqueuedAt">When it was asked for.</param>
internal sealed record DeadJobAnswer(
    string Id, string Name, OrgId? OrganisationId, int Attempts, string? LastError, DateTimeOffset EnqueuedAt)
{
    private const string Prefix = "job_";

    public static DeadJobAnswer Of(DeadJob job) =>
        new(IdOf(job.JobId), job.Name, job.Org, job.Attempts, job.LastError, job.EnqueuedAt);

    public static string IdOf(long number) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{number}");

    public static long? NumberOf(string id) =>
        id.StartsWith(Prefix, StringComparison.Ordinal)
            && long.TryParse(id.AsSpan(Prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}

/// <summary>Dead jobs, over HTTP, for operators.</summary>
internal static class DeadJobEndpoints
{
    /// <summary><c>GET /v1/dead-jobs</c>.</summary>
    public static async Task<Ok<Page<DeadJobAnswer>>> List(
        Parameters<DeadJobsRequest> parameters, DeadJobs jobs, CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var dead = await jobs.List(request.Cursor?.Keys ?? 0, request.Limit.RowsToFetch, cancellationToken);
        return TypedResults.Ok(Page.Of(dead, request.Limit, job => job.JobId, DeadJobAnswer.Of));
    }

    /// <summary><c>POST /v1/dead-jobs/{job}/retry</c>.</summary>
    public static Task<Results<NoContent, Problem>> Retry(
        Parameters<DeadJobPath> parameters,
        DeadJobReason body,
        DeadJobs jobs,
        HttpContext context,
        CancellationToken cancellationToken) => Do(jobs.Retry, parameters.Value, body, context, cancellationToken);

    /// <summary><c>POST /v1/dead-jobs/{job}/drop</c>.</summary>
    public static Task<Results<NoContent, Problem>> Drop(
        Parameters<DeadJobPath> parameters,
        DeadJobReason body,
        DeadJobs jobs,
        HttpContext context,
        CancellationToken cancellationToken) => Do(jobs.Drop, parameters.Value, body, context, cancellationToken);

    private static async Task<Results<NoContent, Problem>> Do(
        Func<long, string, string, IdempotentRequest, CancellationToken, Task<bool>> act,
        DeadJobPath path,
        DeadJobReason body,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var reason = body.Reason.Trim();
        if (InputText.Problem(reason, JobLimits.ReasonLettersMax) is { } wrong)
        {
            return new Problem(PlatformProblems.ReasonRefused, $"reason {wrong}.");
        }

        return DeadJobAnswer.NumberOf(path.Job) is { } number
            && await act(number, reason, context.Caller().Actor, context.IdempotentRequest(), cancellationToken)
            ? TypedResults.NoContent()
            : new Problem(PlatformProblems.NotFound, "There is no such dead job.");
    }
}
