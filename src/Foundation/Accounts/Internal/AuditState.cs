using System.Text.Json;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>States before and after, as the audit log keeps them: the same JSON the API shows.</summary>
internal static class AuditState
{
    public static string Of<T>(T state) => JsonSerializer.Serialize(state, JsonConventions.Options);
}
