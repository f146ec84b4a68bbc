using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>Money to be reserved.</summary>
/// <param name="BillingAccount">Whose.</param>
/// <param name="Amount">How much; positive, in the billing account's currency.</param>
/// <param name="Key">The natural key of what is about to happen: the same key holds once, for ever.</param>
/// <param name="Reference">What it is for, for a person: ids, not content.</param>
/// <param name="TtlSeconds">When it ends by itself, from now; this or <paramref name="ExpiresAt"/>.</param>
/// <param name="ExpiresAt">When it ends by itself, by the organisation's clock.</param>
/// <param name="Overrun">Who pays for more than it has; left out, the customer does.</param>
/// <param name="Scopes">What it will be spent on: lets restricted grants pay; left out, only unrestricted ones do.</param>
internal sealed record HoldRequest(
    BillingAccountId BillingAccount,
    Money Amount,
    string Key,
    string Reference,
    int? TtlSeconds = null,
    DateTimeOffset? ExpiresAt = null,
    OverrunPolicy Overrun = OverrunPolicy.AllowNegative,
    IReadOnlyList<string>? Scopes = null);

/// <summary>A hold that was made.</summary>
/// <param name="Hold">The hold, the earlier one where this request repeats it.</param>
/// <param name="IsReplay">Whether the key had a hold before; nothing was reserved again, and it may have ended since.</param>
internal sealed record HoldAnswer(HoldId Hold, bool IsReplay);

/// <summary><c>POST /v1/holds</c>: a machine of the operator reserves money.</summary>
internal sealed class MakeHold(Ledger ledger, IBillingAccountTerms accounts, OrganisationClock clock)
{
    // What modules hold in the program has keys of its own.
    private const string KeyPrefix = "api:";

    public static Task<Results<Created<HoldAnswer>, Problem>> Handle(
        HoldRequest request,
        MakeHold handler,
        HttpContext context,
        CancellationToken cancellationToken) => handler.Run(request, context.Caller().RequiredOrg, cancellationToken);

    private async Task<Results<Created<HoldAnswer>, Problem>> Run(
        HoldRequest request, OrgId org, CancellationToken cancellationToken)
    {
        if (await accounts.Of(org, request.BillingAccount, cancellationToken) is not { } account)
        {
            return Answers.NoSuch(request.BillingAccount);
        }

        var now = await clock.Now(org, cancellationToken);
        var check = new InputCheck();
        check.Positive("amount", request.Amount, account.Currency, Limits.AmountMicrosMax);
        check.Text("key", request.Key, Limits.KeyLettersMax - KeyPrefix.Length);
        check.Text("reference", request.Reference, Limits.ReferenceLettersMax);
        check.Scopes("scopes", request.Scopes);
        var expiresAt = HoldEnd.Read(request.TtlSeconds, request.ExpiresAt, now, check);
        if (check.Failed(out var problem))
        {
            return problem;
        }

        var command = new CreateHold(
            org,
            request.BillingAccount,
            KeyPrefix + request.Key,
            request.Amount,
            account.Terms,
            now,
            expiresAt,
            request.Reference)
        {
            Overrun = request.Overrun,
            Scopes = request.Scopes?.ToHashSet(StringComparer.Ordinal) ?? CreateHold.NoScopes,
        };
        return await ledger.Run(command, cancellationToken) switch
        {
            HoldOutcome.Held(var id, var isReplay) => TypedResults.Created($"/v1/holds/{id}", new HoldAnswer(id, isReplay)),
            HoldOutcome.KeyConflict(var first) => new Problem(
                LedgerProblems.HoldKeyConflict,
                $"{first} has this key and says something else.",
                members: new Dictionary<string, object?>(StringComparer.Ordinal) { ["hold"] = first }),
            HoldOutcome.InsufficientFunds(var available) => Answers.InsufficientFunds(available),
            HoldOutcome.BalanceOverflow => Answers.BalanceOverflow(),
            null => Answers.Busy(),
            var outcome => throw new InvalidOperationException($"Holding ended as {outcome}."),
        };
    }
}
