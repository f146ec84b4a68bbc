using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Quoin.ConsolePages;

/// <summary>
/// The console's own style, script and icon, from its assembly: the same from a build, a publish and a test, and
/// nothing from elsewhere. Their addresses change with their content, so browsers keep them for ever.
/// </summary>
public static class ConsoleAssets
{
    private static readonly Dictionary<string, Asset> All = new(StringComparer.Ordinal)
    {
        ["console.css"] = Read(
            "text/css; charset=utf-8",
            "base.css", "parts.css", "overview.css", "ledger.css", "billing.css", "plan.css", "notifications.css",
            "account.css",
            "accounts.css",
            "finance.css",
            "gateway.css"),
        ["console.js"] = Read("text/javascript; charset=utf-8", "console.js", "live.js", "chart.js", "gateway.js"),
        ["icon.svg"] = Read("image/svg+xml", "icon.svg"),
    };

    /// <summary>Changes with any of them: a page that outlived an upgrade sees it and loads itself again.</summary>
    public static string Version { get; } = Short(SHA256.HashData([.. All.Values.SelectMany(asset => asset.Bytes)]));

    /// <summary>The address of one.</summary>
    public static string Path(string name) => $"/console/assets/{All[name].Version}/{name}";

    /// <summary><c>GET /console/assets/{version}/{name}</c>; the version is for caches only.</summary>
    internal static IResult Show(string name, HttpContext context)
    {
        if (!All.TryGetValue(name, out var asset))
        {
            return TypedResults.NotFound();
        }

        context.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        context.Response.Headers.Vary = HeaderNames.AcceptEncoding;
        if (!context.Request.Headers.AcceptEncoding.ToString().Contains("br", StringComparison.OrdinalIgnoreCase))
        {
            return TypedResults.Bytes(asset.Bytes, asset.ContentType);
        }

        context.Response.Headers.ContentEncoding = "br";
        return TypedResults.Bytes(asset.Compressed, asset.ContentType);
    }

    /// <summary><c>GET /favicon.ico</c>: to the icon's own address.</summary>
    internal static IResult Favicon() => TypedResults.Redirect(Path("icon.svg"));

    private static Asset Read(string contentType, params string[] files)
    {
        using var content = new MemoryStream();
        foreach (var file in files)
        {
            using var stream = typeof(ConsoleAssets).Assembly.GetManifestResourceStream(file)
                ?? throw new InvalidOperationException($"The console was built without {file}.");
            stream.CopyTo(content);
        }

        var bytes = content.ToArray();
        using var compressed = new MemoryStream();
        using (var brotli = new BrotliStream(compressed, CompressionLevel.Optimal))
        {
            brotli.Write(bytes);
        }

        return new Asset(contentType, bytes, compressed.ToArray(), Short(SHA256.HashData(bytes)));
    }

    private static string Short(byte[] hash) => Convert.ToHexStringLower(hash)[..12];

    private sealed record Asset(string ContentType, byte[] Bytes, byte[] Compressed, string Version);
}
