using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Quoin.Accounts;

/// <summary>The script of passkeys and wallets, from this assembly. Its address changes with its content.</summary>
public static class ProofScript
{
    private const string Resource = "proofs.js";

    private static readonly byte[] Bytes = Read();

    /// <summary>
    /// Where it is. The console loads it, too: a session that a wallet began ends when the wallet is taken away.
    /// </summary>
    public static string Path { get; } = Route.Replace("{version}", Version(), StringComparison.Ordinal);

    /// <summary>The route; the version is for caches only.</summary>
    internal const string Route = "/sign-in/assets/{version}/proofs.js";

    /// <summary>The element that loads it.</summary>
    internal static string Element { get; } = $"""<script defer src="{Path}"></script>""";

    /// <summary><c>GET /sign-in/assets/{version}/proofs.js</c>.</summary>
    internal static IResult Show(HttpContext context)
    {
        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        return TypedResults.Bytes(Bytes, "text/javascript; charset=utf-8");
    }

    private static string Version() => Convert.ToHexStringLower(SHA256.HashData(Bytes))[..12];

    private static byte[] Read()
    {
        using var stream = typeof(ProofScript).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"Accounts was built without {Resource}.");
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
