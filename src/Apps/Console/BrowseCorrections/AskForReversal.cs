using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;

namespace Quoin.ConsolePages.BrowseCorrections;

/// <summary>Which transfer.</summary>
/// <param name="Transfer">Its id.</param>
/// <param name="Org">The organisation.</param>
internal sealed record ReversalRequest(TransferId Transfer, OrgId? Org = null);

/// <summary>Asks for a transfer's reversal, from the form on its page.</summary>
internal static class AskForReversal
{
    private const string KeyPrefix = "console:";

    /// <summary><c>POST /console/transfers/{transfer}/reversal</c>.</summary>
    public static Task<IResult> Handle(
        Parameters<ReversalRequest> parameters,
        Visits visits,
        Corrections corrections,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            var transfer = parameters.Value.Transfer;
            var asked = new NewCorrection(
                transfer, CorrectionKind.Reversal, KeyPrefix + form["form"], form["reason"], form["evidence"], Legs: []);
            var outcome = await corrections.Request(
                frame.RequiredOrg.Id, asked, frame.Caller.Actor, cancellationToken);
            return outcome switch
            {
                CorrectionRequestOutcome.Requested(var correction, _) =>
                    PostedForm.SeeOther(context, frame.To(Places.Of(correction.Id))),
                CorrectionRequestOutcome.NoSuchTransfer => frame.NotFound("transfer"),
                _ => frame.Page<RefusedReversalView, RefusedReversal>(
                    new(transfer, CorrectionText.Complaint(outcome)!), StatusCodes.Status409Conflict),
            };
        },
        cancellationToken);
}

/// <summary>A reversal that could not be asked for.</summary>
/// <param name="Transfer">Of which transfer.</param>
/// <param name="Why">Why not.</param>
public sealed record RefusedReversal(TransferId Transfer, string Why);
