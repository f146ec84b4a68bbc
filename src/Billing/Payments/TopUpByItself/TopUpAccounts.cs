using System.Text.Json;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Payments.Internal;
using Quoin.Payments.KeepCustomers;
using Quoin.Payments.KeepMethods;
using Quoin.Platform;

namespace Quoin.Payments.TopUpByItself;

/// <summary>
/// Buys credit for accounts that run low: decides and writes the order under the account's lock, charges, and writes what
/// came of it. What nobody knows stays pending, holds further charges up, and is asked for with the same key.
/// </summary>
internal sealed class TopUpAccounts(
    NpgsqlDataSource database,
    IPaymentProviders providers,
    AccountLock accounts,
    ProviderCustomers customers,
    MethodStore methods,
    AutoTopUpStore store,
    Ledger.Ledger ledger,
    RequestKeys keys,
    PaymentsOptions options,
    IAutoTopUpMoney money,
    FinishCharge finishing,
    IdSource ids,
    Outbox outbox,
    Jobs jobs,
    ILogger<TopUpAccounts> logger)
{
    /// <summary>Looks at every account with automatic top-ups and charges those that run low.</summary>
    /// <returns>How many charges were begun.</returns>
    public async Task<int> Sweep(CancellationToken cancellationToken)
    {
        var begun = 0;
        var (org, last) = (Guid.Empty, Guid.Empty);
        while (true)
        {
            var page = await store.Active(org, last, cancellationToken);
            foreach (var one in page)
            {
                begun += await TopUp(one, cancellationToken) ? 1 : 0;
            }

            if (page.Count < ClientLimits.AutoTopUpsAtOnce)
            {
                return begun;
            }

            (org, last) = (page[^1].Account.Org.Value, page[^1].Account.Account.Value);
        }
    }

    // One account's failure is its own: the others are looked after all the same, and it again in the next sweep.
    private async Task<bool> TopUp(AutoTopUpRow one, CancellationToken cancellationToken)
    {
        try
        {
            if (!await IsBelow(one, cancellationToken)
                || await providers.ModeOf(one.Account.Org, cancellationToken) is not { } mode
                || providers.Of(mode) is not { } provider)
            {
                return false;
            }

            var place = new ProviderPlace(provider.Name, mode);
            if (await Order(one.Account, place, cancellationToken) is not { } charge)
            {
                return false;
            }

            // Ordered: from here on it is finished, or left to be asked for.
            await finishing.Call(provider, charge, CancellationToken.None);
            return true;
        }
        catch (Exception failure) when (failure is NpgsqlException or InvalidOperationException or OverflowException)
        {
            Log.AutoTopUpFailed(logger, one.Account.Org, failure);
            return false;
        }
    }

    private async Task<ChargeRow?> Order(BillingAccountKey key, ProviderPlace place, CancellationToken cancellationToken)
    {
        var customer = await customers.Active(key, place, cancellationToken);
        var all = await methods.OfAccount(key, place, cancellationToken);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await accounts.Take(transaction, key, cancellationToken);

        // Looked at again under the lock: what another replica charged meanwhile is in the books by now.
        if (await AutoTopUpStore.Find(account, cancellationToken) is not { IsActive: true } settings)
        {
            return null;
        }

        var method = customer is null ? null : Chosen(settings, all, customer);
        var used = await ChargeStore.Used(account, AutoTopUpRule.MonthOf(account.Now), cancellationToken);
        var decision = AutoTopUpRule.Decide(new AutoTopUpState(
            await IsBelow(settings, cancellationToken),
            used.HasPending,
            method is not null,
            settings.AmountMinor,
            settings.CapMinor,
            used.Minor,
            account.Now - used.LastAt,
            ClientLimits.AutoTopUpPause));
        if (decision == AutoTopUpDecision.Stop)
        {
            await Stop(account, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            jobs.Hint();
            return null;
        }

        if (decision != AutoTopUpDecision.Charge)
        {
            return null;
        }

        var charge = ChargeOf(account, settings, customer!, method!, place);
        await ChargeStore.Insert(account, charge, account.Now + ClientLimits.ChargeAskFirst, cancellationToken);
        await money.Ordered(
            account,
            new AutoTopUpOrder(charge.Id, place, charge.OperationKey, charge.AmountMinor, charge.Currency.Code),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return charge;
    }

    private async Task Stop(LockedAccount account, CancellationToken cancellationToken)
    {
        const string Reason = "no_payment_method";
        if (await AutoTopUpStore.Stop(account, Reason, cancellationToken))
        {
            Log.AutoTopUpStopped(logger, account.Org, account.BillingAccount, Reason);
            await outbox.Publish(
                account.Transaction,
                account.Org,
                account.BillingAccount.ToString(),
                new AutoTopUpStopped(account.BillingAccount, Reason, null),
                correlationId: null,
                cancellationToken);
        }
    }

    private static MethodRow? Chosen(AutoTopUpRow settings, IReadOnlyList<MethodRow> all, CustomerRow customer) =>
        all.Where(method => method.Customer == customer.Id).FirstOrDefault(method => settings.Method is { } wanted
            ? method.Id == wanted
            : method.IsDefault);

    private ChargeRow ChargeOf(
        LockedAccount account, AutoTopUpRow settings, CustomerRow customer, MethodRow method, ProviderPlace place)
    {
        var id = ids.Next<AutoTopUpChargeId>();
        var operation = keys.OperationOf(RequestAction.Charge, account.Key, id.ToString());
        var parameters = new ChargeParameters(
            customer.ProviderId,
            method.ProviderId,
            settings.Currency.Code,
            settings.AmountMinor,
            "Credit",
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [ProviderMetadata.OperationKey] = operation,
                [ProviderMetadata.Org] = account.Org.ToString(),
                [ProviderMetadata.BillingAccount] = account.BillingAccount.ToString(),
                [ProviderMetadata.Request] = id.ToString(),
                [ProviderMetadata.Flow] = Word.Of(CheckoutFlow.OneOff),
                [ProviderMetadata.Purpose] = "top_up",
            });
        return new ChargeRow
        {
            Account = account.Key,
            Id = id,
            Customer = customer.Id,
            Method = method.Id,
            Place = place,
            AmountMinor = settings.AmountMinor,
            Currency = settings.Currency,
            OperationKey = operation,
            ProviderKey = keys.ProviderKeyOf(place, RequestAction.Charge, operation),
            Frozen = JsonSerializer.Serialize(parameters),
            ReplayDeadlineAt = account.Now + options.ReplayWindow,
        };
    }

    // What is held is as good as spent, and what is owed is paid first.
    private async Task<bool> IsBelow(AutoTopUpRow one, CancellationToken cancellationToken)
    {
        var available = Money.Zero(one.Currency);
        foreach (var balance in await ledger.Balances(one.Account.Org, one.Account.Account, cancellationToken))
        {
            if (balance.Balance.Currency == one.Currency && balance.Kind is (AccountKind.Grants or AccountKind.Overdraft))
            {
                available += balance.Balance - balance.Held;
            }
        }

        return available < one.Threshold;
    }
}
