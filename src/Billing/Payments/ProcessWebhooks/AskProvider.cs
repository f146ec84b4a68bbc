namespace Quoin.Payments.Internal;

/// <summary>Asks the provider what an event alone cannot tell; outside every transaction.</summary>
internal sealed class AskProvider(IPaymentProviders providers, TimeProvider time)
{
    /// <summary>
    /// The event with its object as it is now and what else was to be found out; one that could not be asked decides by ids.
    /// </summary>
    public async Task<InboxEvent> About(
        InboxEvent one, EventEffect.NeedsProvider needed, CancellationToken cancellationToken)
    {
        if (providers.Of(one.Place.Mode) is not { } provider)
        {
            return one with { DecidesById = true };
        }

        var known = new Dictionary<string, DateTimeOffset>(one.KnownCreations, StringComparer.Ordinal);
        foreach (var id in needed.Subscriptions)
        {
            // One that the provider does not know any more was there before all that it knows.
            known[id] = await provider.Subscription(id, cancellationToken) switch
            {
                ProviderOutcome<ProviderSubscription>.Done(var said, _) => said.CreatedAt,
                ProviderOutcome<ProviderSubscription>.NotFound => DateTimeOffset.UnixEpoch,
                var outcome => throw new ProviderSilentException($"asking for {id} ended as {outcome}"),
            };
        }

        if (needed.Subscriptions.Count > 0)
        {
            return one with { KnownCreations = known };
        }

        var askedAt = Platform.Instant.Now(time);
        return await Now(provider, one.Subject, cancellationToken) is { } subject
            ? one with { Subject = subject, AskedAt = askedAt }
            : one with { DecidesById = true, AskedAt = null };
    }

    private static async Task<ProviderEventSubject?> Now(
        IPaymentProvider provider, ProviderEventSubject? subject, CancellationToken cancellationToken) => subject switch
        {
            ProviderEventSubject.Subscription(var one) =>
                Of(await provider.Subscription(one.Id, cancellationToken), said => new ProviderEventSubject.Subscription(said)),
            ProviderEventSubject.Invoice(var one) =>
                Of(await provider.Invoice(one.Id, cancellationToken), said => new ProviderEventSubject.Invoice(said)),
            ProviderEventSubject.Payment(var one) =>
                Of(await provider.Payment(one.Id, cancellationToken), said => new ProviderEventSubject.Payment(said)),
            ProviderEventSubject.Refund(var one) =>
                Of(await provider.FindRefund(one.Id, cancellationToken), said => new ProviderEventSubject.Refund(said)),
            ProviderEventSubject.Dispute(var one) =>
                Of(await provider.Dispute(one.Id, cancellationToken), said => new ProviderEventSubject.Dispute(said)),
            ProviderEventSubject.Customer(var one) =>
                Of(await provider.Customer(one.Id, cancellationToken), said => new ProviderEventSubject.Customer(said)),
            _ => null,
        };

    private static ProviderEventSubject? Of<T>(ProviderOutcome<T> outcome, Func<T, ProviderEventSubject> subject) =>
        outcome is ProviderOutcome<T>.Done(var said, _) ? subject(said) : null;
}

/// <summary>The provider did not answer what must be known; tried again later.</summary>
/// <param name="message">What was asked.</param>
internal sealed class ProviderSilentException(string message) : Exception($"The provider could not be asked: {message}.");
