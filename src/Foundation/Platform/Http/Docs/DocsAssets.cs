using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Quoin.Platform;

/// <summary>The style sheet of the pages this module serves, from its assembly: nothing is loaded from elsewhere.</summary>
internal static class DocsAssets
{
    private static readonly byte[] Style = Read();
    private static readonly EntityTagHeaderValue Tag = new($"\"{Convert.ToHexStringLower(SHA256.HashData(Style))[..16]}\"");

    public static IResult ShowStyle() => Results.Bytes(Style, "text/css; charset=utf-8", entityTag: Tag);

    private static byte[] Read()
    {
        using var stream = typeof(DocsAssets).Assembly.GetManifestResourceStream("docs.css")!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }
}
