using Quoin.Kernel;

namespace Quoin.Ledger;

/// <summary>
/// Something that happened in the business and moves money. The legs of each stand in <see cref="Postings"/> and
/// nowhere else.
/// </summary>
public abstract record BusinessFact
{
    private BusinessFact()
    {
    }

    /// <summary>The stable name stored with the transfer.</summary>
    public abstract string Kind { get; }

    /// <summary>How much, in which currency.</summary>
    public abstract Money Amount { get; }

    /// <summary>
    /// Usage of a customer who pays before: burns credit, and what credit does not cover goes to overdraft, for facts
    /// are never refused. A negative amount gives back, overdraft first.
    /// </summary>
    /// <param name="Amount">What the usage costs; negative when earlier usage turned out cheaper.</param>
    public sealed record PrepaidUsage(Money Amount) : BusinessFact
    {
        /// <inheritdoc />
        public override string Kind => "usage_prepaid";

        /// <inheritdoc />
        public override Money Amount { get; } = Amount;
    }

    /// <summary>Usage of a customer who pays after: becomes receivable. A negative amount gives back.</summary>
    /// <param name="Amount">What the usage costs; negative when earlier usage turned out cheaper.</param>
    public sealed record PostpaidUsage(Money Amount) : BusinessFact
    {
        /// <inheritdoc />
        public override string Kind => "usage_postpaid";

        /// <inheritdoc />
        public override Money Amount { get; } = Amount;
    }

    /// <summary>Credit the operator gives away. Repays overdraft first.</summary>
    /// <param name="Amount">Positive.</param>
    public sealed record PromotionalCredit(Money Amount) : BusinessFact
    {
        /// <inheritdoc />
        public override string Kind => "credit_promotional";

        /// <inheritdoc />
        public override Money Amount { get; } = Amount;
    }

    /// <summary>Credit the customer paid for. Repays overdraft first.</summary>
    /// <param name="Amount">Positive.</param>
    public sealed record PurchasedCredit(Money Amount) : BusinessFact
    {
        /// <inheritdoc />
        public override string Kind => "credit_purchased";

        /// <inheritdoc />
        public override Money Amount { get; } = Amount;
    }
}
