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

    /// <summary>The allowance it changes; null where it changes none.</summary>
    public virtual Allowance? Allowance => null;

    /// <summary>Whether it is durable; others of its group may not be.</summary>
    public bool IsWritten { get; set; }
}

/// <summary>Write down something that is over, and settle what was reserved for it.</summary>
internal sealed class EntryWork(SpendEntry entry, ISpendJournal journal) : SpendWork
{
    public override OrgId Org => entry.Org;

    public SpendEntry Entry => entry;

    public ISpendJournal Journal => journal;

    public override Allowance? Allowance => entry.Draw?.Allowance;
}

/// <summary>Give back what was drawn, as nothing was used.</summary>
internal sealed class EndDrawWork(Draw draw) : SpendWork
{
    public override OrgId Org => draw.Org;

    public Draw Draw => draw;

    public override Allowance Allowance => draw.Allowance;
}

/// <summary>Make what was drawn a reservation of its own: whoever draws lives on for long.</summary>
/// <param name="draw">What was drawn.</param>
/// <param name="heldFor">How long from now its holder is believed to live.</param>
/// <param name="details">What is to be known should it die now; null leaves what was said first.</param>
internal sealed class DetachWork(Draw draw, TimeSpan heldFor, string? details) : SpendWork
{
    public override OrgId Org => draw.Org;

    public Draw Draw => draw;

    public TimeSpan HeldFor => heldFor;

    public string? Details => details ?? draw.Request.Details;

    public override Allowance Allowance => draw.Allowance;
}

/// <summary>Give back what is free of an allowance that nobody may draw on any more.</summary>
internal sealed class CloseWork(Allowance allowance) : SpendWork
{
    public override OrgId Org => allowance.Org;

    public override Allowance Allowance => allowance;
}

/// <summary>Write down what is drawn, before it is used.</summary>
internal sealed class DrawWork(Draw draw) : IGroupWork
{
    public OrgId Org => draw.Org;

    public int Weight => 1;

    public Draw Draw => draw;
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

    /// <summary>
    /// Whether it is an allowance: reserved ahead, so it takes no more than a small share of what is left.
    /// </summary>
    public bool IsAhead { get; init; }

    /// <summary>A request for an allowance, of which requests like this one are drawn.</summary>
    public ReserveWork Ahead(string key, Money most, Money least)
    {
        var heldFor = request.HeldFor + Limits.AllowanceDrawnFor;
        var ahead = request with
        {
            Key = key,
            Most = most,
            Least = least,
            HeldFor = heldFor < Limits.SpendHeldLongest ? heldFor : Limits.SpendHeldLongest,
            Reference = "Reserved ahead for calls",
            Details = null,
        };
        return new ReserveWork(ahead, account, now, billingPeriod) { IsAhead = true };
    }

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

    public required Money Amount { get; set; }

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
