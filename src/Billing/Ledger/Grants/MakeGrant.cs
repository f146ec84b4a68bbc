using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>Credit for a billing account.</summary>
/// <param name="BillingAccount">Whose.</param>
/// <param name="Amount">How much; positive, in the billing account's currency.</param>
/// <param name="Source">Where it comes from: decides the account it is taken from and the usual priority.</param>
/// <param name="Key">The fact's natural key: the same key grants once, for ever.</param>
/// <param name="Reason">Why, for people and for the audit log.</param>
/// <param name="Priority">
/// From 0 to 100; lower is spent sooner. Left out: trial 10, promotional 20, plan 30, purchased 40.
/// </param>
/// <param name="EffectiveAt">From when usage may be paid from it; left out, at once and for usage from before, too.</param>
/// <param name="ExpiresAt">Until when it may be spent, itself not included; left out, for ever.</param>
/// <param name="Scopes">What it may be spent on, as opaque names; left out, anything.</param>
/// <param name="Metadata">Names and values kept with its transfer.</param>
internal sealed record GrantRequest(
    BillingAccountId BillingAccount,
    Money Amount,
    GrantSource Source,
    string Key,
    string Reason,
    int? Priority = null,
    DateTimeOffset? EffectiveAt = null,
    DateTimeOffset? ExpiresAt = null,
    IReadOnlyList<string>? Scopes = null,
    IReadOnlyDictionary<string, string>? Metadata = null);

/// <summary>A grant that was made.</summary>
/// <param name="Grant">The grant, the earlier one where this request repeats it.</param>
/// <param name="Transfer">The transfer that funded it.</param>
/// <param name="IsReplay">Whether the key had granted before; nothing was granted again.</param>
internal sealed record GrantAnswer(GrantId Grant, TransferId Transfer, bool IsReplay);

/// <summary><c>POST /v1/grants</c>: the operator gives credit.</summary>
internal sealed class MakeGrant(AuditedCommands commands, IBillingAccountTerms accounts, OrganisationClock clock)
{
    private const string KeyPrefix = "credit:";

    public static Task<Results<Created<GrantAnswer>, Problem>> Handle(
        GrantRequest request,
        MakeGrant handler,
        HttpContext context,
        CancellationToken cancellationToken) => handler.Run(request, context.Caller(), cancellationToken);

    private async Task<Results<Created<GrantAnswer>, Problem>> Run(
        GrantRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var org = caller.RequiredOrg;
        if (await accounts.Of(org, request.BillingAccount, cancellationToken) is not { } account)
        {
            return Answers.NoSuch(request.BillingAccount);
        }

        var now = await clock.Now(org, cancellationToken);
        if (Check(request, account.Currency, now).Failed(out var problem))
        {
            return problem;
        }

        var command = new CreateGrant(
            org, request.BillingAccount, KeyPrefix + request.Key, request.Amount, request.Source, now, request.Reason)
        {
            Priority = request.Priority,
            EffectiveAt = request.EffectiveAt,
            ExpiresAt = request.ExpiresAt,
            Scopes = request.Scopes ?? [],
            Metadata = request.Metadata ?? new Dictionary<string, string>(),
        };
        var outcome = await commands.Run(command, outcome => Audited(request, caller, outcome), cancellationToken);
        return outcome switch
        {
            GrantOutcome.Granted(var id, var transfer, var isReplay) =>
                TypedResults.Created($"/v1/grants/{id}", new GrantAnswer(id, transfer, isReplay)),
            GrantOutcome.KeyConflict(var first) => Answers.KeyConflict(first),
            GrantOutcome.TooManyGrants(var max) => new Problem(
                LedgerProblems.TooManyGrants, $"A billing account may have {max} open grants in one currency."),
            GrantOutcome.BalanceOverflow => Answers.BalanceOverflow(),
            _ => throw new InvalidOperationException($"Granting ended as {outcome}."),
        };
    }

    private static InputCheck Check(GrantRequest request, Currency currency, DateTimeOffset now)
    {
        var check = new InputCheck();
        check.Positive("amount", request.Amount, currency, Limits.GrantMicrosMax);
        check.Text("key", request.Key, Limits.KeyLettersMax - KeyPrefix.Length);
        check.Text("reason", request.Reason, Limits.ReferenceLettersMax);
        check.That(request.Priority is null or (>= 0 and <= Limits.PriorityMax), "priority", $"must be 0 to {Limits.PriorityMax}");
        check.Instant("effective_at", request.EffectiveAt, now);
        check.Instant("expires_at", request.ExpiresAt, now);
        check.That(
            request.ExpiresAt is not { } expiry || (expiry > now && !(expiry <= request.EffectiveAt)),
            "expires_at",
            "must lie in the future and after effective_at");
        check.Scopes("scopes", request.Scopes);
        check.Metadata("metadata", request.Metadata);
        return check;
    }

    private static IEnumerable<AuditEntry> Audited(GrantRequest request, Caller caller, GrantOutcome outcome)
    {
        if (outcome is GrantOutcome.Granted { IsReplay: false } granted)
        {
            yield return new AuditEntry(
                caller.RequiredOrg,
                caller.Actor,
                "grant.created",
                granted.Id.ToString(),
                request.Reason,
                After: AuditState.Of(request));
        }
    }
}
