namespace Quoin.Notifications;

/// <summary>An endpoint to be made.</summary>
/// <param name="Url">Where it is: https; http for test-mode organisations, too.</param>
/// <param name="Topics">The topics to tell it; left out or <c>*</c> for all.</param>
/// <param name="Description">What it is for.</param>
public sealed record NewWebhookEndpoint(
    string Url, IReadOnlyList<string>? Topics = null, string? Description = null);

/// <summary>What shall change of an endpoint; what is left out stays.</summary>
/// <param name="Url">Where it is.</param>
/// <param name="Topics">The topics to tell it.</param>
/// <param name="Description">What it is for.</param>
/// <param name="IsEnabled">Whether it is told anything; disabling gives up what waits.</param>
/// <param name="Reason">Why, for the audit log.</param>
public sealed record WebhookEndpointChange(
    string? Url = null,
    IReadOnlyList<string>? Topics = null,
    string? Description = null,
    bool? IsEnabled = null,
    string? Reason = null);

/// <summary>Every way changing an endpoint can end, in the order they are checked.</summary>
public abstract record WebhookEndpointOutcome
{
    private WebhookEndpointOutcome()
    {
    }

    /// <summary>Members of the request are wrong: each with what is wrong with it.</summary>
    public sealed record Invalid(IReadOnlyDictionary<string, string> Errors) : WebhookEndpointOutcome;

    /// <summary>The organisation has none of this id.</summary>
    public sealed record NoSuchEndpoint : WebhookEndpointOutcome;

    /// <summary>There are as many as there may be.</summary>
    public sealed record TooMany : WebhookEndpointOutcome;

    /// <summary>It is as wanted.</summary>
    /// <param name="Endpoint">The endpoint.</param>
    public sealed record Done(WebhookEndpoint Endpoint) : WebhookEndpointOutcome;

    /// <summary>It is as wanted and has a new secret, which is told this once.</summary>
    /// <param name="Endpoint">The endpoint.</param>
    /// <param name="Secret">The signing secret, <c>whsec_…</c>.</param>
    public sealed record DoneWithSecret(WebhookEndpoint Endpoint, string Secret) : WebhookEndpointOutcome;
}

/// <summary>Every way sending again, or sending a test, can end, in the order they are checked.</summary>
public abstract record ReplayOutcome
{
    private ReplayOutcome()
    {
    }

    /// <summary>The organisation has no such endpoint or delivery.</summary>
    public sealed record NotFound : ReplayOutcome;

    /// <summary>The endpoint is disabled.</summary>
    public sealed record Disabled : ReplayOutcome;

    /// <summary>The topic is none, or the instant too far back.</summary>
    public sealed record Invalid(IReadOnlyDictionary<string, string> Errors) : ReplayOutcome;

    /// <summary>So many deliveries are attempted now.</summary>
    /// <param name="Count">How many.</param>
    /// <param name="Delivery">Which, where it is one.</param>
    public sealed record Replayed(int Count, WebhookDeliveryId? Delivery = null) : ReplayOutcome;
}
