using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>Transfers somebody writes: all are posted, or none.</summary>
/// <param name="Transfers">One or several, in their order; each is decided on what the one before left.</param>
/// <param name="Reason">Why, for the audit log.</param>
internal sealed record ManualRequest(IReadOnlyList<ManualTransfer> Transfers, string Reason);

/// <summary>A transfer somebody writes.</summary>
/// <param name="BillingAccount">In whose chart.</param>
/// <param name="Key">The fact's natural key: the same key posts once, for ever.</param>
/// <param name="OccurredAt">When it happened, by the organisation's clock; not in the future.</param>
/// <param name="Reference">What led to it, for a person: ids, not content.</param>
/// <param name="Legs">The accounts that change; the changes sum to zero in each currency.</param>
/// <param name="Metadata">Names and values kept with it.</param>
internal sealed record ManualTransfer(
    BillingAccountId BillingAccount,
    string Key,
    DateTimeOffset OccurredAt,
    string Reference,
    IReadOnlyList<LegShape> Legs,
    IReadOnlyDictionary<string, string>? Metadata = null);

/// <summary>Transfers that are in the books.</summary>
/// <param name="Transfers">One for each that was sent, in order.</param>
internal sealed record ManualAnswer(IReadOnlyList<ManualPosted> Transfers);

/// <summary>A transfer that is in the books.</summary>
/// <param name="Transfer">The transfer, the earlier one where this request repeats it.</param>
/// <param name="IsReplay">Whether the key had been posted before; nothing was posted again.</param>
internal sealed record ManualPosted(TransferId Transfer, bool IsReplay);

/// <summary><c>POST /v1/ledger/transfers</c>: the operator posts what no business fact says.</summary>
internal sealed class PostManually(AuditedCommands commands, IBillingAccountTerms accounts, OrganisationClock clock)
{
    private const string KeyPrefix = "manual:";

    public static Task<Results<Ok<ManualAnswer>, Problem>> Handle(
        ManualRequest request, PostManually handler, HttpContext context, CancellationToken cancellationToken) =>
        handler.Run(request, context.Caller(), cancellationToken);

    private async Task<Results<Ok<ManualAnswer>, Problem>> Run(
        ManualRequest request, Caller caller, CancellationToken cancellationToken)
    {
        var check = new InputCheck();
        check.Text("reason", request.Reason, Limits.ReferenceLettersMax);
        check.That(
            request.Transfers.Count is > 0 and <= Limits.LinkedTransfersMax,
            "transfers",
            $"must have 1 to {Limits.LinkedTransfersMax} members");
        check.That(
            request.Transfers.All(transfer => transfer is not null && transfer.Legs.All(leg => leg is not null)),
            "transfers",
            "must not contain null");
        if (check.Failed(out var problem))
        {
            return problem;
        }

        var org = caller.RequiredOrg;
        var now = await clock.Now(org, cancellationToken);
        var transfers = new List<TransferRequest>(request.Transfers.Count);
        foreach (var (index, transfer) in request.Transfers.Index())
        {
            if (await accounts.Of(org, transfer.BillingAccount, cancellationToken) is not { } account)
            {
                return Answers.NoSuch(transfer.BillingAccount);
            }

            Leg[] legs = [.. transfer.Legs.Select(leg => leg.ToLeg())];
            Check(check, $"transfers[{index}]", transfer, legs, account.Currency, now);
            if (check.Failed(out problem))
            {
                return problem;
            }

            transfers.Add(Request(org, transfer, new BusinessFact.Manual(LegCheck.Moved(legs, account.Currency), legs)));
        }

        var command = new PostLinkedTransfers(org, transfers);
        return await commands.Run(command, outcome => Audited(request, caller, outcome), cancellationToken) switch
        {
            LinkedOutcome.Posted(var posted) => TypedResults.Ok(
                new ManualAnswer([.. posted.Select(one => new ManualPosted(one.Id, one.IsReplay))])),
            LinkedOutcome.Refused(var index, var why) => Answers.NotPosted(why, index),
            var outcome => throw new InvalidOperationException($"Posting ended as {outcome}."),
        };
    }

    private static void Check(
        InputCheck check, string place, ManualTransfer transfer, Leg[] legs, Currency currency, DateTimeOffset now)
    {
        check.Text($"{place}.key", transfer.Key, Limits.KeyLettersMax - KeyPrefix.Length);
        check.Text($"{place}.reference", transfer.Reference, Limits.ReferenceLettersMax);
        check.Instant($"{place}.occurred_at", transfer.OccurredAt, now);
        check.That(
            transfer.OccurredAt <= now,
            $"{place}.occurred_at",
            $"must not lie in the future; for this organisation it is {Rfc3339.Format(now)}");
        check.Metadata($"{place}.metadata", transfer.Metadata);
        check.Legs($"{place}.legs", legs, currency);
    }

    private static TransferRequest Request(OrgId org, ManualTransfer transfer, BusinessFact fact)
    {
        var request = new TransferRequest(
            org, transfer.BillingAccount, KeyPrefix + transfer.Key, fact, transfer.OccurredAt, transfer.Reference);
        return transfer.Metadata is { } metadata ? request with { Metadata = metadata } : request;
    }

    private static IEnumerable<AuditEntry> Audited(ManualRequest request, Caller caller, LinkedOutcome outcome)
    {
        if (outcome is not LinkedOutcome.Posted(var posted))
        {
            yield break;
        }

        foreach (var (sent, one) in request.Transfers.Zip(posted).Where(pair => !pair.Second.IsReplay))
        {
            yield return new AuditEntry(
                caller.RequiredOrg,
                caller.Actor,
                "transfer.posted",
                one.Id.ToString(),
                request.Reason,
                After: AuditState.Of(sent));
        }
    }
}
