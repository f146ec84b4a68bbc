using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>The history of an organisation's calls, as lists and as files.</summary>
internal static class ReadHistory
{
    /// <summary><c>GET /v1/usage/history</c>.</summary>
    public static async Task<Results<Ok<Page<HistoryItem>>, Problem>> List(
        Parameters<HistoryRequest> parameters,
        ReadRequests requests,
        OrganisationClock clock,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var (org, asked) = (context.Caller().RequiredOrg, parameters.Value);
        if (HistoryRange.Of(asked.From, asked.To, await clock.Now(org, cancellationToken)) is not { } range)
        {
            return InvalidRange();
        }

        var limit = new PageLimit(Math.Min(asked.Limit.Rows, Limits.HistoryRowsMax));
        var search = new RequestSearch(
            limit, asked.Cursor, range.Start, range.End, asked.Model, asked.Key, Status: asked.Status);
        var rows = await requests.Search(org, search, limit.RowsToFetch, cancellationToken);
        return TypedResults.Ok(Page.Of(
            rows, limit, stored => (stored.Row.OccurredAt, stored.Row.Call.Id), HistoryItem.Of));
    }

    /// <summary><c>GET /v1/usage/export</c>.</summary>
    public static async Task<IResult> Export(
        Parameters<ExportRequest> parameters,
        ReadRequests requests,
        OrganisationClock clock,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var (org, asked) = (context.Caller().RequiredOrg, parameters.Value);
        if (HistoryRange.Of(asked.From, asked.To, await clock.Now(org, cancellationToken)) is not { } range)
        {
            return InvalidRange();
        }

        var search = new RequestSearch(
            new PageLimit(PageLimit.RowsMax), null, range.Start, range.End, asked.Model, asked.Key, Status: asked.Status);
        return File(requests, org, search, asked.Format == HistoryFormat.Csv, cancellationToken);
    }

    /// <summary>Calls as a file, written while they are read.</summary>
    public static IResult File(
        ReadRequests requests, OrgId org, RequestSearch search, bool isCsv, CancellationToken cancellationToken)
    {
        var items = Items(requests, org, search, cancellationToken);
        return TypedResults.Stream(
            to => isCsv
                ? HistoryFile.WriteCsv(to, items, cancellationToken)
                : HistoryFile.WriteJson(to, items, cancellationToken),
            isCsv ? "text/csv; charset=utf-8" : "application/json",
            isCsv ? "usage.csv" : "usage.json");
    }

    /// <summary>What is said of a range that is none.</summary>
    public static Problem InvalidRange() => new(
        InferenceProblems.InvalidUsageRange,
        $"from must lie before to, at most {Limits.HistoryLongest.TotalDays} days, and both from {Limits.HistoryEarliest.Year} on "
            + $"and before {Limits.HistoryLatest.Year}.");

    // Page by page: nobody's slow reading holds a connection of the database.
    private static async IAsyncEnumerable<HistoryItem> Items(
        ReadRequests requests,
        OrgId org,
        RequestSearch search,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var pages = 0; pages < Limits.ExportPagesMax; pages++)
        {
            var rows = await requests.Search(org, search, PageLimit.RowsMax, cancellationToken);
            foreach (var stored in rows)
            {
                yield return HistoryItem.Of(stored);
            }

            if (rows.Count < PageLimit.RowsMax)
            {
                yield break;
            }

            search = search with { Cursor = new((rows[^1].Row.OccurredAt, rows[^1].Row.Call.Id)) };
        }

        throw new InvalidOperationException($"An export came to more than {Limits.ExportPagesMax} pages.");
    }
}
