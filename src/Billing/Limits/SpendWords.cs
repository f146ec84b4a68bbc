using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Limiting.Internal;

namespace Quoin.Limiting;

/// <summary>Something whose spending may have a budget: a key, a session, a project, an organisation.</summary>
/// <param name="Kind">What it is, such as <c>key</c>, <c>session</c>, <c>run</c>, <c>user</c>, <c>project</c>, <c>organisation</c>.</param>
/// <param name="Id">Which one; opaque here.</param>
public sealed record SpendScope(string Kind, string Id)
{
    /// <summary>The kind of scope that is the organisation itself; each request is in it unasked.</summary>
    public const string OrganisationKind = "organisation";

    /// <summary>The scope that is an organisation itself.</summary>
    public static SpendScope Of(OrgId org) => new(OrganisationKind, org.ToString());
}

/// <summary>How strictly a budget holds, from the mildest on.</summary>
public enum SpendPosture
{
    /// <summary>It counts, and refuses nothing.</summary>
    Observe,

    /// <summary>It counts and warns, and refuses nothing.</summary>
    Soft,

    /// <summary>It refuses: never over, by one micro, on any number of replicas.</summary>
    Hard,
}

/// <summary>Asks that money be set aside for something about to be used, out of every budget it counts in.</summary>
/// <param name="Org">Whose.</param>
/// <param name="BillingAccount">Who pays.</param>
/// <param name="Key">The natural key of what is about to happen, such as a request's id: reserved once, for ever.</param>
/// <param name="Scopes">What it is spent by; the organisation itself is always one of them.</param>
/// <param name="Most">How much it may come to at most; positive.</param>
/// <param name="Least">
/// With how much it can still be done; at least one micro and no more than <paramref name="Most"/>. What is reserved is
/// as much of <paramref name="Most"/> as budgets and money have left. Null is all or nothing.
/// </param>
/// <param name="Posture">
/// How strictly budgets hold for this request; a budget is never stricter than its own posture. Money is not a budget: what a
/// prepaid account does not have is refused whatever the posture.
/// </param>
/// <param name="HeldFor">How long the caller is believed to live, by the system's clock, unless it renews.</param>
/// <param name="Reference">What it is for, for a person.</param>
/// <param name="Details">What the caller wants to know when it died: opaque JSON, given to <see cref="ISpendLapse"/>.</param>
public sealed record SpendRequest(
    OrgId Org,
    BillingAccountId BillingAccount,
    string Key,
    IReadOnlyList<SpendScope> Scopes,
    Money Most,
    Money? Least,
    SpendPosture Posture,
    TimeSpan HeldFor,
    string Reference,
    string? Details);

/// <summary>Why nothing may be spent at all.</summary>
public enum SuspendedReason
{
    /// <summary>The subscription is canceled.</summary>
    Canceled,

    /// <summary>The subscription, or an ended trial, waits to be paid.</summary>
    PastDue,

    /// <summary>The organisation is about to be deleted, or is.</summary>
    OrganisationClosed,

    /// <summary>The billing account is closed, or the organisation has no such account.</summary>
    AccountClosed,
}

/// <summary>A soft budget that a request went past without being refused.</summary>
/// <param name="Budget">The budget, with the request in it.</param>
/// <param name="Left">What was left of it before, not negative.</param>
public sealed record SpendWarning(BudgetStanding Budget, Money Left);

/// <summary>Every way asking for money can end, in the order they are checked.</summary>
public abstract record SpendOutcome
{
    private SpendOutcome()
    {
    }

    /// <summary>No answer could be had, or too much is waiting; whether anything was reserved is not known, and it lapses.</summary>
    public sealed record Unavailable : SpendOutcome;

    /// <summary>Nothing may be spent at all; nothing was reserved.</summary>
    /// <param name="Reason">Why.</param>
    public sealed record Suspended(SuspendedReason Reason) : SpendOutcome;

    /// <summary>Something was reserved under this key before, whatever became of it; nothing more was.</summary>
    public sealed record KeyTaken : SpendOutcome;

    /// <summary>A hard budget has less left than the least that was asked for; nothing was reserved.</summary>
    /// <param name="Budget">The first such budget, as it stands; it says when it resets.</param>
    /// <param name="Left">What is left of it, not negative.</param>
    public sealed record BudgetExceeded(BudgetStanding Budget, Money Left) : SpendOutcome;

    /// <summary>There is less money than the least that was asked for; nothing was reserved, on no budget either.</summary>
    /// <param name="Available">What there is.</param>
    public sealed record InsufficientFunds(Money Available) : SpendOutcome;

    /// <summary>It is reserved, durably, on every budget and of the money.</summary>
    /// <param name="Amount">How much: between the least and the most.</param>
    /// <param name="Hold">
    /// The ledger's hold, as text; usage events name it as <c>quoinhold</c>. Empty where it is a part of a larger one: then
    /// settling it says which hold to name (<see cref="SpendEntry.Hold"/>).
    /// </param>
    /// <param name="Balance">What may still be held after this; null where there is no limit.</param>
    /// <param name="Budgets">The budgets it counts in, each with this reservation in it.</param>
    /// <param name="Warnings">What it went past: soft budgets.</param>
    public sealed record Reserved(
        Money Amount,
        string Hold,
        Money? Balance,
        IReadOnlyList<BudgetStanding> Budgets,
        IReadOnlyList<SpendWarning> Warnings) : SpendOutcome
    {
        /// <summary>What settles it without looking it up, on the replica that made it.</summary>
        public SpendTicket? Ticket { get; init; }

        /// <summary>
        /// Ends once it is durable: nothing may be spent before. False, or a failure, says that it could not be made so; then
        /// it is to be given back, as it may be reserved all the same. Over already but in what <see cref="Spending.Decide"/>
        /// answers.
        /// </summary>
        public Task<bool> Durable { get; init; } = Task.FromResult(true);
    }
}

/// <summary>What a reservation counts in, as the replica that made it knows.</summary>
public sealed class SpendTicket
{
    internal SpendTicket(long amountMicros, HoldId hold, Guid[] budgetIds, DateTimeOffset[] windowStarts) =>
        (AmountMicros, Hold, BudgetIds, WindowStarts) = (amountMicros, hold, budgetIds, windowStarts);

    internal long AmountMicros { get; }

    internal HoldId Hold { get; }

    /// <summary>What was drawn for it, where it is a part of an allowance.</summary>
    internal Draw? Draw { get; private init; }

    /// <summary>The ticket of what is drawn on the reservation of this one.</summary>
    internal SpendTicket For(Draw draw) => new(draw.Micros, Hold, BudgetIds, WindowStarts) { Draw = draw };

    internal Guid[] BudgetIds { get; }

    internal DateTimeOffset[] WindowStarts { get; }
}

/// <summary>Where a reservation of money stands.</summary>
public enum SpendState
{
    /// <summary>Reserved, and its holder is believed to live.</summary>
    Held,

    /// <summary>Its holder is taken for dead and somebody looks into it; it is still reserved.</summary>
    InReview,

    /// <summary>What it came to counts in its budgets; the hold stays until the usage is posted.</summary>
    Settled,

    /// <summary>Given back: nothing was used.</summary>
    Canceled,

    /// <summary>Given back, as its holder died and nobody said what it came to.</summary>
    Lapsed,
}

/// <summary>Every way changing or settling a reservation can end.</summary>
public abstract record SpendChange
{
    private SpendChange()
    {
    }

    /// <summary>No answer could be had; ask again.</summary>
    public sealed record Unavailable : SpendChange;

    /// <summary>Nothing was reserved under this key.</summary>
    public sealed record NotFound : SpendChange;

    /// <summary>It had ended before; nothing changed. A repeated change is this, too.</summary>
    /// <param name="How">How it ended.</param>
    public sealed record AlreadyEnded(SpendState How) : SpendChange;

    /// <summary>Done.</summary>
    public sealed record Done : SpendChange;
}

/// <summary>What became of a reservation: its budgets count what was spent instead of what was reserved.</summary>
/// <param name="Org">Whose.</param>
/// <param name="Key">The reservation's key.</param>
/// <param name="QuotedMicros">
/// What it came to, in micros of the reservation's currency, unrounded, to <see cref="Limits.QuotedScaleMax"/> decimals.
/// More than was reserved counts, too; less than nothing counts as nothing.
/// </param>
public sealed record SpendSettlement(OrgId Org, string Key, decimal QuotedMicros)
{
    /// <summary>The ticket of the reservation, where it is at hand.</summary>
    public SpendTicket? Ticket { get; init; }
}

/// <summary>Something to be written down when spending is settled.</summary>
/// <param name="org">Whose.</param>
/// <param name="settlement">What it came to; null where nothing is to be settled.</param>
public abstract class SpendEntry(OrgId org, SpendSettlement? settlement)
{
    /// <summary>Whose.</summary>
    public OrgId Org => org;

    /// <summary>What it came to; null where nothing is to be settled.</summary>
    public SpendSettlement? Settlement => settlement;

    /// <summary>
    /// The ticket of a reservation about which something is written down while it stays reserved, as somebody will look into
    /// it; null where there is none.
    /// </summary>
    public SpendTicket? Kept { get; init; }

    /// <summary>What became of the reservation; null where nothing was to be settled, or not yet.</summary>
    public SpendChange? Change { get; internal set; }

    /// <summary>
    /// The hold that is there for what was spent, as text, where it is another one than was reserved: what many reservations
    /// came to may have one hold, which the usage of each names. Told before it is written down; null where there is none.
    /// </summary>
    public string? Hold { get; internal set; }

    /// <summary>What was drawn for it, while that is no reservation of its own; null where nothing was.</summary>
    internal Draw? Draw => Drawn is { IsDetached: false } draw ? draw : null;

    /// <summary>What was drawn for it, whatever became of that; null where nothing was.</summary>
    internal Draw? Drawn => (Settlement?.Ticket ?? Kept)?.Draw;
}

/// <summary>Writes down what spending came to, in the transaction that settles it.</summary>
public interface ISpendJournal
{
    /// <summary>
    /// Adds the statements that write entries. It may be asked again for the same entries, when what was written was rolled
    /// back; of an entry whose reservation had been settled before, another one was written before.
    /// </summary>
    /// <param name="batch">The batch; what it locks is locked after reservations, budgets and books.</param>
    /// <param name="entries">The entries, each with its <see cref="SpendEntry.Change"/>.</param>
    /// <param name="areFirst">
    /// Whether they are taken to be the first about their keys: then a statement may fail because one is not, with
    /// <c>unique_violation</c>, and all are asked for again.
    /// </param>
    void Write(NpgsqlBatch batch, IReadOnlyList<SpendEntry> entries, bool areFirst);
}
