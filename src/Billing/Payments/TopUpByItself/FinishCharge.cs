using System.Text.Json;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.TopUpByItself;

/// <summary>Makes an automatic charge, or asks what came of one, and writes it once.</summary>
internal sealed class FinishCharge(
    NpgsqlDataSource database,
    IPaymentProviders providers,
    AccountLock accounts,
    ChargeStore store,
    IAutoTopUpMoney money,
    Outbox outbox,
    Jobs jobs,
    TimeProvider time,
    ILogger<FinishCharge> logger)
{
    private const string Unknown = "outcome_unknown";

    /// <summary>Asks for the outcome of every charge that has been without one for some time.</summary>
    /// <returns>How many were asked for.</returns>
    /// <exception cref="AggregateException">Some failed; the others were asked for all the same.</exception>
    public async Task<int> AskDue(CancellationToken cancellationToken)
    {
        var due = await store.Due(time.GetUtcNow(), cancellationToken);
        var failures = new Failures();
        foreach (var charge in due)
        {
            if (providers.Of(charge.Place.Mode) is { } provider && provider.Name == charge.Place.Provider)
            {
                await failures.Keep(() => Ask(provider, charge, cancellationToken));
            }
        }

        failures.ThrowIfAny();
        return due.Count;
    }

    /// <summary>Charges: the same key and the same parameters however often it is called.</summary>
    public async Task Call(IPaymentProvider provider, ChargeRow charge, CancellationToken cancellationToken)
    {
        var parameters = JsonSerializer.Deserialize<ChargeParameters>(charge.Frozen)!;
        var askedAt = Instant.Now(time);
        await Write(charge, await provider.Charge(parameters, charge.ProviderKey, cancellationToken), askedAt, cancellationToken);
    }

    private async Task Ask(IPaymentProvider provider, ChargeRow charge, CancellationToken cancellationToken)
    {
        if (charge.ProviderPayment is { } payment)
        {
            var askedAt = Instant.Now(time);
            await Write(charge, await provider.Payment(payment, cancellationToken), askedAt, cancellationToken);
        }
        else if (time.GetUtcNow() < charge.ReplayDeadlineAt)
        {
            await Call(provider, charge, cancellationToken);
        }
        else
        {
            // The provider may have forgotten the key: charging again could charge twice. Its news would have come.
            await Write(charge, outcome: null, Instant.Now(time), cancellationToken);
        }
    }

    private async Task Write(
        ChargeRow before,
        ProviderOutcome<ProviderPayment>? outcome,
        DateTimeOffset askedAt,
        CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await accounts.Take(transaction, before.Account, cancellationToken);
        if (await ChargeStore.Lock(account, before.Id, cancellationToken) is not { Status: AutoTopUpChargeStatus.Pending } charge)
        {
            return;
        }

        await Apply(account, charge, outcome, cancellationToken);
        if (outcome is ProviderOutcome<ProviderPayment>.Done(var payment, _))
        {
            await money.Said(account, charge.Place, payment, askedAt, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        jobs.Hint();
    }

    private async Task Apply(
        LockedAccount account, ChargeRow charge, ProviderOutcome<ProviderPayment>? outcome, CancellationToken cancellationToken)
    {
        switch (outcome)
        {
            case ProviderOutcome<ProviderPayment>.Done(var payment, _):
                await Apply(account, charge, payment.Id, payment.Status, payment.FailureMessage, cancellationToken);
                return;
            case ProviderOutcome<ProviderPayment>.Rejected(var failure):
                await Fail(account, charge, Reason(failure.Category), failure.Message, !IsOurs(failure.Category), cancellationToken);
                return;
            case ProviderOutcome<ProviderPayment>.NotFound(var failure):
                await Fail(account, charge, "no_payment_method", failure.Message, stops: true, cancellationToken);
                return;
            case ProviderOutcome<ProviderPayment>.Unknown(var failure):
                Log.ChargeUnknown(logger, charge.Id, account.Org, failure.Category);
                await ChargeStore.Leave(account, charge.Id, NextAsk(account, charge), null, cancellationToken);
                return;
            default:
                await ApplyNews(account, charge, cancellationToken);
                return;
        }
    }

    private async Task ApplyNews(LockedAccount account, ChargeRow charge, CancellationToken cancellationToken)
    {
        if (await ChargeStore.Told(account, charge.OperationKey, cancellationToken) is var (payment, status))
        {
            await Apply(account, charge, payment, status, null, cancellationToken);
        }
        else
        {
            await Fail(account, charge, Unknown, "The provider never said what came of it.", stops: true, cancellationToken);
        }
    }

    private async Task Apply(
        LockedAccount account,
        ChargeRow charge,
        string payment,
        ProviderPaymentStatus status,
        string? message,
        CancellationToken cancellationToken)
    {
        switch (status)
        {
            case ProviderPaymentStatus.Succeeded:
                await ChargeStore.End(account, charge.Id, payment, failure: null, cancellationToken);
                var amount = MinorUnits.ToMoney(charge.AmountMinor, charge.Currency);
                await outbox.Publish(
                    account.Transaction,
                    account.Org,
                    account.BillingAccount.ToString(),
                    new AutoTopUpCharged(account.BillingAccount, charge.Id, amount),
                    correlationId: null,
                    cancellationToken);
                return;
            case ProviderPaymentStatus.Pending:
                await ChargeStore.Leave(account, charge.Id, NextAsk(account, charge), payment, cancellationToken);
                return;
            default:
                var reason = status == ProviderPaymentStatus.ActionNeeded ? "action_needed" : "declined";
                await Fail(account, charge, reason, message, stops: true, cancellationToken, payment);
                return;
        }
    }

    private async Task Fail(
        LockedAccount account,
        ChargeRow charge,
        string reason,
        string? message,
        bool stops,
        CancellationToken cancellationToken,
        string? payment = null)
    {
        var shortened = message is null ? null : ErrorText.Cut(message, ClientLimits.ProblemCharactersMax);
        await ChargeStore.End(account, charge.Id, payment, (reason, shortened), cancellationToken);
        if (!stops || !await AutoTopUpStore.Stop(account, reason, cancellationToken))
        {
            return;
        }

        Log.AutoTopUpStopped(logger, account.Org, account.BillingAccount, reason);
        await outbox.Publish(
            account.Transaction,
            account.Org,
            account.BillingAccount.ToString(),
            new AutoTopUpStopped(account.BillingAccount, reason, shortened),
            correlationId: null,
            cancellationToken);
    }

    private static DateTimeOffset NextAsk(LockedAccount account, ChargeRow charge)
    {
        var wait = ClientLimits.ChargeAskFirst * Math.Pow(2, Math.Min(charge.Attempts, 10));
        return account.Now + (wait < ClientLimits.ChargeAskLongest ? wait : ClientLimits.ChargeAskLongest);
    }

    private static string Reason(ProviderFailureCategory category) =>
        category == ProviderFailureCategory.Declined ? "declined" : Word.Of(category);

    // A key of the operator's that is refused is no fault of the customer's.
    private static bool IsOurs(ProviderFailureCategory category) =>
        category is ProviderFailureCategory.Authentication or ProviderFailureCategory.Permission;
}
