using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>The form of a statement.</summary>
internal enum StatementFormat
{
    /// <summary>A page of entries.</summary>
    Json,

    /// <summary>All entries, a line each.</summary>
    Csv,
}

/// <summary>Which statement.</summary>
/// <param name="Id">The account, or the account of a grant.</param>
/// <param name="Limit">How many entries; the CSV form has all of them.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="From">Recorded at or after; left out, from the beginning.</param>
/// <param name="To">Recorded before; left out, to the last entry there is.</param>
/// <param name="Format">The form; left out, as the <c>Accept</c> header asks.</param>
internal sealed record StatementRequest(
    AccountId Id,
    PageLimit Limit,
    Cursor<(TransferId Transfer, int Ordinal)>? Cursor = null,
    DateTimeOffset? From = null,
    DateTimeOffset? To = null,
    StatementFormat? Format = null);

/// <summary>A page of an account's statement, oldest entry first.</summary>
/// <param name="Account">The account.</param>
/// <param name="BillingAccount">Whose chart.</param>
/// <param name="Kind">What the account is for.</param>
/// <param name="From">The first instant of the statement; null where it has all from the beginning.</param>
/// <param name="To">The first instant after it; null where it has all to the last entry there is.</param>
/// <param name="OpeningBalance">What stood on the account before the first entry of the statement.</param>
/// <param name="ClosingBalance">What stood on it after the last one, on whatever page that is.</param>
/// <param name="Entries">The entries of this page; each with the balance after it.</param>
/// <param name="NextCursor">Passed as <c>cursor</c> it gives the next page; null on the last one.</param>
internal sealed record StatementAnswer(
    AccountId Account,
    BillingAccountId BillingAccount,
    AccountKind Kind,
    DateTimeOffset? From,
    DateTimeOffset? To,
    Money OpeningBalance,
    Money ClosingBalance,
    IReadOnlyList<EntryRow> Entries,
    string? NextCursor);

/// <summary><c>GET /v1/ledger/accounts/{id}/statement</c>.</summary>
internal static class ReadStatement
{
    private const string CsvType = "text/csv";

    public static async Task<IResult> Handle(
        Parameters<StatementRequest> parameters,
        Ledger ledger,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var org = context.Caller().RequiredOrg;
        var period = new Period(request.From ?? DateTimeOffset.UnixEpoch, request.To ?? DateTimeOffset.MaxValue);
        if (period.Start >= period.End || period.Start < DateTimeOffset.UnixEpoch)
        {
            return new Problem(PlatformProblems.InvalidParameter, "'from' must lie before 'to', and not before 1970.");
        }

        var accounts = await ledger.Balances(org, null, cancellationToken);
        if (accounts.FirstOrDefault(one => one.Id == request.Id) is not { } account)
        {
            return Answers.NoSuch(request.Id);
        }

        var opening = await Before(ledger, org, account, period.Start, cancellationToken);
        if (IsCsv(request.Format, context.Request))
        {
            var statement = ledger.Statement(org, account.Id, period, cancellationToken);
            return TypedResults.Stream(
                to => StatementCsv.Write(to, opening, statement, cancellationToken),
                $"{CsvType}; charset=utf-8; header=present",
                $"{account.Id}.csv");
        }

        var after = ReadEntries.PositionOf(request.Cursor);
        var rows = await ledger.Statement(org, account.Id, period, after, request.Limit.RowsToFetch, cancellationToken);
        var page = Page.Of(
            rows, request.Limit, entry => (entry.Position.Transfer, (int)entry.Position.Ordinal), ReadEntries.Row);
        return TypedResults.Ok(new StatementAnswer(
            account.Id,
            account.BillingAccount,
            account.Kind,
            request.From,
            request.To,
            opening,
            await Before(ledger, org, account, period.End, cancellationToken),
            page.Data,
            page.NextCursor));
    }

    // Both bounds of a period are told by what was recorded before them: PostgreSQL keeps whole microseconds.
    private static async Task<Money> Before(
        Ledger ledger, OrgId org, AccountBalance account, DateTimeOffset instant, CancellationToken cancellationToken)
    {
        var chart = await ledger.BalancesAt(
            org, account.BillingAccount, instant.AddTicks(-TimeSpan.TicksPerMicrosecond), cancellationToken);
        return chart.FirstOrDefault(one => one.Id == account.Id)?.Balance ?? Money.Zero(account.Balance.Currency);
    }

    private static bool IsCsv(StatementFormat? format, HttpRequest request) => format is null
        ? request.GetTypedHeaders().Accept.Any(accepted => accepted.MediaType.Equals(CsvType, StringComparison.OrdinalIgnoreCase))
        : format == StatementFormat.Csv;
}
