using System.Text.Json;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>What stands in audit rows as before and after: the same JSON as outside.</summary>
internal static class AuditState
{
    /// <summary>A state as JSON.</summary>
    public static string Of<T>(T state) => JsonSerializer.Serialize(state, JsonConventions.Options);
}
