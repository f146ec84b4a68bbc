using System.Diagnostics;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Payments.KeepCustomers;
using Quoin.Platform;

namespace Quoin.Payments.KeepMethods;

/// <summary>Every way asking the provider for an account's methods can end.</summary>
internal abstract record MethodSyncOutcome
{
    private MethodSyncOutcome()
    {
    }

    /// <summary>What the provider said is written.</summary>
    public sealed record Synced(int Fetched, bool IsWhole, DateTimeOffset At) : MethodSyncOutcome;

    /// <summary>The account has no customer at the provider.</summary>
    public sealed record Skipped(DateTimeOffset At) : MethodSyncOutcome;

    /// <summary>The provider refused.</summary>
    public sealed record Refused(ProviderFailure Failure) : MethodSyncOutcome;

    /// <summary>The provider did not say.</summary>
    public sealed record Unknown(ProviderFailure Failure) : MethodSyncOutcome;
}

/// <summary>
/// Asks the provider how an account can pay, and writes it. What a part of a list lacks is not gone; what news wrote after
/// the provider was asked is newer than its answer.
/// </summary>
internal sealed class SyncMethods(
    NpgsqlDataSource database, AccountLock accounts, ProviderCustomers customers, MethodStore store, TimeProvider time)
{
    /// <summary>Asks and writes.</summary>
    public async Task<MethodSyncOutcome> Run(
        IPaymentProvider provider, PaymentMode mode, BillingAccountKey account, CancellationToken cancellationToken)
    {
        var place = new ProviderPlace(provider.Name, mode);
        if (await customers.Active(account, place, cancellationToken) is not { } customer)
        {
            return await Skip(account, place, null, cancellationToken);
        }

        var askedAt = Instant.Now(time);
        switch (await provider.Customer(customer.ProviderId, cancellationToken))
        {
            case ProviderOutcome<ProviderCustomer>.Done({ IsDeleted: false } found, _):
                return await Ask(provider, place, account, customer, found, askedAt, cancellationToken);
            case ProviderOutcome<ProviderCustomer>.Done or ProviderOutcome<ProviderCustomer>.NotFound:
                return await Skip(account, place, customer, cancellationToken);
            case ProviderOutcome<ProviderCustomer>.Rejected(var failure):
                await Fail(account, place, customer, failure, cancellationToken);
                return new MethodSyncOutcome.Refused(failure);
            case ProviderOutcome<ProviderCustomer>.Unknown(var failure):
                await Fail(account, place, customer, failure, cancellationToken);
                return new MethodSyncOutcome.Unknown(failure);
            default:
                throw new UnreachableException();
        }
    }

    private async Task<MethodSyncOutcome> Ask(
        IPaymentProvider provider,
        ProviderPlace place,
        BillingAccountKey key,
        CustomerRow customer,
        ProviderCustomer found,
        DateTimeOffset askedAt,
        CancellationToken cancellationToken)
    {
        switch (await provider.PaymentMethods(customer.ProviderId, cancellationToken))
        {
            case ProviderOutcome<ProviderList<ProviderPaymentMethod>>.Done(var list, _):
                return await Write(place, key, customer, found, list, askedAt, cancellationToken);
            case ProviderOutcome<ProviderList<ProviderPaymentMethod>>.NotFound:
                return await Skip(key, place, customer, cancellationToken);
            case ProviderOutcome<ProviderList<ProviderPaymentMethod>>.Rejected(var failure):
                await Fail(key, place, customer, failure, cancellationToken);
                return new MethodSyncOutcome.Refused(failure);
            case ProviderOutcome<ProviderList<ProviderPaymentMethod>>.Unknown(var failure):
                await Fail(key, place, customer, failure, cancellationToken);
                return new MethodSyncOutcome.Unknown(failure);
            default:
                throw new UnreachableException();
        }
    }

    private async Task<MethodSyncOutcome> Write(
        ProviderPlace place,
        BillingAccountKey key,
        CustomerRow customer,
        ProviderCustomer found,
        ProviderList<ProviderPaymentMethod> list,
        DateTimeOffset askedAt,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await accounts.Take(transaction, key, cancellationToken);
        var before = (await MethodStore.All(account, place, cancellationToken)).ToDictionary(row => row.ProviderId);
        var isNewsNewer = before.Values.Any(row => row.UpdatedAt > askedAt);
        foreach (var said in list.Items)
        {
            var known = before.GetValueOrDefault(said.Id);
            if (known is null || (known.IsUsable && known.UpdatedAt <= askedAt))
            {
                var news = new NewsStamp(known?.News.EventAt, known?.News.EventId, askedAt);
                var row = store.RowOf(account, place, customer.Id, said, known, news);
                await MethodStore.Save(account, row, cancellationToken);
            }
        }

        if (list.IsWhole)
        {
            var there = list.Items.Select(said => said.Id).ToHashSet();
            await Detach(
                account,
                before.Values.Where(row => row.IsUsable && !there.Contains(row.ProviderId) && row.UpdatedAt <= askedAt),
                cancellationToken);
        }

        if (!isNewsNewer)
        {
            await MethodStore.SetDefault(account, place, found.DefaultPaymentMethod, cancellationToken);
        }

        var sync = new MethodSync(
            MethodSync.Manual, MethodSyncStatus.Succeeded, null, null, list.Items.Count, list.IsWhole);
        await store.Record(account, place, customer.Id, sync, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new MethodSyncOutcome.Synced(list.Items.Count, list.IsWhole, account.Now);
    }

    private static async Task Detach(
        LockedAccount account, IEnumerable<MethodRow> rows, CancellationToken cancellationToken)
    {
        foreach (var row in rows)
        {
            await MethodStore.Save(
                account, row with { Status = PaymentMethodStatus.Detached, IsDefault = false }, cancellationToken);
        }
    }

    // Without a customer there is nothing to pay with: whatever was known of one the provider lost went with it.
    private async Task<MethodSyncOutcome> Skip(
        BillingAccountKey key, ProviderPlace place, CustomerRow? lost, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await accounts.Take(transaction, key, cancellationToken);
        if (lost is not null)
        {
            await ProviderCustomers.Retire(account, lost.Id, cancellationToken);
            await Detach(
                account,
                (await MethodStore.All(account, place, cancellationToken)).Where(row => row.IsUsable && row.Customer == lost.Id),
                cancellationToken);
        }

        var sync = new MethodSync(MethodSync.Manual, MethodSyncStatus.Skipped, null, null, 0, IsWhole: true);
        await store.Record(account, place, lost?.Id, sync, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new MethodSyncOutcome.Skipped(account.Now);
    }

    private async Task Fail(
        BillingAccountKey key,
        ProviderPlace place,
        CustomerRow customer,
        ProviderFailure failure,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await accounts.Take(transaction, key, cancellationToken);
        var problem = ErrorText.Cut(failure.Message, ClientLimits.ProblemCharactersMax);
        var sync = new MethodSync(MethodSync.Manual, MethodSyncStatus.Failed, null, problem, 0, IsWhole: false);
        await store.Record(account, place, customer.Id, sync, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }
}
