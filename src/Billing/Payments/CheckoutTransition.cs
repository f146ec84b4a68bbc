namespace Quoin.Payments;

/// <summary>Every way moving a checkout to another status can end.</summary>
public abstract record CheckoutTransition
{
    private CheckoutTransition()
    {
    }

    /// <summary>There is no such way; nothing is written.</summary>
    public sealed record Invalid(CheckoutStatus From, CheckoutStatus To) : CheckoutTransition;

    /// <summary>It is final or there already.</summary>
    public sealed record Unchanged(CheckoutStatus Status) : CheckoutTransition;

    /// <summary>It goes there; on the way it may pass another status, which nobody sees.</summary>
    public sealed record Moved(CheckoutStatus Status) : CheckoutTransition;

    /// <summary>Whether a status is final.</summary>
    public static bool IsTerminal(CheckoutStatus status) =>
        status is CheckoutStatus.CompletedReconciled or CheckoutStatus.Expired or CheckoutStatus.Abandoned;

    /// <summary>
    /// Decides. A final one stays as it is whatever is asked; one through which a customer has gone never becomes open
    /// or expired again: asked to expire it is abandoned.
    /// </summary>
    public static CheckoutTransition Decide(CheckoutStatus from, CheckoutStatus to)
    {
        if (from == to || IsTerminal(from))
        {
            return new Unchanged(from);
        }

        return (from, to) switch
        {
            (CheckoutStatus.Open, CheckoutStatus.RecoveryVerificationPending) => new Invalid(from, to),
            (CheckoutStatus.Open, _) => new Moved(to),
            (CheckoutStatus.CompletedPendingSubscription, CheckoutStatus.Expired) =>
                new Moved(CheckoutStatus.Abandoned),
            (CheckoutStatus.CompletedPendingSubscription, CheckoutStatus.CompletedReconciled or CheckoutStatus.Abandoned) =>
                new Moved(to),
            (CheckoutStatus.CompletedPendingSubscription, _) => new Invalid(from, to),
            _ => new Moved(to),
        };
    }

    /// <summary>
    /// Whether a checkout keeps another one of its account from being opened: one a customer is through always, an open
    /// one until a grace after its end, a hold until its end. Only subscriptions block.
    /// </summary>
    public static bool Blocks(
        CheckoutFlow flow, CheckoutStatus status, DateTimeOffset? expiresAt, DateTimeOffset now, TimeSpan grace) =>
        flow == CheckoutFlow.Subscription && status switch
        {
            CheckoutStatus.CompletedPendingSubscription => true,
            CheckoutStatus.Open => expiresAt is not { } end || end > now - grace,
            CheckoutStatus.RecoveryVerificationPending => expiresAt is not { } end || end > now,
            _ => false,
        };
}
