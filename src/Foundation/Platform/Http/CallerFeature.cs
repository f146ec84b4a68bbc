using Microsoft.AspNetCore.Http;

namespace Quoin.Platform;

/// <summary>The caller of the request at hand, put there by the gate.</summary>
public static class CallerFeature
{
    private static readonly object Key = new();

    /// <summary>Who sends this request.</summary>
    /// <exception cref="InvalidOperationException">The endpoint lets anyone in, so nobody was identified.</exception>
    public static Caller Caller(this HttpContext context) =>
        context.Items[Key] as Caller ?? throw new InvalidOperationException("This endpoint does not identify its caller.");

    /// <summary>Who sends this request; null where nobody was identified (yet).</summary>
    public static Caller? FindCaller(this HttpContext context) => context.Items[Key] as Caller;

    /// <summary>Remembers who sends this request.</summary>
    public static void SetCaller(this HttpContext context, Caller caller) => context.Items[Key] = caller;
}
