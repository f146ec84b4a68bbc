using Quoin.Platform;

namespace Quoin.Notifications.Internal;

/// <summary>Serves one endpoint for a while: sends what is due, a few requests at once, and records each attempt.</summary>
internal sealed class DeliveryTurn(
    DueEndpoints endpoints,
    WebhookSender sender,
    WebhookSecrets secrets,
    RecordAttempts recorder,
    NotificationsMetrics metrics,
    TimeProvider time)
{
    public async Task Run(DueEndpoint endpoint, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var isFailing = false;
        while (!isFailing && time.GetElapsedTime(started) < Limits.TurnLongest)
        {
            var due = await endpoints.Read(endpoint, cancellationToken);
            if (due.Count == 0)
            {
                break;
            }

            // A receiver that fails is asked no more than a handful of times before the others have their turn.
            foreach (var several in due.Chunk(Limits.RequestsAtOncePerEndpoint))
            {
                var ended = await Task.WhenAll(several.Select(one => Attempt(endpoint, one, cancellationToken)));
                isFailing = ended.Contains(false);
                if (isFailing || time.GetElapsedTime(started) >= Limits.TurnLongest)
                {
                    break;
                }
            }
        }

        await endpoints.GiveBack(endpoint);
    }

    private async Task<bool> Attempt(
        DueEndpoint endpoint, DueDelivery delivery, CancellationToken cancellationToken)
    {
        var startedAt = Instant.Now(time);
        var started = time.GetTimestamp();
        var result = await sender.Send(
            endpoint.Url, secrets.Signing(endpoint), delivery.Message, delivery.Body, cancellationToken);
        var took = time.GetElapsedTime(started);
        metrics.Attempted(result, took);

        // It was sent: a host that stops now still says so.
        await recorder.Record(endpoint, delivery.Id, new Attempt(startedAt, took, result), CancellationToken.None);
        return result.IsDelivered;
    }
}
