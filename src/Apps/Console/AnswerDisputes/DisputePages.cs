using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Payments;
using Quoin.Platform;

namespace Quoin.ConsolePages.AnswerDisputes;

/// <summary>A page of disputes, as it is asked for.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Status">Only in this status.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record DisputeListRequest(OrgId? Org = null, string? Status = null, Cursor<DisputeId>? Cursor = null);

/// <summary>One dispute, as it is asked for.</summary>
/// <param name="Dispute">Its id.</param>
/// <param name="Org">The organisation.</param>
/// <param name="Said">What was just done.</param>
internal sealed record DisputeRequest(DisputeId Dispute, OrgId? Org = null, string? Said = null);

/// <summary>Disputes, newest first.</summary>
/// <param name="Disputes">A page of them.</param>
/// <param name="Status">Only in this status; null in all.</param>
/// <param name="Now">What time it is, to say how long an answer is taken.</param>
/// <param name="Cursor">Where the page began; null on the first one.</param>
/// <param name="Next">Where the next one begins; null on the last one.</param>
public sealed record DisputeList(
    IReadOnlyList<Dispute> Disputes, DisputeStatus? Status, DateTimeOffset Now, string? Cursor, string? Next);

/// <summary>One dispute.</summary>
/// <param name="Dispute">The dispute.</param>
/// <param name="Now">What time it is.</param>
/// <param name="Said">What was just done, or why nothing was; null nothing.</param>
/// <param name="IsComplaint">Whether nothing was.</param>
public sealed record DisputeDetail(Dispute Dispute, DateTimeOffset Now, string? Said, bool IsComplaint);

/// <summary>Shows disputes, and has them answered.</summary>
internal sealed class DisputePages(DisputeDesk desk, TimeProvider time)
{
    private const int NameLettersMax = 200;
    private const int EmailLettersMax = 320;

    /// <summary><c>GET /console/finance/disputes</c>.</summary>
    public static Task<IResult> List(
        Parameters<DisputeListRequest> parameters,
        Visits visits,
        DisputePages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        frame => pages.Listed(frame, parameters.Value, cancellationToken),
        cancellationToken);

    /// <summary><c>GET /console/finance/disputes/{dispute}</c>.</summary>
    public static Task<IResult> One(
        Parameters<DisputeRequest> parameters,
        Visits visits,
        DisputePages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        frame => pages.Detail(
            frame, parameters.Value.Dispute, DisputeText.Said(parameters.Value.Said), false, cancellationToken),
        cancellationToken);

    /// <summary><c>POST /console/finance/disputes/{dispute}</c>: writes, adds a file, or sends.</summary>
    public static Task<IResult> Act(
        Parameters<DisputeRequest> parameters,
        Visits visits,
        DisputePages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            var id = parameters.Value.Dispute;
            var complaint = form["act"] switch
            {
                "write" => await pages.Write(frame, id, form, cancellationToken),
                "file" => await pages.Add(frame, id, form, cancellationToken),
                "submit" => DisputeText.Complaint(
                    await pages.Submit(frame, id, cancellationToken)),
                _ => "Press one of the buttons.",
            };
            return complaint is null
                ? PostedForm.SeeOther(context, frame.To(Places.Of(id), ("said", form["act"])))
                : await pages.Detail(frame, id, complaint, true, cancellationToken);
        },
        cancellationToken);

    private Task<EvidenceOutcome> Submit(Frame frame, DisputeId id, CancellationToken cancellationToken) =>
        desk.Submit(frame.RequiredOrg.Id, id, frame.Caller.Actor, cancellationToken);

    private async Task<IResult> Listed(Frame frame, DisputeListRequest request, CancellationToken cancellationToken)
    {
        var status = DeskText.Read<DisputeStatus>(request.Status);
        var limit = new PageLimit(Limits.RowsPerPage);
        var rows = await desk.Newest(
            frame.RequiredOrg.Id, status, request.Cursor?.Keys, limit.RowsToFetch, cancellationToken);
        var page = Page.Of(rows, limit, row => row.Id);
        return frame.Page<DisputesView, DisputeList>(
            new(page.Data, status, time.GetUtcNow(), request.Cursor?.ToString(), page.NextCursor));
    }

    private async Task<IResult> Detail(
        Frame frame, DisputeId id, string? said, bool isComplaint, CancellationToken cancellationToken) =>
        await desk.Find(frame.RequiredOrg.Id, id, cancellationToken) is { } dispute
            ? frame.Page<DisputeView, DisputeDetail>(
                new(dispute, time.GetUtcNow(), said, isComplaint),
                isComplaint ? StatusCodes.Status409Conflict : StatusCodes.Status200OK)
            : frame.NotFound("dispute");

    private async Task<string?> Write(Frame frame, DisputeId id, PostedForm form, CancellationToken cancellationToken)
    {
        // A form sends its line ends as two letters.
        var explanation = form["explanation"].ReplaceLineEndings("\n");
        if (explanation.Length is 0 or > Quoin.Payments.Limits.EvidenceCharactersMax
            || explanation.Contains('\0', StringComparison.Ordinal))
        {
            return $"Write 1 to {Format.Count(Quoin.Payments.Limits.EvidenceCharactersMax)} letters.";
        }

        var (name, email) = (FormText.Of(form["name"]), FormText.Of(form["email"]));
        if ((name is not null && !form.IsText("name", NameLettersMax)) || (email is not null && !form.IsText("email", EmailLettersMax)))
        {
            return "The customer's name or e-mail is too long.";
        }

        return DisputeText.Complaint(await desk.Write(
            frame.RequiredOrg.Id, id, explanation, name, email, frame.Caller.Actor, cancellationToken));
    }

    private async Task<string?> Add(Frame frame, DisputeId id, PostedForm form, CancellationToken cancellationToken)
    {
        if (form.File("file") is not { } file)
        {
            return "Choose a file.";
        }

        if (file.ContentType is not ("application/pdf" or "image/jpeg" or "image/png"))
        {
            return "A file is a PDF, a JPEG or a PNG.";
        }

        if (file.Length > Quoin.Payments.Limits.EvidenceFileBytesMax)
        {
            return "A file has at most 4.5 MB.";
        }

        var name = Path.GetFileName(file.FileName) is { Length: > 0 and <= NameLettersMax } given ? given : "evidence";
        using var content = new MemoryStream();
        await file.CopyToAsync(content, cancellationToken);
        return DisputeText.Complaint(await desk.Add(
            frame.RequiredOrg.Id, id, name, file.ContentType, content.ToArray(), frame.Caller.Actor, cancellationToken));
    }
}

/// <summary>What people read about disputes.</summary>
public static class DisputeText
{
    /// <summary>What was just done; null nothing.</summary>
    public static string? Said(string? act) => act switch
    {
        "write" => "It is written down, and not sent yet.",
        "file" => "The file is kept with its hash.",
        "submit" => "It is on its way to the bank. Nothing of it changes any more.",
        _ => null,
    };

    /// <summary>Why nothing was done; null when something was.</summary>
    public static string? Complaint(EvidenceOutcome outcome) => outcome switch
    {
        EvidenceOutcome.Standing => null,
        EvidenceOutcome.Closed => "The bank has decided. Nothing changed.",
        EvidenceOutcome.AlreadySubmitted => "It was answered, once and finally. Nothing changed.",
        EvidenceOutcome.NothingWritten => "Write first what speaks against the dispute.",
        EvidenceOutcome.TooManyFiles => $"A dispute takes {Quoin.Payments.Limits.EvidenceFilesMax} files.",
        _ => "There is no such dispute in this organisation.",
    };
}
