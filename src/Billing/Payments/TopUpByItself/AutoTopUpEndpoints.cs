using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Payments.KeepMethods;
using Quoin.Platform;

namespace Quoin.Payments.TopUpByItself;

/// <summary>When and how credit is bought by itself; amounts in the billing account's currency.</summary>
/// <param name="Threshold">Below which credit it is bought.</param>
/// <param name="Amount">How much is bought at a time.</param>
/// <param name="MonthlyCap">The most that is bought so in a calendar month, UTC.</param>
/// <param name="PaymentMethod">What is charged; left out, whichever is the account's default then.</param>
internal sealed record AutoTopUpRequest(
    Money Threshold, Money Amount, Money MonthlyCap, PaymentMethodId? PaymentMethod = null);

/// <summary>When and how credit is bought by itself.</summary>
/// <param name="BillingAccount">Whose.</param>
/// <param name="IsActive">Whether it is; off after a charge failed, until it is set again.</param>
/// <param name="Threshold">Below which credit it is bought.</param>
/// <param name="Amount">How much is bought at a time.</param>
/// <param name="MonthlyCap">The most that is bought so in a calendar month, UTC.</param>
/// <param name="PaymentMethod">What is charged; null for the account's default.</param>
/// <param name="StoppedReason">Why it is off; null where it is on.</param>
/// <param name="StoppedAt">When it was turned off; null where it is on.</param>
internal sealed record AutoTopUpAnswer(
    BillingAccountId BillingAccount,
    bool IsActive,
    Money Threshold,
    Money Amount,
    Money MonthlyCap,
    PaymentMethodId? PaymentMethod,
    string? StoppedReason,
    DateTimeOffset? StoppedAt)
{
    public static AutoTopUpAnswer Of(AutoTopUpRow row) => new(
        row.Account.Account,
        row.IsActive,
        row.Threshold,
        MinorUnits.ToMoney(row.AmountMinor, row.Currency),
        MinorUnits.ToMoney(row.CapMinor, row.Currency),
        row.Method,
        row.StoppedReason,
        row.StoppedAt);
}

/// <summary>Automatic top-ups of the account a customer speaks of.</summary>
internal sealed class AutoTopUpEndpoints(
    NpgsqlDataSource database,
    BillingAccountSelector selector,
    IPaymentProviders providers,
    AccountLock accounts,
    AutoTopUpStore store,
    MethodStore methods,
    IAudit audit)
{
    /// <summary><c>GET /v1/billing/auto-top-up</c>.</summary>
    public static Task<IResult> Show(AutoTopUpEndpoints handler, HttpContext context, CancellationToken cancellationToken) =>
        handler.Within(context, handler.Show, cancellationToken);

    /// <summary><c>PUT /v1/billing/auto-top-up</c>.</summary>
    public static Task<IResult> Set(
        AutoTopUpRequest request, AutoTopUpEndpoints handler, HttpContext context, CancellationToken cancellationToken) =>
        handler.Within(context, (account, token) => handler.Set(request, account, context.Caller().Actor, token), cancellationToken);

    /// <summary><c>DELETE /v1/billing/auto-top-up</c>.</summary>
    public static Task<IResult> Remove(AutoTopUpEndpoints handler, HttpContext context, CancellationToken cancellationToken) =>
        handler.Within(context, (account, token) => handler.Remove(account, context.Caller().Actor, token), cancellationToken);

    private async Task<IResult> Within(
        HttpContext context,
        Func<BillingAccountProfile, CancellationToken, Task<IResult>> act,
        CancellationToken cancellationToken)
    {
        var selection = await selector.Select(context, named: null, cancellationToken);
        return selection is BillingAccountSelection.Selected(var account)
            ? await act(account, cancellationToken)
            : BillingAccountSelector.Refusal(selection)!;
    }

    private async Task<IResult> Show(BillingAccountProfile account, CancellationToken cancellationToken) =>
        await store.Find(new BillingAccountKey(account.OrganisationId, account.Id), cancellationToken) is { } row
            ? TypedResults.Ok(AutoTopUpAnswer.Of(row))
            : new Problem(PlatformProblems.NotFound, "Credit of the billing account is not bought by itself.");

    private async Task<IResult> Set(
        AutoTopUpRequest request, BillingAccountProfile account, string actor, CancellationToken cancellationToken)
    {
        if (Wrong(request, account.Currency) is { } wrong)
        {
            return new Problem(PaymentsProblems.InvalidPaymentInput, wrong);
        }

        if (await MethodProblem(request, account, cancellationToken) is { } problem)
        {
            return problem;
        }

        var row = new AutoTopUpRow
        {
            Account = new BillingAccountKey(account.OrganisationId, account.Id),
            Currency = account.Currency,
            Threshold = request.Threshold,
            AmountMinor = MinorUnits.Of(request.Amount),
            CapMinor = MinorUnits.Of(request.MonthlyCap),
            Method = request.PaymentMethod,
        };
        await Write(
            row.Account, actor, "auto_top_up.set", (locked, token) => AutoTopUpStore.Save(locked, row, token), row, cancellationToken);
        return TypedResults.Ok(AutoTopUpAnswer.Of(row));
    }

    private async Task<IResult> Remove(BillingAccountProfile account, string actor, CancellationToken cancellationToken)
    {
        var key = new BillingAccountKey(account.OrganisationId, account.Id);
        await Write(key, actor, "auto_top_up.removed", AutoTopUpStore.Remove, after: null, cancellationToken);
        return TypedResults.NoContent();
    }

    private async Task<Problem?> MethodProblem(
        AutoTopUpRequest request, BillingAccountProfile account, CancellationToken cancellationToken)
    {
        if (await providers.ModeOf(account.OrganisationId, cancellationToken) is not { } mode
            || providers.Of(mode) is not { } provider)
        {
            return new Problem(PaymentsProblems.PaymentsNotConfigured, ProviderProblems.NoProvider);
        }

        var all = await methods.OfAccount(
            new BillingAccountKey(account.OrganisationId, account.Id), new ProviderPlace(provider.Name, mode), cancellationToken);
        return all.Any(method => request.PaymentMethod is { } wanted ? method.Id == wanted : method.IsDefault)
            ? null
            : request.PaymentMethod is { } missing
                ? new Problem(PlatformProblems.NotFound, $"The billing account has no {missing}.")
                : new Problem(ProviderProblems.MethodRequired, "No payment method is the default one.");
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

    private static string? Text(AutoTopUpRow? row) =>
        row is null ? null : JsonSerializer.Serialize(AutoTopUpAnswer.Of(row), JsonConventions.Options);

    private static string? Wrong(AutoTopUpRequest request, Currency currency)
    {
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
}
