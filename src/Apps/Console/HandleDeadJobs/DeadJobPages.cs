using System.Globalization;
using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.HandleDeadJobs;

/// <summary>The page of jobs that failed for good, as it is asked for.</summary>
/// <param name="Org">The organisation that stands in the menu.</param>
/// <param name="After">The number of the last job of the page before.</param>
/// <param name="Said">What was just done.</param>
internal sealed record DeadJobsRequest(OrgId? Org = null, long? After = null, string? Said = null);

/// <summary>Jobs that failed for good, of all organisations.</summary>
/// <param name="Jobs">Oldest first.</param>
/// <param name="Next">Where the next page goes on; null on the last one.</param>
/// <param name="Said">What was just done, or why nothing was; null nothing.</param>
/// <param name="IsComplaint">Whether nothing was.</param>
public sealed record DeadJobsModel(IReadOnlyList<DeadJob> Jobs, long? Next, string? Said, bool IsComplaint);

/// <summary>Shows jobs that failed for good, and has them tried again or dropped.</summary>
internal static class DeadJobPages
{
    /// <summary><c>GET /console/stages/dead-jobs</c>.</summary>
    public static Task<IResult> Show(
        Parameters<DeadJobsRequest> parameters,
        Visits visits,
        DeadJobs jobs,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        frame => Shown(frame, jobs, parameters.Value.After ?? 0, Said(parameters.Value.Said), false, cancellationToken),
        cancellationToken);

    /// <summary><c>POST /console/stages/dead-jobs</c>.</summary>
    public static Task<IResult> Act(
        Parameters<DeadJobsRequest> parameters,
        Visits visits,
        DeadJobs jobs,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            var complaint = form.IsText("reason", JobLimits.ReasonLettersMax)
                ? await Do(frame, jobs, form, cancellationToken)
                : "Say why, in one line.";
            return complaint is null
                ? PostedForm.SeeOther(context, frame.To(Places.DeadJobs, ("said", form["act"])))
                : await Shown(frame, jobs, 0, complaint, true, cancellationToken);
        },
        cancellationToken);

    private static async Task<IResult> Shown(
        Frame frame, DeadJobs jobs, long after, string? said, bool isComplaint, CancellationToken cancellationToken)
    {
        var dead = await jobs.List(after, Limits.RowsPerPage + 1, cancellationToken);
        var page = dead.Take(Limits.RowsPerPage).ToArray();
        return frame.Page<DeadJobsView, DeadJobsModel>(
            new(page, dead.Count > page.Length ? page[^1].JobId : null, said, isComplaint),
            isComplaint ? StatusCodes.Status409Conflict : StatusCodes.Status200OK);
    }

    private static async Task<string?> Do(Frame frame, DeadJobs jobs, PostedForm form, CancellationToken cancellationToken)
    {
        if (!long.TryParse(form["job"], NumberStyles.None, CultureInfo.InvariantCulture, out var job))
        {
            return "Press one of the buttons.";
        }

        var (reason, actor) = (form["reason"], frame.Caller.Actor);
        var isDone = form["act"] == "drop"
            ? await jobs.Drop(job, reason, actor, IdempotentRequest.None, cancellationToken)
            : await jobs.Retry(job, reason, actor, IdempotentRequest.None, cancellationToken);
        return isDone ? null : "It is not there any more: meanwhile it was tried again, or dropped. Nothing changed.";
    }

    private static string? Said(string? act) => act switch
    {
        "retry" => "It is tried again. What fails once more comes back here.",
        "drop" => "It is dropped: what it was to do is not done. The audit log says why.",
        _ => null,
    };
}
