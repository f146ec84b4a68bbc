using Quoin.Kernel;

namespace Quoin.Ledger;

/// <summary>
/// Something that happened in the business and moves money. Which accounts each one moves stands in
/// <see cref="Postings"/> and nowhere else.
/// </summary>
public abstract record BusinessFact
{
    private BusinessFact(Money amount) => Amount = amount;

    /// <summary>How much, in which currency.</summary>
    public Money Amount { get; }

    /// <summary>The stable name stored with the transfer.</summary>
    public abstract string Kind { get; }

    /// <summary>
    /// Usage: burns credit; what credit does not cover goes to overdraft or becomes receivable, for facts are never
    /// refused. A negative amount gives back to where the money came from, the last first.
    /// </summary>
    /// <param name="Amount">What the usage costs; negative when earlier usage turned out cheaper.</param>
    /// <param name="Terms">When the customer pays.</param>
    public sealed record Usage(Money Amount, PaymentTerms Terms) : BusinessFact(Amount)
    {
        /// <inheritdoc />
        public override string Kind => Terms == PaymentTerms.Prepaid ? "usage_prepaid" : "usage_postpaid";

        /// <summary>
        /// The amount by what it was spent on, where grants are restricted: the parts sum to the amount. Empty where no
        /// scope matters.
        /// </summary>
        public IReadOnlyList<ScopedAmount> Parts { get; init; } = [];

        /// <summary>What the provider charges for it, in any currency; null where there is none.</summary>
        public Money? ProviderCost { get; init; }
    }

    /// <summary>A plan's flat price for a period: becomes receivable.</summary>
    /// <param name="Amount">The price; negative when part of it is given back.</param>
    public sealed record PlanPeriod(Money Amount) : BusinessFact(Amount)
    {
        /// <inheritdoc />
        public override string Kind => "plan_period";
    }

    /// <summary>Something that was sold once, such as a setup: becomes receivable.</summary>
    /// <param name="Amount">Positive.</param>
    public sealed record ItemSold(Money Amount) : BusinessFact(Amount)
    {
        /// <inheritdoc />
        public override string Kind => "item_sold";
    }

    /// <summary>Tax on what is invoiced.</summary>
    /// <param name="Amount">The tax; negative when it is given back.</param>
    public sealed record TaxCharged(Money Amount) : BusinessFact(Amount)
    {
        /// <inheritdoc />
        public override string Kind => "tax_charged";
    }

    /// <summary>A payment of what was invoiced.</summary>
    /// <param name="Amount">Positive.</param>
    public sealed record PaymentReceived(Money Amount) : BusinessFact(Amount)
    {
        /// <inheritdoc />
        public override string Kind => "payment_received";
    }

    /// <summary>A payment of an invoice that is given back.</summary>
    /// <param name="Amount">Positive.</param>
    public sealed record PaymentRefunded(Money Amount) : BusinessFact(Amount)
    {
        /// <inheritdoc />
        public override string Kind => "payment_refunded";
    }

    /// <summary>Purchased credit that is paid back: taken from its grant, or refused.</summary>
    /// <param name="Amount">Positive.</param>
    /// <param name="Grant">The grant it is taken from.</param>
    public sealed record CreditRefunded(Money Amount, GrantId Grant) : BusinessFact(Amount)
    {
        /// <inheritdoc />
        public override string Kind => "credit_refunded";
    }

    /// <summary>
    /// Purchased credit that the provider paid back though it was spent: taken from credit, then overdraft. Never refused.
    /// </summary>
    /// <param name="Amount">Positive.</param>
    public sealed record CreditReturned(Money Amount) : BusinessFact(Amount)
    {
        /// <inheritdoc />
        public override string Kind => "credit_returned";
    }

    /// <summary>Money that was to be given back and did not reach the customer: it is the grant's again.</summary>
    /// <param name="Amount">Positive.</param>
    /// <param name="Grant">The grant it was taken from.</param>
    public sealed record CreditRefundFailed(Money Amount, GrantId Grant) : BusinessFact(Amount)
    {
        /// <inheritdoc />
        public override string Kind => "credit_refund_failed";
    }

    /// <summary>A payment the customer's bank took back: taken from credit, then overdraft. Never refused.</summary>
    /// <param name="Amount">Positive.</param>
    public sealed record Chargeback(Money Amount) : BusinessFact(Amount)
    {
        /// <inheritdoc />
        public override string Kind => "chargeback";
    }

    /// <summary>A dispute that was won: the money is back, and goes to where the chargeback took it from.</summary>
    /// <param name="Amount">Positive.</param>
    public sealed record ChargebackReversed(Money Amount) : BusinessFact(Amount)
    {
        /// <inheritdoc />
        public override string Kind => "chargeback_reversed";
    }

    /// <summary>What the payment processor kept.</summary>
    /// <param name="Amount">The fee; negative when it is given back.</param>
    public sealed record ProcessorFee(Money Amount) : BusinessFact(Amount)
    {
        /// <inheritdoc />
        public override string Kind => "processor_fee";
    }

    /// <summary>The processor's payment to the operator's bank.</summary>
    /// <param name="Amount">What arrived; negative when the processor took it back.</param>
    public sealed record Payout(Money Amount) : BusinessFact(Amount)
    {
        /// <inheritdoc />
        public override string Kind => "payout";
    }

    /// <summary>A part of an invoice that need not be paid.</summary>
    /// <param name="Amount">Positive.</param>
    public sealed record CreditNote(Money Amount) : BusinessFact(Amount)
    {
        /// <inheritdoc />
        public override string Kind => "credit_note";
    }

    /// <summary>A debt nobody will pay.</summary>
    /// <param name="Amount">Positive.</param>
    /// <param name="Terms">Whose: the overdraft of a prepaid customer, the receivable of a postpaid one.</param>
    public sealed record WriteOff(Money Amount, PaymentTerms Terms) : BusinessFact(Amount)
    {
        /// <inheritdoc />
        public override string Kind => Terms == PaymentTerms.Prepaid ? "write_off_overdraft" : "write_off_receivable";
    }

    /// <summary>Micros that a payment in minor units cannot carry.</summary>
    /// <param name="Amount">What is missing; negative when it was too much.</param>
    public sealed record RoundingDifference(Money Amount) : BusinessFact(Amount)
    {
        /// <inheritdoc />
        public override string Kind => "rounding_difference";
    }

    /// <summary>Legs a person chose, where nothing above says it: strict on every grant it takes from.</summary>
    /// <param name="Amount">What moves from the falling side to the rising one.</param>
    /// <param name="Legs">The legs; they sum to zero in each currency.</param>
    public sealed record Manual(Money Amount, IReadOnlyList<Leg> Legs) : BusinessFact(Amount)
    {
        /// <inheritdoc />
        public override string Kind => "manual";
    }

    /// <summary>A correction that undoes a transfer, leg by leg; credit spent since is taken from the overdraft.</summary>
    /// <param name="Amount">What the original moved.</param>
    /// <param name="Legs">The original's legs, turned round.</param>
    /// <param name="Original">The transfer it undoes: each is undone once.</param>
    /// <param name="OriginalKind">The kind of the fact it undoes.</param>
    public sealed record Reversal(Money Amount, IReadOnlyList<Leg> Legs, TransferId Original, string OriginalKind)
        : BusinessFact(Amount)
    {
        /// <inheritdoc />
        public override string Kind => "reversal";
    }

    /// <summary>A correction that adds what a transfer lacked or takes what it had too much of.</summary>
    /// <param name="Amount">What moves.</param>
    /// <param name="Legs">The legs; they sum to zero in each currency.</param>
    /// <param name="Original">The transfer it corrects.</param>
    public sealed record Adjustment(Money Amount, IReadOnlyList<Leg> Legs, TransferId Original) : BusinessFact(Amount)
    {
        /// <inheritdoc />
        public override string Kind => "adjustment";
    }

    /// <summary>What a hold reserved becomes revenue; made by <see cref="CaptureHold"/>.</summary>
    /// <param name="Amount">Positive.</param>
    /// <param name="Terms">When the customer pays.</param>
    internal sealed record HoldCaptured(Money Amount, PaymentTerms Terms) : BusinessFact(Amount)
    {
        /// <inheritdoc />
        public override string Kind => Terms == PaymentTerms.Prepaid ? "capture_prepaid" : "capture_postpaid";
    }

    /// <summary>Credit becomes a grant; made by <see cref="CreateGrant"/>. Repays overdraft at once.</summary>
    /// <param name="Amount">Positive.</param>
    /// <param name="Source">Where it comes from.</param>
    /// <param name="Grant">The new grant.</param>
    internal sealed record CreditGranted(Money Amount, GrantSource Source, GrantId Grant) : BusinessFact(Amount)
    {
        /// <inheritdoc />
        public override string Kind => $"credit_{Source.Name()}";
    }

    /// <summary>A grant became effective, or got money back, while overdraft was owed.</summary>
    internal sealed record OverdraftRepaid(Money Amount, GrantId Grant) : BusinessFact(Amount)
    {
        /// <inheritdoc />
        public override string Kind => "overdraft_repaid";
    }

    /// <summary>What was left of a grant when it expired.</summary>
    internal sealed record GrantExpired(Money Amount, GrantId Grant) : BusinessFact(Amount)
    {
        /// <inheritdoc />
        public override string Kind => "grant_expired";
    }

    /// <summary>What was left of a grant when it was taken back.</summary>
    internal sealed record GrantVoided(Money Amount, GrantSource Source, GrantId Grant) : BusinessFact(Amount)
    {
        /// <inheritdoc />
        public override string Kind => $"grant_voided_{Source.Name()}";
    }
}

/// <summary>A part of an amount, and what it was spent on.</summary>
/// <param name="Amount">How much.</param>
/// <param name="Scopes">
/// Opaque names, such as a meter's or a model's: a restricted grant pays where one of its scopes is among them.
/// </param>
public sealed record ScopedAmount(Money Amount, IReadOnlySet<string> Scopes);

/// <summary>One side of a transfer: how much an account of the chart changes.</summary>
/// <param name="Account">The kind of account.</param>
/// <param name="Amount">Above zero the account receives, below it gives.</param>
/// <param name="Grant">Which grant, where the kind is grants.</param>
public readonly record struct Leg(AccountKind Account, Money Amount, GrantId? Grant = null);
