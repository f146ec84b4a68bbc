using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Payments.Internal;

/// <summary>
/// Finds whose an event is: by what this program wrote on it, else by the subscription, payment or invoice it names, else
/// by its customer. What is known of the ids it names must not say otherwise.
/// </summary>
internal sealed class FindAccounts(
    NpgsqlDataSource database, ProviderIds providerIds, Organisations organisations, IPaymentProviders providers)
{
    private const string AccountsSql = """
        select org_id, customer_id, billing_account_id from payments.customers
        where (org_id, customer_id) in (select * from unnest($1::uuid[], $2::uuid[]))
        union all
        select org_id, subscription_id, billing_account_id from payments.subscriptions
        where (org_id, subscription_id) in (select * from unnest($1::uuid[], $2::uuid[]))
        union all
        select org_id, invoice_id, billing_account_id from payments.invoices
        where (org_id, invoice_id) in (select * from unnest($1::uuid[], $2::uuid[]))
        union all
        select org_id, payment_id, billing_account_id from payments.payments
        where (org_id, payment_id) in (select * from unnest($1::uuid[], $2::uuid[]))
        union all
        select org_id, checkout_id, billing_account_id from payments.checkouts
        where (org_id, checkout_id) in (select * from unnest($1::uuid[], $2::uuid[]))
        """;

    /// <summary>Finds all at once; whoever needs no account passes as it is.</summary>
    public async Task<IReadOnlyList<EventEnding>> Of(
        IReadOnlyList<InboxEvent> events, List<InboxEvent> found, CancellationToken cancellationToken)
    {
        var named = events.ToDictionary(one => one.Id, one => NamesOf(one).ToArray());
        var places = await Places(named.Values.SelectMany(names => names), cancellationToken);
        var accounts = await Existing(events, places.Values, cancellationToken);
        var endings = new List<EventEnding>();
        foreach (var one in events)
        {
            if (one.Subject is ProviderEventSubject.Payout)
            {
                found.Add(one);
                continue;
            }

            var known = named[one.Id]
                .Select(name => places.TryGetValue(name, out var place) ? place : (BillingAccountKey?)null)
                .OfType<BillingAccountKey>()
                .Distinct()
                .ToArray();
            var written = ProviderMetadata.AccountOf(ProviderMetadata.Of(one.Subject));
            var account = written is { } key && accounts.Contains(key) ? key : known.FirstOrDefault();
            var refusal = await WhyNot(one, account, written, known, cancellationToken);
            if (refusal is null)
            {
                found.Add(one with { Account = account });
            }
            else if (account == default && one.Attempt >= WebhookLimits.UnownedAttemptsMax && MovedNothing(one.Subject))
            {
                // Somebody's card was declined on a page, before there was anything to name. Nobody has to look at that.
                endings.Add(new EventEnding(one with { Subject = null }, EventEffect.Done.Ignored));
            }
            else
            {
                endings.Add(new EventEnding(one with { Account = account == default ? null : account }, refusal));
            }
        }

        return endings;
    }

    private static bool MovedNothing(ProviderEventSubject? subject) =>
        subject is ProviderEventSubject.Payment { Value.Status: not ProviderPaymentStatus.Succeeded };

    private async Task<EventEffect.Refused?> WhyNot(
        InboxEvent one,
        BillingAccountKey account,
        BillingAccountKey? written,
        BillingAccountKey[] known,
        CancellationToken cancellationToken)
    {
        if (account == default)
        {
            return new EventEffect.Refused(
                "account_unknown",
                written is null ? "Nothing it names is known here." : "It names a billing account that is not here.");
        }

        if (Array.Exists(known, other => other != account))
        {
            return new EventEffect.Refused(
                PaymentsProblems.CorrelationMismatch.Code, "What it names belongs to another account than it says.");
        }

        return await providers.ModeOf(account.Org, cancellationToken) == one.Place.Mode
            ? null
            : new EventEffect.Refused("mode_mismatch", "Its organisation is of the other mode.");
    }

    // In the order in which they are believed: the object itself, what it belongs to, whose it is.
    private static IEnumerable<(string Kind, ProviderPlace Place, string Id)> NamesOf(InboxEvent one)
    {
        var names = one.Subject switch
        {
            ProviderEventSubject.Checkout({ } value) =>
                [(ProviderIds.Checkout, value.Id), (ProviderIds.Customer, value.Customer)],
            ProviderEventSubject.Subscription({ } value) =>
                [(ProviderIds.Subscription, value.Id), (ProviderIds.Customer, value.Customer)],
            ProviderEventSubject.Invoice({ } value) =>
            [
                (ProviderIds.Invoice, value.Id), (ProviderIds.Subscription, value.Subscription),
                (ProviderIds.Customer, value.Customer),
            ],
            ProviderEventSubject.Payment({ } value) =>
            [
                (ProviderIds.Payment, value.Id), (ProviderIds.Invoice, value.Invoice),
                (ProviderIds.Customer, value.Customer),
            ],
            ProviderEventSubject.PaymentMethod({ } value, _, var owner) =>
                [(ProviderIds.Customer, value.Customer ?? owner)],
            ProviderEventSubject.Customer({ } value) => [(ProviderIds.Customer, value.Id)],
            ProviderEventSubject.Refund({ } value) =>
                [(ProviderIds.Payment, value.Payment), (ProviderIds.Charge, value.Charge)],
            ProviderEventSubject.Dispute({ } value) =>
                [(ProviderIds.Payment, value.Payment), (ProviderIds.Charge, value.Charge)],
            _ => Array.Empty<(string Kind, string? Id)>(),
        };
        return names.Where(name => name.Id is { Length: > 0 }).Select(name => (name.Kind, one.Place, name.Id!));
    }

    private async Task<Dictionary<(string, ProviderPlace, string), BillingAccountKey>> Places(
        IEnumerable<(string Kind, ProviderPlace Place, string Id)> names, CancellationToken cancellationToken)
    {
        var rows = new Dictionary<(string, ProviderPlace, string), DirectoryPlace>();
        foreach (var group in names.Distinct().GroupBy(name => (name.Kind, name.Place)))
        {
            var ids = group.Select(name => name.Id).ToArray();
            foreach (var (id, place) in await providerIds.Find(group.Key.Kind, group.Key.Place, ids, cancellationToken))
            {
                rows.Add((group.Key.Kind, group.Key.Place, id), place);
            }
        }

        if (rows.Count == 0)
        {
            return [];
        }

        await using var command = database.Sql(
            AccountsSql,
            rows.Values.Select(place => place.Org.Value).ToArray(),
            rows.Values.Select(place => place.RowId).ToArray());
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var accounts = new Dictionary<DirectoryPlace, BillingAccountKey>();
        while (await reader.ReadAsync(cancellationToken))
        {
            var org = new OrgId(reader.GetGuid(0));
            accounts[new DirectoryPlace(org, reader.GetGuid(1))] =
                new BillingAccountKey(org, new BillingAccountId(reader.GetGuid(2)));
        }

        return rows.Where(pair => accounts.ContainsKey(pair.Value))
            .ToDictionary(pair => pair.Key, pair => accounts[pair.Value]);
    }

    private async Task<HashSet<BillingAccountKey>> Existing(
        IReadOnlyList<InboxEvent> events, IEnumerable<BillingAccountKey> known, CancellationToken cancellationToken)
    {
        var written = events
            .Select(one => ProviderMetadata.AccountOf(ProviderMetadata.Of(one.Subject)))
            .OfType<BillingAccountKey>()
            .Distinct()
            .ToArray();
        var there = written.Length == 0 ? null : await organisations.FindBillingAccounts(written, cancellationToken);
        return [.. known, .. there?.Keys ?? []];
    }
}
