using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Platform;

namespace Quoin.Limiting.Internal;

/// <summary>What one flush may carry: money to be reserved, and what is over.</summary>
internal abstract class SpendWork : IGroupWork
{
    public abstract OrgId Org { get; }

    public int Weight => 1;
}

/// <summary>Write down something that is over, and settle what was reserved for it.</summary>
internal sealed class EntryWork(SpendEntry entry, ISpendJournal journal) : SpendWork
{
    public override OrgId Org => entry.Org;

    public SpendEntry Entry => entry;

    public ISpendJournal Journal => journal;

    /// <summary>Whether it is durable; others of its group may not be.</summary>
    public bool IsWritten { get; set; }
}

/// <summary>Reserve money: one request, with what is known of its organisation when it came.</summary>
/// <param name="request">What for, and how much.</param>
/// <param name="account">Who pays.</param>
/// <param name="now">Now, by the organisation's clock.</param>
/// <param name="billingPeriod">The organisation's billing period now.</param>
internal sealed class ReserveWork(
    SpendRequest request, BillingAccountProfile account, DateTimeOffset now, Period billingPeriod) : SpendWork
{
    public override OrgId Org => request.Org;

    public SpendRequest Request => request;

    public DateTimeOffset Now => now;

    public Period BillingPeriod => billingPeriod;

    /// <summary>The scopes, the organisation's own among them, each once.</summary>
    public SpendScope[] Scopes { get; } = [.. request.Scopes.Append(SpendScope.Of(request.Org)).Distinct()];

    public long LeastMicros => (request.Least ?? request.Most).Micros;

    public DateTimeOffset HoldExpiresAt => now + Limits.HoldsKeptFor;

    /// <summary>The budgets it counts in, once it is reserved.</summary>
    public IReadOnlyList<OpenBudget> Budgets { get; set; } = [];

    public SpendOutcome? Outcome { get; set; }

    /// <summary>The hold that is to be made; <paramref name="within"/> says how much.</summary>
    public CreateHold Hold(HoldAmount within) => new(
        request.Org,
        request.BillingAccount,
        Limits.HoldKeyPrefix + request.Key,
        request.Most,
        account.Settlement == Settlement.Prepaid ? PaymentTerms.Prepaid : PaymentTerms.Postpaid,
        now,
        HoldExpiresAt,
        request.Reference)
    {
        Overrun = OverrunPolicy.Cap,
        Within = within,
    };
}

/// <summary>What is to become of a reservation.</summary>
internal enum SpendTurn
{
    Renew,
    Cancel,
}

/// <summary>Renew or cancel what was reserved under a key.</summary>
internal sealed class SpendChangeWork(
    OrgId org, string key, SpendTurn turn, DateTimeOffset now, TimeSpan heldFor, string? details) : IGroupWork
{
    public OrgId Org => org;

    public int Weight => 1;

    public ReservationKey Key { get; } = new(org, key);

    public SpendTurn Turn => turn;

    /// <summary>Now, by the organisation's clock.</summary>
    public DateTimeOffset Now => now;

    public TimeSpan HeldFor => heldFor;

    public string? Details => details;

    public SpendChange? Outcome { get; set; }
}

/// <summary>A reservation as it is stored, while it is changed under its lock.</summary>
internal sealed class SpendReservation
{
    public required ReservationKey Key { get; init; }

    public required BillingAccountId BillingAccount { get; init; }

    public required Money Amount { get; init; }

    public required HoldId Hold { get; init; }

    public required string Reference { get; init; }

    public required Guid[] BudgetIds { get; init; }

    public required DateTimeOffset[] WindowStarts { get; init; }

    public required DateTimeOffset ReservedAt { get; init; }

    public required string? Details { get; set; }

    public required SpendState State { get; set; }

    public required DateTimeOffset LapsesAt { get; set; }

    public required DateTimeOffset HoldExpiresAt { get; set; }

    public required decimal? SpentMicros { get; set; }

    public required DateTimeOffset? EndedAt { get; set; }

    public bool IsChanged { get; set; }

    public bool IsOpen => State is SpendState.Held or SpendState.InReview;
}
