using Quoin.Accounts;

namespace Quoin.Payments.Internal;

/// <summary>An event taken from the inbox, to be gone through by whoever took it.</summary>
internal sealed record InboxEvent(
    WebhookEventId Id,
    ProviderPlace Place,
    EventStamp Stamp,
    string Type,
    string? Object,
    string? Customer,
    int Attempt,
    DateTimeOffset ReceivedAt,
    byte[]? Payload)
{
    /// <summary>What it says; null until its bytes were read.</summary>
    public ProviderEventSubject? Subject { get; init; }

    /// <summary>When the provider was asked about it; null while it is as it came.</summary>
    public DateTimeOffset? AskedAt { get; init; }

    /// <summary>Whether the provider could not be asked, so that ids decide of two in one second.</summary>
    public bool DecidesById { get; init; }

    /// <summary>When subscriptions were made whose making was asked for.</summary>
    public IReadOnlyDictionary<string, DateTimeOffset> KnownCreations { get; init; } =
        new Dictionary<string, DateTimeOffset>();

    /// <summary>Where what it says comes from.</summary>
    public NewsSource Source => new(Stamp, AskedAt, DecidesById);

    /// <summary>Whose it is; null for what concerns no account, such as a payout.</summary>
    public BillingAccountKey? Account { get; init; }

    /// <summary>The operation it belongs to, by its metadata.</summary>
    public string? OperationKey => ProviderMetadata.Of(Subject)?.GetValueOrDefault(ProviderMetadata.OperationKey);
}

/// <summary>Every way applying an event can end that is no bug.</summary>
internal abstract record EventEffect
{
    private EventEffect()
    {
    }

    /// <summary>Its object is as it says, or newer.</summary>
    /// <param name="Word">What came of it, for people.</param>
    public sealed record Done(string Word) : EventEffect
    {
        public static readonly Done Applied = new("applied");
        public static readonly Done Older = new("older");
        public static readonly Done Unchanged = new("unchanged");
        public static readonly Done Ignored = new("ignored");
    }

    /// <summary>
    /// The provider must be asked how its object stands, which nobody does inside a transaction; nothing was written.
    /// </summary>
    /// <param name="Subscriptions">Subscriptions whose making must be known as well; none where it is the object alone.</param>
    public sealed record NeedsProvider(IReadOnlyList<string> Subscriptions) : EventEffect
    {
        public static readonly NeedsProvider Object = new([]);
    }

    /// <summary>It cannot be applied as things stand; nothing was written. Tried again later, then dead.</summary>
    /// <param name="Code">A closed list, for people and alerts.</param>
    /// <param name="Reason">In words.</param>
    public sealed record Refused(string Code, string Reason) : EventEffect;
}

/// <summary>An event with what came of it.</summary>
internal readonly record struct EventEnding(InboxEvent Event, EventEffect Effect);
