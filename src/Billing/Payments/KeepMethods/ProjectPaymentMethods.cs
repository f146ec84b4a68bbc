using Npgsql;
using Quoin.Payments.Internal;
using Quoin.Payments.KeepCustomers;
using Quoin.Platform;

namespace Quoin.Payments.KeepMethods;

/// <summary>
/// What news of methods and customers says, written beside what was asked for. One that was taken away never comes back; a
/// customer the provider lost takes its methods with it, and the next who needs a customer makes another.
/// </summary>
internal sealed class ProjectPaymentMethods(CustomerStore customers, MethodStore store) : IPaymentMethodNews
{
    private const string MethodKind = "payment_method_news";
    private const string CustomerKind = "customer_news";

    public async Task<EventEffect> MethodChanged(
        LockedAccount account,
        ProviderPlace place,
        ProviderEventSubject.PaymentMethod method,
        NewsSource source,
        CancellationToken cancellationToken)
    {
        if (method.Owner is not { } owner
            || await customers.ByProviderId(account, place, owner, cancellationToken) is not { } customer)
        {
            return EventEffect.Done.Ignored;
        }

        if (customer.BillingAccount != account.BillingAccount)
        {
            return new EventEffect.Refused("payment_method_of_another_account", "The payment method is another account's.");
        }

        var before = (await MethodStore.All(account, place, cancellationToken))
            .FirstOrDefault(row => row.ProviderId == method.Value.Id);
        if (before is { Status: PaymentMethodStatus.Detached } or null && method.IsDetached)
        {
            return EventEffect.Done.Unchanged;
        }

        // Of two in one second the one that takes away is the later: what is gone cannot change.
        if (before is { Status: PaymentMethodStatus.Detached }
            || (!method.IsDetached && Verdict(source, before?.News, before?.UpdatedAt ?? default) == NewsVerdict.Drop))
        {
            return EventEffect.Done.Older;
        }

        var news = source.Mark(before?.News);
        var row = method.IsDetached
            ? before! with { Status = PaymentMethodStatus.Detached, IsDefault = false, News = news }
            : store.RowOf(account, place, customer.Id, method.Value, before, news);
        await MethodStore.Save(account, row, cancellationToken);
        var sync = new MethodSync(MethodKind, MethodSyncStatus.Succeeded, source.Stamp?.Id, null, 1, IsWhole: false);
        await store.Record(account, place, customer.Id, sync, cancellationToken);
        return EventEffect.Done.Applied;
    }

    public async Task<EventEffect> CustomerChanged(
        LockedAccount account,
        ProviderPlace place,
        ProviderCustomer customer,
        NewsSource source,
        CancellationToken cancellationToken)
    {
        if (await customers.ByProviderId(account, place, customer.Id, cancellationToken) is not { } known
            || known.BillingAccount != account.BillingAccount)
        {
            return EventEffect.Done.Ignored;
        }

        var (stored, updatedAt) = await StampOf(account, known, cancellationToken);
        if (!customer.IsDeleted && Verdict(source, stored, updatedAt) == NewsVerdict.Drop)
        {
            return EventEffect.Done.Older;
        }

        await Mark(account, known, source.Mark(stored), cancellationToken);
        if (customer.IsDeleted)
        {
            await Lose(account, place, known, cancellationToken);
        }
        else if (known.IsActive)
        {
            await MethodStore.SetDefault(account, place, customer.DefaultPaymentMethod, cancellationToken);
        }

        var sync = new MethodSync(CustomerKind, MethodSyncStatus.Succeeded, source.Stamp?.Id, null, 0, IsWhole: false);
        await store.Record(account, place, known.Id, sync, cancellationToken);
        return EventEffect.Done.Applied;
    }

    private static async Task Lose(
        LockedAccount account, ProviderPlace place, CustomerRow customer, CancellationToken cancellationToken)
    {
        await ProviderCustomers.Retire(account, customer.Id, cancellationToken);
        foreach (var row in await MethodStore.All(account, place, cancellationToken))
        {
            if (row.IsUsable && row.Customer == customer.Id)
            {
                await MethodStore.Save(
                    account, row with { Status = PaymentMethodStatus.Detached, IsDefault = false }, cancellationToken);
            }
        }
    }

    // Within one second ids decide: a sync asks the provider for the whole anyway.
    private static NewsVerdict Verdict(NewsSource source, NewsStamp? stored, DateTimeOffset updatedAt) =>
        (source with { DecidesById = true }).Judge(stored, updatedAt, differs: true);

    private const string StampSql = """
        select last_event_at, last_event_id, last_reconciled_at, updated_at
        from payments.customers
        where org_id = $1
          and customer_id = $2
        for update
        """;

    private static async Task<(NewsStamp Stamp, DateTimeOffset UpdatedAt)> StampOf(
        LockedAccount account, CustomerRow customer, CancellationToken cancellationToken)
    {
        await using var command = account.Transaction.Sql(StampSql, account.Org.Value, customer.Id.Value);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return (
            new NewsStamp(reader.InstantOrNull(0), reader.TextOrNull(1), reader.InstantOrNull(2)),
            reader.Instant(3));
    }

    private const string MarkSql = """
        update payments.customers
        set last_event_at = $3,
            last_event_id = $4,
            last_reconciled_at = $5,
            updated_at = $6
        where org_id = $1
          and customer_id = $2
        """;

    private static Task Mark(
        LockedAccount account, CustomerRow customer, NewsStamp stamp, CancellationToken cancellationToken) => account.Transaction
        .Sql(
            MarkSql,
            account.Org.Value,
            customer.Id.Value,
            stamp.EventAt,
            stamp.EventId,
            stamp.ReconciledAt,
            account.Now)
        .Run(cancellationToken);
}
