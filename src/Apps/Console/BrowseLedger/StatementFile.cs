using System.Globalization;
using System.Net.Mime;
using System.Text;
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

/// <summary>A statement as a file for spreadsheets, oldest entry first, written while it is read.</summary>
internal static class StatementFile
{
    private const string Header =
        "recorded_at,occurred_at,transfer,kind,key,reference,currency,amount_micros,balance_after_micros\r\n";

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
            var (account, _, name, from, to) = parameters.Value;
            var org = frame.RequiredOrg.Id;
            var accounts = await ledger.Balances(org, billingAccount: null, cancellationToken);
            if (accounts.All(one => one.Id != account))
            {
                return frame.NotFound("account");
            }

            var covered = StatementPeriod.Read(name, from, to, time.GetUtcNow());
            var entries = ledger.Statement(org, account, covered.Period, cancellationToken);
            return TypedResults.Stream(
                body => Write(body, entries, cancellationToken),
                MediaTypeNames.Text.Csv,
                $"{account}-{covered.FromDay}-{covered.ToDay}.csv");
        },
        cancellationToken);

    private static async Task Write(Stream body, IAsyncEnumerable<Entry> entries, CancellationToken cancellationToken)
    {
        await using var writer = new StreamWriter(body, new UTF8Encoding(false), leaveOpen: true);
        await writer.WriteAsync(Header);
        await foreach (var entry in entries.WithCancellation(cancellationToken))
        {
            await writer.WriteAsync(string.Join(',',
                Rfc3339.Format(entry.RecordedAt),
                Rfc3339.Format(entry.OccurredAt),
                entry.Position.Transfer.ToString(),
                entry.Kind,
                Quoted(entry.Key),
                Quoted(entry.Reference),
                entry.Amount.Currency.Code,
                entry.Amount.Micros.ToString(CultureInfo.InvariantCulture),
                entry.BalanceAfter.Micros.ToString(CultureInfo.InvariantCulture)));
            await writer.WriteAsync("\r\n");
        }
    }

    // RFC 4180. What a spreadsheet would take for a formula gets an apostrophe before it (OWASP, CSV injection).
    private static string Quoted(string text)
    {
        var plain = text.Length > 0 && "=+-@\t\r".Contains(text[0], StringComparison.Ordinal) ? $"'{text}" : text;
        return $"\"{plain.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
