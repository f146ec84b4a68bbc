using System.Text;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Metering.Internal;

/// <summary>What is wrong with an event, and what it should have said.</summary>
/// <param name="Position">Which event.</param>
/// <param name="Reason">Why.</param>
/// <param name="Data">Its right data, as JSON; null takes it back without a replacement.</param>
/// <param name="Time">When it really happened; null: as it was.</param>
/// <param name="IsOperator">Whether the operator asks, who may amend what this program itself told.</param>
internal sealed record AmendRequest(
    EventPosition Position, string Reason, string? Data, DateTimeOffset? Time, bool IsOperator);

/// <summary>Every way amending an event can end, in the order they are checked.</summary>
internal abstract record AmendOutcome
{
    private AmendOutcome()
    {
    }

    /// <summary>The organisation has no such event. <see cref="PlatformProblems.NotFound"/>.</summary>
    public sealed record NoSuchEvent : AmendOutcome;

    /// <summary>The event is not the caller's to amend, or the replacement cannot be counted; as of a rejected event.</summary>
    public sealed record Rejected(ProblemKind Kind, string Reason) : AmendOutcome;

    /// <summary>It was amended before, otherwise. <see cref="MeteringProblems.EventAmended"/>.</summary>
    public sealed record AmendedOtherwise(EventAmendment Earlier) : AmendOutcome;

    /// <summary>It is amended, now or by the same request before.</summary>
    public sealed record Amended(EventAmendment Amendment) : AmendOutcome;
}

/// <summary>
/// Takes an event back, and stores its replacement, in one transaction: (1) claim the amendment, for an event is amended
/// once; (2) claim the replacement's name and store it; (3) fold what the event added, negatively, and what the
/// replacement adds. An event is measured by the version in force when it happened, so what is taken back is what was
/// added.
/// </summary>
internal sealed class AmendEvent(
    NpgsqlDataSource database,
    EventQueries events,
    MeterCatalogue catalogue,
    OrganisationClock clock,
    TimeProvider time,
    IdSource ids,
    IAudit audit,
    WakeUps wakeUps)
{
    public async Task<AmendOutcome> Run(
        OrgId org,
        AmendRequest request,
        string actor,
        IdempotentRequest idempotent,
        CancellationToken cancellationToken)
    {
        if (await events.At(org, request.Position, cancellationToken) is not { } stored)
        {
            return new AmendOutcome.NoSuchEvent();
        }

        // Else customers could take back what their own calls of models used.
        if (!request.IsOperator && OwnSources.Include(stored.Source))
        {
            return new AmendOutcome.Rejected(ProblemKind.ReservedSource, $"what {stored.Source} told is the operator's to amend");
        }

        var meters = await catalogue.Current(cancellationToken);
        ParsedEvent? replacement = null;
        if (request.Data is not null)
        {
            replacement = Replacement(stored, request, meters);
            if (Refusal(replacement, await clock.Now(org, cancellationToken)) is { } refusal)
            {
                return refusal;
            }
        }

        var now = time.GetUtcNow();
        var amendment = new EventAmendment(
            replacement is null ? AmendmentKind.Void : AmendmentKind.Correct,
            request.Reason,
            actor,
            ids.Next(),
            replacement is null ? null : new EventPosition(ids.Next(), 0),
            now);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (!await AmendmentRows.Claim(transaction, org, stored.Position, amendment, cancellationToken)
            || (replacement is not null
                && !await AmendmentRows.Store(transaction, org, stored, amendment, replacement, cancellationToken)))
        {
            await transaction.RollbackAsync(cancellationToken);
            return await Earlier(org, request, cancellationToken);
        }

        var folded = new UsageFold(now);
        Void(folded, org, stored, meters, amendment.Fold);
        Add(folded, org, stored.BillingAccount, replacement, amendment.Replacement);
        await using (var batch = transaction.Batch())
        {
            folded.Write(batch);
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }

        await audit.Record(transaction, EntryOf(org, stored, request, amendment), cancellationToken);
        await idempotent.Complete(transaction, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        wakeUps.Hint(Metering.UnratedChannel);
        if (folded.HasLevels)
        {
            wakeUps.Hint(DueWork.Channel);
        }

        return new AmendOutcome.Amended(amendment);
    }

    private async Task<AmendOutcome> Earlier(OrgId org, AmendRequest request, CancellationToken cancellationToken)
    {
        // Either the event is amended, or its replacement's name is taken by an event somebody sent under it.
        var stored = await events.At(org, request.Position, cancellationToken);
        if (stored?.Amendment is not { } earlier)
        {
            return new AmendOutcome.Rejected(
                ProblemKind.InvalidEvent, $"another event is named {request.Position} by its sender; void it first");
        }

        return await SaysTheSame(org, earlier, stored, request, cancellationToken)
            ? new AmendOutcome.Amended(earlier)
            : new AmendOutcome.AmendedOtherwise(earlier);
    }

    private async Task<bool> SaysTheSame(
        OrgId org, EventAmendment earlier, StoredEvent stored, AmendRequest request, CancellationToken cancellationToken)
    {
        if (earlier.Reason != request.Reason || (earlier.Replacement is null) != (request.Data is null))
        {
            return false;
        }

        if (earlier.Replacement is not { } position)
        {
            return true;
        }

        var replacement = await events.At(org, position, cancellationToken);
        return replacement!.OccurredAt == (request.Time ?? stored.OccurredAt)
            && CanonicalJson.Of(replacement.DataJson).SequenceEqual(CanonicalJson.Of(request.Data!));
    }

    // The replacement is named by the event it replaces, so that it exists once whoever asks how often.
    private static ParsedEvent Replacement(StoredEvent stored, AmendRequest request, MeterSet meters)
    {
        var attributes = new List<KeyValuePair<string, string>>
        {
            new("specversion", "1.0"),
            new("id", stored.Position.ToString()),
            new("source", stored.Source),
            new("type", stored.Type),
            new("time", Rfc3339.Format(request.Time ?? stored.OccurredAt)),
        };
        if (stored.Subject is { } subject)
        {
            attributes.Add(new("subject", subject));
        }

        var parsed = new EventParser(meters).ParseBinary(attributes, Encoding.UTF8.GetBytes(request.Data!));
        parsed.OccurredAt = request.Time ?? stored.OccurredAt;
        return parsed;
    }

    private static AmendOutcome.Rejected? Refusal(ParsedEvent replacement, DateTimeOffset now) =>
        replacement.IsRejected
            ? new AmendOutcome.Rejected(replacement.Problem, replacement.Reason!)
            : EventTimes.WhyRefused(replacement.OccurredAt, now) is var (kind, reason)
                ? new AmendOutcome.Rejected(kind, reason)
                : null;

    private static void Void(UsageFold folded, OrgId org, StoredEvent stored, MeterSet meters, Guid fold)
    {
        var fact = new Fact(
            org,
            stored.BillingAccount,
            stored.OccurredAt,
            EventParser.KeyHashOf(stored.Source, stored.EventId),
            stored.Position,
            fold);
        foreach (var meter in meters.All)
        {
            if (meter.MeasurementOf(stored) is { } measured)
            {
                folded.Add(fact, measured, sign: -1);
            }
        }
    }

    private static void Add(
        UsageFold folded, OrgId org, BillingAccountId account, ParsedEvent? replacement, EventPosition? position)
    {
        if (replacement is null || position is not { } place)
        {
            return;
        }

        var fact = new Fact(org, account, replacement.OccurredAt, replacement.KeyHash, place, place.Fold);
        foreach (var measured in replacement.Measurements!)
        {
            folded.Add(fact, measured, sign: 1);
        }
    }

    private static AuditEntry EntryOf(OrgId org, StoredEvent stored, AmendRequest request, EventAmendment amendment) => new(
        org,
        amendment.Actor,
        amendment.Kind == AmendmentKind.Void ? "event.voided" : "event.corrected",
        stored.Position.ToString(),
        request.Reason,
        Before: stored.DataJson,
        After: request.Data);
}
