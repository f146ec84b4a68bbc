using Quoin.Kernel;

namespace Quoin.Notifications;

/// <summary>A billing account has less available than a threshold.</summary>
/// <param name="BillingAccount">Which account.</param>
/// <param name="Available">What it has.</param>
/// <param name="Threshold">Below what it fell.</param>
/// <param name="RunwayDays">For how many days it lasts at the present pace; null where that is not known.</param>
public sealed record BalanceLow(
    BillingAccountId BillingAccount, Money Available, Money Threshold, decimal? RunwayDays = null);

/// <summary>A limit, quota or budget has been used up to a part of it.</summary>
/// <param name="Limit">The limit's key or id.</param>
/// <param name="BillingAccount">Which account; null for the whole organisation.</param>
/// <param name="Percent">Which part was passed: 80 or 100, say.</param>
/// <param name="Used">How much is used.</param>
/// <param name="Allowed">How much there is.</param>
/// <param name="ResetsAt">When it begins anew; null for never.</param>
/// <param name="Enforcement">What happens beyond it: <c>observe</c>, <c>soft</c> or <c>hard</c>.</param>
public sealed record LimitReached(
    string Limit,
    BillingAccountId? BillingAccount,
    int Percent,
    decimal Used,
    decimal Allowed,
    DateTimeOffset? ResetsAt,
    string Enforcement);

/// <summary>Credit will expire soon.</summary>
/// <param name="BillingAccount">Which account.</param>
/// <param name="Grant">The grant's id.</param>
/// <param name="Remaining">How much of it is left.</param>
/// <param name="ExpiresAt">Until when it may be spent.</param>
public sealed record GrantExpiring(
    BillingAccountId BillingAccount, string Grant, Money Remaining, DateTimeOffset ExpiresAt);

/// <summary>Usage was set aside because it could not be rated.</summary>
/// <param name="BillingAccount">Which account.</param>
/// <param name="Meter">The meter's key.</param>
/// <param name="Reason">Why: <c>no_price</c>, <c>overflow</c>, <c>failed</c>.</param>
/// <param name="EventCount">How many events wait.</param>
/// <param name="Since">Since when the oldest waits.</param>
public sealed record UsageQuarantined(
    BillingAccountId BillingAccount, string Meter, string Reason, long EventCount, DateTimeOffset Since);

/// <summary>A webhook endpoint is told nothing any more.</summary>
/// <param name="Endpoint">Which.</param>
/// <param name="Url">Where it is.</param>
/// <param name="Reason">Why.</param>
/// <param name="FailingSince">Since when no attempt succeeded.</param>
public sealed record WebhookDisabled(
    WebhookEndpointId Endpoint, string Url, DisabledReason Reason, DateTimeOffset? FailingSince);

/// <summary>Somebody tries an endpoint.</summary>
/// <param name="Message">A greeting.</param>
public sealed record WebhookTest(string Message);

/// <summary>Every topic there is, and what its payload looks like.</summary>
public static class NotificationTopics
{
    private static readonly BillingAccountId Account = new(new Guid("01930000-0000-7000-8000-000000000001"));
    private static readonly WebhookEndpointId Endpoint = new(new Guid("01930000-0000-7000-8000-000000000002"));
    private static readonly DateTimeOffset Day = new(2026, 11, 20, 8, 15, 0, TimeSpan.Zero);

    /// <summary>A balance fell below its threshold.</summary>
    public static readonly NotificationTopic<BalanceLow> BalanceLow = new(
        "balance.low",
        "A billing account has less available than its threshold.",
        new BalanceLow(Account, Usd(4_210_000), Usd(10_000_000), 1.5m),
        low => $"The balance is low: {low.Available} left");

    /// <summary>A limit was reached.</summary>
    public static readonly NotificationTopic<LimitReached> LimitReached = new(
        "limit.reached",
        "A quota, a budget or a limit was used up to a part of it, such as 80 or 100 percent.",
        new LimitReached("llm.input_tokens", Account, 80, 800_000m, 1_000_000m, Day.AddDays(10), "hard"),
        limit => $"{limit.Percent} % of {limit.Limit} is used");

    /// <summary>A grant will expire.</summary>
    public static readonly NotificationTopic<GrantExpiring> GrantExpiring = new(
        "grant.expiring",
        "Credit that is not used up will expire soon.",
        new GrantExpiring(Account, "acc_01jc000000e0080000000003", Usd(25_000_000), Day.AddDays(7)),
        grant => $"{grant.Remaining} of credit expires soon");

    /// <summary>Usage could not be rated.</summary>
    public static readonly NotificationTopic<UsageQuarantined> UsageQuarantined = new(
        "usage.quarantined",
        "Usage was set aside because it could not be rated; nothing is lost.",
        new UsageQuarantined(Account, "llm.input_tokens", "no_price", 12, Day),
        usage => $"Usage of {usage.Meter} waits to be rated");

    /// <summary>An endpoint was disabled.</summary>
    public static readonly NotificationTopic<WebhookDisabled> WebhookDisabled = new(
        "webhook.disabled",
        "A webhook endpoint answered 410 Gone, or failed for five days, and is told nothing any more.",
        new WebhookDisabled(Endpoint, "https://example.com/hooks", DisabledReason.Failing, Day),
        endpoint => $"The webhook endpoint {endpoint.Url} was disabled");

    /// <summary>Somebody tries an endpoint.</summary>
    public static readonly NotificationTopic<WebhookTest> WebhookTest = new(
        "webhook.test",
        "Somebody asked to try an endpoint; it is told to that endpoint only.",
        new WebhookTest("Hello from Quoin."),
        test => test.Message);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<NotificationTopic> All { get; } =
        [BalanceLow, LimitReached, GrantExpiring, UsageQuarantined, WebhookDisabled, WebhookTest];

    /// <summary>A topic by its name; null when there is none.</summary>
    public static NotificationTopic? Find(string name) =>
        All.FirstOrDefault(topic => string.Equals(topic.Name, name, StringComparison.Ordinal));

    private static Money Usd(long micros) => new(micros, Currency.Usd);
}
