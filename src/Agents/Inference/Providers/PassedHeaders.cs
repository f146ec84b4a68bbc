using System.Collections.Frozen;
using Microsoft.AspNetCore.Http;

namespace Quoin.Inference.Internal;

/// <summary>
/// Which of a client's headers its provider sees. Headers nobody knows go through, as features of vendors come by them; held
/// back are those of the connection, those that carry Quoin's own credentials, and those that name an account at the vendor.
/// </summary>
internal static class PassedHeaders
{
    private static readonly FrozenSet<string> HeldBack = new[]
    {
        "Accept-Encoding", "Api-Key", "Authorization", "Connection", "Content-Encoding", "Content-Length", "Content-Type",
        "Cookie", "Expect",
        "Forwarded", "Host", "Idempotency-Key", "Keep-Alive", "OpenAI-Organization", "OpenAI-Project", "Origin",
        "Proxy-Authorization", "Proxy-Connection", "Referer", "TE", "Traceparent", "Tracestate", "Trailer", "Transfer-Encoding",
        "True-Client-Ip", "Upgrade", "Via", "X-Api-Key", "X-Client-Ip", "X-Cluster-Client-Ip", "X-Goog-Api-Key", "X-Litellm-Api-Key",
        "X-Real-Ip", "X-Request-Id",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    // Those of proxies and networks in front of Quoin say where a customer is; and a vendor behind the same network refuses what
    // seems to have gone through it before.
    private static readonly string[] HeldBackFamilies =
    [
        "Quoin-", "X-Quoin-", "X-Forwarded-", "X-Original-", "Sec-", "Proxy-", "Cf-", "Cdn-", "Fastly-", "Fly-", "X-Amz-Cf-", "X-Amzn-",
        "X-Azure-", "X-Envoy-", "X-Vercel-",
    ];

    /// <summary>Headers of a provider's answer that tell the client something and nothing about the account at the vendor.</summary>
    public static IReadOnlyList<string> OfAnswers { get; } = ["openai-processing-ms", "openai-version"];

    public static void Copy(IHeaderDictionary from, HttpRequestMessage to)
    {
        foreach (var (name, values) in from)
        {
            if (!HeldBack.Contains(name) && !HeldBackFamilies.Any(family => name.StartsWith(family, StringComparison.OrdinalIgnoreCase)))
            {
                to.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
            }
        }
    }
}
