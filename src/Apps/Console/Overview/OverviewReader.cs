using System.Security.Cryptography;
using System.Text;
using Quoin.Charging;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Metering;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.ConsolePages.Overview;

/// <summary>Balances and the newest of everything, as they are at this instant.</summary>
/// <param name="Accounts">The charts of accounts; empty where the reader may not see the ledger.</param>
/// <param name="Entries">The newest ledger entries.</param>
/// <param name="Events">The newest events.</param>
/// <param name="Lines">The newest rated lines.</param>
/// <param name="Meters">All meters.</param>
public sealed record OverviewNow(
    IReadOnlyList<AccountBalance> Accounts,
    IReadOnlyList<Entry> Entries,
    IReadOnlyList<StoredEvent> Events,
    IReadOnlyList<RatedLine> Lines,
    IReadOnlyCollection<Meter> Meters)
{
    /// <summary>Changes when anything here does; the same on every replica.</summary>
    public string Tag { get; } = TagOf(Accounts, Entries, Events, Lines);

    private static string TagOf(
        IReadOnlyList<AccountBalance> accounts,
        IReadOnlyList<Entry> entries,
        IReadOnlyList<StoredEvent> events,
        IReadOnlyList<RatedLine> lines)
    {
        var text = new StringBuilder();
        foreach (var account in accounts)
        {
            text.Append(account.Id).Append(' ').Append(account.Balance.Micros).Append('\n');
        }

        text.Append(entries.FirstOrDefault()?.Position);
        text.Append(events.FirstOrDefault()?.Position);
        text.Append(lines.FirstOrDefault()?.Id);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..16];
    }
}

/// <summary>Usage that waits for a price, and what publishing one takes.</summary>
/// <param name="Usage">The usage.</param>
/// <param name="Meters">All meters.</param>
/// <param name="Book">The price book its price is missing in; null where there is none at all.</param>
public sealed record WaitingUsage(
    IReadOnlyList<UnpricedUsage> Usage,
    IReadOnlyCollection<Meter> Meters,
    PriceBook? Book);

/// <summary>Asks the billing modules for what the overview shows.</summary>
internal sealed class OverviewReader(
    Ledger.Ledger ledger,
    Metering.Metering metering,
    Charging.Charging charging,
    PriceBooks prices,
    OrganisationClock clock)
{
    private static readonly EntryFilter AllEntries = new(BillingAccount: null, Account: null, Transfer: null);

    public async Task<OverviewNow> Now(OrgId org, bool seesLedger, CancellationToken cancellationToken) => new(
        seesLedger ? await ledger.Balances(org, billingAccount: null, cancellationToken) : [],
        seesLedger ? await ledger.Entries(org, AllEntries, before: null, Limits.RowsLatest, cancellationToken) : [],
        await metering.Events(org, before: null, Limits.RowsLatest, cancellationToken),
        await charging.Lines(org, new LineFilter(null, null), before: null, Limits.RowsLatest, cancellationToken),
        await metering.Meters(cancellationToken));

    public async Task<OverviewRange> Range(OrgId org, OverviewRequest request, CancellationToken cancellationToken) =>
        OverviewRange.Read(
            request.Range, request.Window, request.From, request.To, await clock.Now(org, cancellationToken));

    public async Task<UsageOverTime> Usage(
        OrgId org, Currency currency, OverviewRange range, CancellationToken cancellationToken)
    {
        var query = new UsageQuery(range.Period, range.Window, [UsageOverTime.Dimension], BillingAccount: null);
        return UsageOverTime.Of(
            range,
            currency,
            await metering.Meters(cancellationToken),
            await metering.Usage(
                org, await metering.Bounded(org, query, cancellationToken), Metering.Limits.UsagePointsMax, cancellationToken),
            await charging.Spend(org, range.Period, range.Window, UsageOverTime.Dimension, cancellationToken));
    }

    public async Task<WaitingUsage> Waiting(OrgId org, Currency currency, CancellationToken cancellationToken)
    {
        var waiting = await charging.Unpriced(org, cancellationToken);
        var books = waiting.Count == 0 ? [] : await prices.Books(cancellationToken);
        return new WaitingUsage(
            waiting,
            await metering.Meters(cancellationToken),
            books.FirstOrDefault(book => book.IsDefault && book.Currency == currency));
    }
}
