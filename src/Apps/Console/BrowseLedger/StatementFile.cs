using System.Net.Mime;
using Microsoft.AspNetCore.Http;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;

namespace Quoin.ConsolePages.BrowseLedger;

/// <summary>Which statement, as a file.</summary>
/// <param name="Account">The account's id.</param>
/// <param name="Org">The organisation.</param>
/// <param name="Period"><c>30d</c>, <c>month</c>, <c>last_month</c> or <c>custom</c>.</param>
/// <param name="From">The first day of a custom period, UTC.</param>
/// <param name="To">Its last day.</param>
internal sealed record StatementFileRequest(
    AccountId Account, OrgId? Org = null, string? Period = null, string? From = null, string? To = null);

/// <summary>
/// A statement as a file, the same as the API's: the session's cookie names no organisation to the API, this address does.
/// </summary>
internal static class StatementFile
{
    /// <summary><c>GET /console/accounts/{account}/statement.csv</c>.</summary>
    public static Task<IResult> Show(
        Parameters<StatementFileRequest> parameters,
        Visits visits,
        Ledger.Ledger ledger,
        TimeProvider time,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var (id, _, name, from, to) = parameters.Value;
            var org = frame.RequiredOrg.Id;
            if (await StatementPages.Find(ledger, org, id, cancellationToken) is not { } account)
            {
                return frame.NotFound("account");
            }

            var covered = StatementPeriod.Read(name, from, to, time.GetUtcNow());
            var opening = await StatementPages.Before(ledger, org, account, covered.Period.Start, cancellationToken);
            var statement = ledger.Statement(org, id, covered.Period, cancellationToken);
            return TypedResults.Stream(
                body => StatementCsv.Write(body, opening, statement, cancellationToken),
                $"{MediaTypeNames.Text.Csv}; charset=utf-8; header=present",
                $"{id}-{covered.FromDay}-{covered.ToDay}.csv");
        },
        cancellationToken);
}
