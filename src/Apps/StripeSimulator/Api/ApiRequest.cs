using System.Text.Json.Nodes;

namespace Quoin.StripeSimulator.Api;

/// <summary>A call, taken off the wire.</summary>
/// <param name="Method">In upper case.</param>
/// <param name="Path">Without the query.</param>
/// <param name="Form">Query and body together.</param>
internal sealed record ApiRequest(string Method, string Path, Form Form)
{
    /// <summary>The secret key that was sent; null for none.</summary>
    public string? SecretKey { get; init; }

    /// <summary>The <c>Idempotency-Key</c>.</summary>
    public string? IdempotencyKey { get; init; }

    /// <summary>The <c>Stripe-Version</c>.</summary>
    public string? Version { get; init; }

    /// <summary>A file that was sent with the form.</summary>
    public (string Name, string Type, byte[] Bytes)? File { get; init; }
}

/// <summary>An answer, ready for the wire.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">JSON.</param>
/// <param name="RequestId">The request's id.</param>
internal sealed record ApiAnswer(int Status, string Body, string RequestId)
{
    /// <summary>Headers beside those every answer has.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; init; } = [];

    /// <summary>Whether the answer is kept for its idempotency key.</summary>
    public bool IsKept { get; init; } = true;

    /// <summary>Says no.</summary>
    public static ApiAnswer Of(Internal.ApiException refusal, string requestId) =>
        new(refusal.Status, Internal.Json.Write(refusal.Body(requestId)), requestId) { IsKept = !refusal.IsBeforeExecution };
}

/// <summary>A call as a handler sees it.</summary>
/// <param name="Request">The call.</param>
/// <param name="Id">What stands in the path for <c>{id}</c>.</param>
internal sealed record Call(ApiRequest Request, string Id)
{
    /// <summary>Its parameters.</summary>
    public Form Form => Request.Form;
}

/// <summary>Answers a call, under the world's lock.</summary>
internal delegate JsonObject Handler(Call call);
