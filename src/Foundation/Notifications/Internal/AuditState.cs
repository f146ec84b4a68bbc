using System.Text.Json;
using Quoin.Platform;

namespace Quoin.Notifications.Internal;

/// <summary>States for the audit log, as the API shows them.</summary>
internal static class AuditState
{
    public static string Of<T>(T state) => JsonSerializer.Serialize(state, JsonConventions.Options);
}
