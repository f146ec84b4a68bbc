namespace Quoin.StripeSimulator;

/// <summary>How much the simulator keeps and takes: it stands beside a program under test, and must never outgrow it.</summary>
public static class Limits
{
    /// <summary>Objects of one kind. More means a loop ran away; a reset begins anew.</summary>
    public const int ObjectsMax = 200_000;

    /// <summary>Events kept for lists and resending; the oldest go first. Stripe keeps thirty days.</summary>
    public const int EventsMax = 50_000;

    /// <summary>Idempotency keys kept, whatever their age.</summary>
    public const int IdempotencyKeysMax = 100_000;

    /// <summary>Bytes of a request's body: evidence files are the largest.</summary>
    public const long BodyBytesMax = 8 * 1024 * 1024;

    /// <summary>Faults waiting for their calls.</summary>
    public const int FaultsMax = 1_000;

    /// <summary>Objects of a page of a list, as Stripe has it.</summary>
    public const int PageMax = 100;

    /// <summary>Pairs of metadata, letters of a key and of a value, as Stripe has them.</summary>
    public const int MetadataPairsMax = 50;

    /// <summary>Letters of a metadata key.</summary>
    public const int MetadataKeyMax = 40;

    /// <summary>Letters of a metadata value.</summary>
    public const int MetadataValueMax = 500;

    /// <summary>How deep <c>expand[]</c> goes, as Stripe has it.</summary>
    public const int ExpandDepthMax = 4;

    /// <summary>Levels of brackets in a form's names.</summary>
    public const int FormDepthMax = 8;

    /// <summary>Steps of due work in one move of a clock: ten years of monthly renewals of a hundred subscriptions.</summary>
    public const int DueStepsMax = 20_000;

    /// <summary>Attempts to deliver one event: about what Stripe makes in three days.</summary>
    public const int DeliveryAttemptsMax = 12;

    /// <summary>Deliveries waiting; the oldest go first, as they do at Stripe after three days.</summary>
    public const int DeliveriesMax = 100_000;

    /// <summary>How long an idempotency key is remembered, as Stripe has it.</summary>
    public static readonly TimeSpan IdempotencyKept = TimeSpan.FromHours(24);

    /// <summary>How long a webhook may take to answer.</summary>
    public static readonly TimeSpan DeliveryTimeout = TimeSpan.FromSeconds(10);

    /// <summary>How long a call that is to time out is held before its connection is cut.</summary>
    public static readonly TimeSpan HoldMax = TimeSpan.FromMinutes(2);

    /// <summary>The shortest and the longest a checkout may stay open; a little more for a client's clock ahead of ours.</summary>
    public static readonly TimeSpan CheckoutOpenMin = TimeSpan.FromMinutes(30);

    /// <summary>The longest a checkout may stay open.</summary>
    public static readonly TimeSpan CheckoutOpenMax = TimeSpan.FromHours(24);

    /// <summary>How much a client's clock may be ahead of the simulator's.</summary>
    public static readonly TimeSpan ClockSlack = TimeSpan.FromMinutes(5);

    /// <summary>How often due work and webhooks are looked after when nothing else wakes them.</summary>
    public static readonly TimeSpan Beat = TimeSpan.FromMilliseconds(500);
}
