using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Payments;
using Quoin.Platform;

namespace Quoin.ConsolePages.HandleDeadLetters;

/// <summary>The page of what was given up, as it is asked for.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Scope"><c>all</c> for all organisations.</param>
/// <param name="Said">What was just done.</param>
internal sealed record DeadLetterRequest(OrgId? Org = null, string? Scope = null, string? Said = null);

/// <summary>What of payments was given up, or fails again and again.</summary>
/// <param name="IsAll">Whether of all organisations, and of what belongs to none.</param>
/// <param name="News">The provider's news, newest first.</param>
/// <param name="Remediations">What was to be ended at the provider.</param>
/// <param name="Jobs">Background work.</param>
/// <param name="Said">What was just done, or why nothing was; null nothing.</param>
/// <param name="IsComplaint">Whether nothing was.</param>
public sealed record DeadLetterModel(
    bool IsAll,
    IReadOnlyList<WebhookEventAnswer> News,
    IReadOnlyList<RemediationAnswer> Remediations,
    IReadOnlyList<QueuedJob> Jobs,
    string? Said,
    bool IsComplaint);

/// <summary>Shows what was given up, and has it tried again or laid aside.</summary>
internal sealed class DeadLetterPages(DeadLetters letters)
{
    /// <summary><c>GET /console/finance/dead-letters</c>.</summary>
    public static Task<IResult> Show(
        Parameters<DeadLetterRequest> parameters,
        Visits visits,
        DeadLetterPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        frame => pages.Shown(frame, parameters.Value, Said(parameters.Value.Said), false, cancellationToken),
        cancellationToken);

    /// <summary><c>POST /console/finance/dead-letters</c>.</summary>
    public static Task<IResult> Act(
        Parameters<DeadLetterRequest> parameters,
        Visits visits,
        DeadLetterPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            var complaint = form.IsText("reason", Quoin.Payments.Limits.ReasonCharactersMax)
                ? await pages.Do(frame, form, cancellationToken)
                : "Say why, in one line.";
            return complaint is null
                ? PostedForm.SeeOther(
                    context,
                    frame.To(Places.DeadLetters, ("scope", parameters.Value.Scope), ("said", form["act"])))
                : await pages.Shown(frame, parameters.Value, complaint, true, cancellationToken);
        },
        cancellationToken);

    private async Task<IResult> Shown(
        Frame frame, DeadLetterRequest request, string? said, bool isComplaint, CancellationToken cancellationToken)
    {
        var isAll = request.Scope == "all";
        OrgId? org = isAll ? null : frame.RequiredOrg.Id;
        var dead = await letters.News(org, WebhookState.Dead, null, Limits.RowsPerPage, cancellationToken);
        var failed = await letters.News(org, WebhookState.Failed, null, Limits.RowsPerPage, cancellationToken);
        var ended = await letters.Remediations(org, RemediationStatus.DeadLetter, null, Limits.RowsPerPage, cancellationToken);
        var failing = await letters.Remediations(org, RemediationStatus.Failed, null, Limits.RowsPerPage, cancellationToken);
        return frame.Page<DeadLettersView, DeadLetterModel>(
            new(
                isAll,
                [.. dead, .. failed],
                [.. ended, .. failing],
                await letters.DeadJobs(org, Limits.RowsPerPage, cancellationToken),
                said,
                isComplaint),
            isComplaint ? StatusCodes.Status409Conflict : StatusCodes.Status200OK);
    }

    private async Task<string?> Do(Frame frame, PostedForm form, CancellationToken cancellationToken)
    {
        var (reason, actor) = (form["reason"], frame.Caller.Actor);
        var isDiscard = form["act"] == "discard";
        if (Id.TryParse<WebhookEventId>(form["id"], out var news))
        {
            return Complaint(isDiscard
                ? await letters.Discard(news, reason, actor, cancellationToken)
                : await letters.Replay(news, reason, actor, cancellationToken));
        }

        // A remediation is its organisation's: the form names it, whichever is looked at.
        if (Id.TryParse<RemediationId>(form["id"], out var remediation) && Id.TryParse<OrgId>(form["owner"], out var owner))
        {
            return Complaint(isDiscard
                ? await letters.Discard(owner, remediation, reason, actor, cancellationToken)
                : await letters.Retry(owner, remediation, reason, actor, cancellationToken));
        }

        return "Press one of the buttons.";
    }

    private static string? Said(string? act) => act switch
    {
        "retry" => "It is tried again. What fails once more comes back here.",
        "discard" => "It is laid aside and changed nothing. The audit log says why.",
        _ => null,
    };

    private static string? Complaint(DeadLetterOutcome outcome) => outcome switch
    {
        DeadLetterOutcome.Done => null,
        DeadLetterOutcome.NotThere => "Meanwhile it is done with or at work, or what it said is forgotten. Nothing changed.",
        _ => "It is not there.",
    };
}
