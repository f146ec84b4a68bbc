using Microsoft.AspNetCore.Http;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>Where granted credit comes from.</summary>
internal enum CreditSource
{
    /// <summary>Given away by the operator.</summary>
    Promotional,

    /// <summary>Paid for outside Quoin and entered by hand.</summary>
    Purchased,
}

/// <summary>Credit for a billing account.</summary>
/// <param name="BillingAccount">Whose.</param>
/// <param name="Amount">How much; positive.</param>
/// <param name="Source">Where it comes from.</param>
/// <param name="Key">The fact's natural key: the same key grants once.</param>
/// <param name="Reason">Why, for the audit log.</param>
internal sealed record CreditRequest(BillingAccountId BillingAccount, Money Amount, CreditSource Source, string Key, string Reason);

/// <summary>The transfer that granted the credit.</summary>
/// <param name="Transfer">The transfer, the earlier one where this request repeats it.</param>
/// <param name="IsReplay">Whether the key had granted before; nothing was granted again.</param>
internal sealed record CreditAnswer(TransferId Transfer, bool IsReplay);

/// <summary><c>POST /v1/ledger/credits</c>: the operator grants credit.</summary>
internal sealed class GrantCredit(
    NpgsqlDataSource database,
    Ledger ledger,
    IBillingAccountCurrency currencies,
    IAudit audit,
    OrganisationClock clock)
{
    public static Task<IResult> Handle(
        CreditRequest request,
        GrantCredit handler,
        HttpContext context,
        CancellationToken cancellationToken) => handler.Run(request, context.Caller(), cancellationToken);

    private async Task<IResult> Run(CreditRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var org = caller.RequiredOrg;
        if (await currencies.Of(org, request.BillingAccount, cancellationToken) is not { } currency)
        {
            return new Problem(PlatformProblems.NotFound, $"There is no billing account {request.BillingAccount}.");
        }

        if (WhyRefused(request, currency) is { } reason)
        {
            return new Problem(LedgerProblems.InvalidAmount, reason);
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var now = await clock.Now(org, cancellationToken);
        var source = request.Source == CreditSource.Promotional ? GrantSource.Promotional : GrantSource.Purchased;
        var command = new CreateGrant(
            org, request.BillingAccount, $"credit:{request.Key}", request.Amount, source, now, request.Reason);
        var outcome = await ledger.RunWithin(transaction, command, cancellationToken);
        if (outcome is GrantOutcome.Granted { IsReplay: false } granted)
        {
            var after = $$"""{"amount_micros":{{request.Amount.Micros}},"currency":"{{request.Amount.Currency}}"}""";
            await audit.Record(
                transaction,
                new AuditEntry(org, caller.Actor, "credit.granted", granted.Transfer.ToString(), request.Reason, After: after),
                cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }

        return outcome switch
        {
            GrantOutcome.Granted done => TypedResults.Ok(new CreditAnswer(done.Transfer, done.IsReplay)),
            GrantOutcome.KeyConflict conflict => new Problem(LedgerProblems.TransferKeyConflict, $"{conflict.First} has this key."),
            _ => throw new InvalidOperationException($"Granting ended as {outcome}."),
        };
    }

    private static string? WhyRefused(CreditRequest request, Currency currency)
    {
        const int prefixLetters = 7;
        if (request.Amount.Currency != currency)
        {
            return $"The billing account is kept in {currency}.";
        }

        if (request.Amount.Micros is <= 0 or > Limits.GrantMicrosMax)
        {
            return $"An amount is between 1 and {Limits.GrantMicrosMax} micros.";
        }

        return request.Key.Length is 0 || request.Key.Length > Limits.KeyLettersMax - prefixLetters
            || request.Reason.Length is 0 or > Limits.ReferenceLettersMax
            ? $"key has 1 to {Limits.KeyLettersMax - prefixLetters} letters, reason 1 to {Limits.ReferenceLettersMax}."
            : null;
    }
}
