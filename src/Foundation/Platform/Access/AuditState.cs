using System.Text.Json;

namespace Quoin.Platform;

/// <summary>States before and after, as the audit log keeps them: the same JSON the API shows.</summary>
public static class AuditState
{
    /// <summary>A state's JSON. Whoever calls leaves secrets out.</summary>
    public static string Of<T>(T state) => JsonSerializer.Serialize(state, JsonConventions.Options);
}
