using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;

namespace Quoin.ConsolePages.BrowseCorrections;

/// <summary>A page of corrections.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="State">In this state, or <c>all</c>; left out, waiting for somebody.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record CorrectionsRequest(OrgId? Org = null, string? State = null, Cursor<CorrectionId>? Cursor = null);

/// <summary>One correction.</summary>
/// <param name="Correction">Its id.</param>
/// <param name="Org">The organisation.</param>
internal sealed record CorrectionPageRequest(CorrectionId Correction, OrgId? Org = null);

/// <summary>A page of corrections, newest first.</summary>
/// <param name="Corrections">The corrections.</param>
/// <param name="State">In this state; null is in any.</param>
/// <param name="Example">A transfer that could be corrected, for the command that asks; null where there is none.</param>
/// <param name="Cursor">Where it began; null for the first page.</param>
/// <param name="Next">Where the next one begins; null on the last.</param>
public sealed record CorrectionList(
    IReadOnlyList<Correction> Corrections, CorrectionState? State, TransferId? Example, string? Cursor, string? Next);

/// <summary>Shows corrections, and takes a person's decision about one.</summary>
internal static class CorrectionPages
{
    /// <summary>What an address calls corrections in any state.</summary>
    public const string All = "all";

    /// <summary><c>GET /console/corrections</c>.</summary>
    public static Task<IResult> List(
        Parameters<CorrectionsRequest> parameters,
        Visits visits,
        Corrections corrections,
        Ledger.Ledger ledger,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var (_, name, cursor) = parameters.Value;
            var org = frame.RequiredOrg.Id;
            CorrectionState? state = name == All
                ? null
                : Enum.GetValues<CorrectionState>().FirstOrDefault(one => one.Name() == name);
            var limit = new PageLimit(Limits.RowsPerPage);
            var rows = await corrections.Newest(
                org, new CorrectionFilter(Transfer: null, state), cursor?.Keys, limit.RowsToFetch, cancellationToken);
            var page = Page.Of(rows, limit, row => row.Id);
            var newest = rows.Count > 0
                ? []
                : await ledger.Transfers(org, new TransferFilter(), before: null, limit: 1, cancellationToken);
            return frame.Page<CorrectionsView, CorrectionList>(
                new(page.Data, state, newest.FirstOrDefault()?.Id, cursor?.ToString(), page.NextCursor));
        },
        cancellationToken);

    /// <summary><c>GET /console/corrections/{correction}</c>.</summary>
    public static Task<IResult> One(
        Parameters<CorrectionPageRequest> parameters,
        Visits visits,
        CorrectionReader reader,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        frame => Detail(frame, reader, parameters.Value.Correction, complaint: null, cancellationToken),
        cancellationToken);

    /// <summary>
    /// <c>POST /console/corrections/{correction}</c>. The gate lets no form of another site through, and the session's
    /// cookie does not travel with one.
    /// </summary>
    public static Task<IResult> Decide(
        Parameters<CorrectionPageRequest> parameters,
        Visits visits,
        Corrections corrections,
        CorrectionReader reader,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var id = parameters.Value.Correction;
            var form = await PostedForm.Read(context.Request, cancellationToken);
            if (!form.IsText("reason", Ledger.Limits.ReferenceLettersMax))
            {
                return await Detail(frame, reader, id, "Say why, in one line.", cancellationToken);
            }

            Func<OrgId, CorrectionId, string, string, CancellationToken, Task<CorrectionDecisionOutcome>>? decide =
                form["decision"] switch
                {
                    "approve" => corrections.Approve,
                    "reject" => corrections.Reject,
                    "withdraw" => corrections.Withdraw,
                    _ => null,
                };
            if (form["decision"] is "approve" or "reject" && !frame.Caller.May(Permission.LedgerCorrectApprove))
            {
                return await Detail(frame, reader, id, "You may ask for corrections, not decide them.", cancellationToken);
            }

            if (decide is null)
            {
                return await Detail(frame, reader, id, "Press one of the buttons.", cancellationToken);
            }

            var outcome = await decide(frame.RequiredOrg.Id, id, form["reason"], frame.Caller.Actor, cancellationToken);
            return CorrectionText.Complaint(outcome) is { } complaint
                ? await Detail(frame, reader, id, complaint, cancellationToken)
                : PostedForm.SeeOther(context, frame.To(Places.Of(id)));
        },
        cancellationToken);

    private static async Task<IResult> Detail(
        Frame frame, CorrectionReader reader, CorrectionId id, string? complaint, CancellationToken cancellationToken) =>
        await reader.Find(frame.RequiredOrg.Id, id, frame.Caller.Actor, complaint, cancellationToken) is { } detail
            ? frame.Page<CorrectionView, CorrectionDetail>(
                detail, complaint is null ? StatusCodes.Status200OK : StatusCodes.Status409Conflict)
            : frame.NotFound("correction");
}
