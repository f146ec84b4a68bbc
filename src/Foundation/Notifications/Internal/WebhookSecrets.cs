using System.Security.Cryptography;
using Quoin.Platform;

namespace Quoin.Notifications.Internal;

/// <summary>The endpoints' signing secrets: encrypted at rest, each readable in its own row only.</summary>
internal sealed class WebhookSecrets(Secrets secrets, TimeProvider time)
{
    private const string Purpose = "notifications.webhook_secret";

    /// <summary>A new secret: as its owner sees it once, and as it is kept.</summary>
    public (string Text, byte[] Kept) Make(WebhookEndpointId endpoint)
    {
        var secret = RandomNumberGenerator.GetBytes(Limits.SecretBytes);
        return (StandardWebhooks.SecretText(secret), secrets.Protect(Purpose, secret, endpoint.Value.ToByteArray()));
    }

    /// <summary>The secrets that sign now: the present one, and the one it replaces as long as that is valid.</summary>
    public IReadOnlyList<byte[]> Signing(DueEndpoint endpoint)
    {
        var context = endpoint.Id.Value.ToByteArray();
        var present = secrets.Unprotect(Purpose, endpoint.Secret, context);
        return endpoint.PreviousSecret is { } previous && endpoint.PreviousSecretUntil > time.GetUtcNow()
            ? [present, secrets.Unprotect(Purpose, previous, context)]
            : [present];
    }
}
