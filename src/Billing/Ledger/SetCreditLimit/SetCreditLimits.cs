using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>How far below zero holds may plan to bring a billing account.</summary>
/// <param name="BillingAccount">Which.</param>
/// <param name="Limit">Not negative, in the billing account's currency; null is without limit.</param>
/// <param name="Reason">Why, for the audit log.</param>
internal sealed record CreditLimitRequest(BillingAccountId BillingAccount, Money? Limit, string Reason);

/// <summary>A credit limit that was set.</summary>
/// <param name="BillingAccount">Of which billing account.</param>
/// <param name="Before">What it was; null was without limit.</param>
/// <param name="Limit">What it is; null is without limit.</param>
internal sealed record CreditLimitAnswer(BillingAccountId BillingAccount, Money? Before, Money? Limit);

/// <summary>
/// <c>PUT /v1/ledger/credit-limit</c>: the operator says how much a customer may owe. It is the overdraft's limit of one
/// who pays before, the receivable's of one who pays after.
/// </summary>
internal sealed class SetCreditLimits(AuditedCommands commands, IBillingAccountTerms accounts)
{
    public static Task<Results<Ok<CreditLimitAnswer>, Problem>> Handle(
        CreditLimitRequest request, SetCreditLimits handler, HttpContext context, CancellationToken cancellationToken) =>
        handler.Run(request, context.Caller(), cancellationToken);

    private async Task<Results<Ok<CreditLimitAnswer>, Problem>> Run(
        CreditLimitRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var org = caller.RequiredOrg;
        if (await accounts.Of(org, request.BillingAccount, cancellationToken) is not { } account)
        {
            return Answers.NoSuch(request.BillingAccount);
        }

        var check = new InputCheck();
        check.Text("reason", request.Reason, Limits.ReferenceLettersMax);
        if (request.Limit is { } limit)
        {
            check.That(limit.Currency == account.Currency, "limit", $"must be in {account.Currency}, the billing account's currency");
            check.That(
                limit.Micros is >= 0 and <= Limits.AmountMicrosMax, "limit", $"must be between 0 and {Limits.AmountMicrosMax} micros");
        }

        if (check.Failed(out var problem))
        {
            return problem;
        }

        var command = new SetCreditLimit(org, request.BillingAccount, account.Currency, account.Terms, request.Limit);
        var set = await commands.Run(command, outcome => [Audited(request, caller, outcome)], cancellationToken);
        return TypedResults.Ok(new CreditLimitAnswer(request.BillingAccount, set.Before, request.Limit));
    }

    private static AuditEntry Audited(CreditLimitRequest request, Caller caller, CreditLimitSet set) => new(
        caller.RequiredOrg,
        caller.Actor,
        "credit_limit.set",
        request.BillingAccount.ToString(),
        request.Reason,
        AuditState.Of(new { Limit = set.Before }),
        AuditState.Of(new { request.Limit }));
}
