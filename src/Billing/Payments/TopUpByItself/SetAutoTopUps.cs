using System.Text.Json;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Payments.KeepMethods;
using Quoin.Platform;

namespace Quoin.Payments.TopUpByItself;

/// <summary>Keeps when and how an account's credit is bought by itself.</summary>
internal sealed class SetAutoTopUps(
    NpgsqlDataSource database,
    IPaymentProviders providers,
    AccountLock accounts,
    AutoTopUpStore store,
    ChargeStore charges,
    MethodStore methods,
    TimeProvider time,
    IAudit audit)
{
    public async Task<AutoTopUp?> Find(BillingAccountProfile account, CancellationToken cancellationToken) =>
        await store.Find(KeyOf(account), cancellationToken) is { } row ? await Shown(row, cancellationToken) : null;

    public async Task<AutoTopUpOutcome> Set(NewAutoTopUp request, string actor, CancellationToken cancellationToken)
    {
        if (Wrong(request) is { } wrong)
        {
            return new AutoTopUpOutcome.Invalid(wrong);
        }

        if (await MethodProblem(request, cancellationToken) is { } problem)
        {
            return problem;
        }

        var row = new AutoTopUpRow
        {
            Account = KeyOf(request.Account),
            Currency = request.Account.Currency,
            Threshold = request.Threshold,
            AmountMinor = MinorUnits.Of(request.Amount),
            CapMinor = MinorUnits.Of(request.MonthlyCap),
            Method = request.PaymentMethod,
        };
        await Write(
            row.Account, actor, "auto_top_up.set", (locked, token) => AutoTopUpStore.Save(locked, row, token), row, cancellationToken);
        return new AutoTopUpOutcome.Standing(await Shown(row, cancellationToken));
    }

    public Task Remove(BillingAccountProfile account, string actor, CancellationToken cancellationToken) =>
        Write(KeyOf(account), actor, "auto_top_up.removed", AutoTopUpStore.Remove, after: null, cancellationToken);

    private async Task<AutoTopUp> Shown(AutoTopUpRow row, CancellationToken cancellationToken) => AutoTopUp.Of(
        row, await charges.Bought(row.Account, AutoTopUpRule.MonthOf(time.GetUtcNow()), cancellationToken));

    private async Task<AutoTopUpOutcome?> MethodProblem(NewAutoTopUp request, CancellationToken cancellationToken)
    {
        if (await providers.ModeOf(request.Account.OrganisationId, cancellationToken) is not { } mode
            || providers.Of(mode) is not { } provider)
        {
            return new AutoTopUpOutcome.NotConfigured();
        }

        var all = await methods.OfAccount(
            KeyOf(request.Account), new ProviderPlace(provider.Name, mode), cancellationToken);
        return all.Any(method => request.PaymentMethod is { } wanted ? method.Id == wanted : method.IsDefault)
            ? null
            : request.PaymentMethod is { } missing
                ? new AutoTopUpOutcome.MethodNotFound(missing)
                : new AutoTopUpOutcome.MethodRequired();
    }

    private async Task Write(
        BillingAccountKey key,
        string actor,
        string act,
        Func<LockedAccount, CancellationToken, Task> write,
        AutoTopUpRow? after,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await accounts.Take(transaction, key, cancellationToken);
        var before = await AutoTopUpStore.Find(account, cancellationToken);
        await write(account, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(key.Org, actor, act, key.Account.ToString(), Before: Text(before), After: Text(after)),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private sealed record Kept(Money Threshold, Money Amount, Money MonthlyCap, PaymentMethodId? PaymentMethod, bool IsActive);

    private static string? Text(AutoTopUpRow? row) => row is null
        ? null
        : JsonSerializer.Serialize(
            new Kept(
                row.Threshold,
                MinorUnits.ToMoney(row.AmountMinor, row.Currency),
                MinorUnits.ToMoney(row.CapMinor, row.Currency),
                row.Method,
                row.IsActive),
            JsonConventions.Options);

    private static string? Wrong(NewAutoTopUp request)
    {
        var currency = request.Account.Currency;
        if (request.Threshold.Currency != currency || request.Amount.Currency != currency
            || request.MonthlyCap.Currency != currency)
        {
            return $"threshold, amount and monthly_cap must be in {currency}, the billing account's currency";
        }

        if (request.Threshold.Micros <= 0)
        {
            return "threshold must be more than 0";
        }

        if (!MinorUnits.TryOf(request.Amount, out var amount) || amount is < 1 or > ClientLimits.AutoTopUpMinorMax)
        {
            return $"amount must be a whole number of minor units from 1 to {ClientLimits.AutoTopUpMinorMax}";
        }

        return !MinorUnits.TryOf(request.MonthlyCap, out var cap) || cap < amount
            ? "monthly_cap must be a whole number of minor units, and at least the amount"
            : null;
    }

    private static BillingAccountKey KeyOf(BillingAccountProfile account) => new(account.OrganisationId, account.Id);
}
