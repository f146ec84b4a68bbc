using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Quoin.Accounts;

/// <summary>A public key of an issuer, as its key set shows it (RFC 7517).</summary>
/// <param name="KeyId">Its <c>kid</c>; null where it has none.</param>
/// <param name="Rsa">Modulus and exponent of a key for RS256; null for one of ES256.</param>
/// <param name="Ec">The point on P-256 of a key for ES256; null for one of RS256.</param>
public sealed record IssuerKey(string? KeyId, RSAParameters? Rsa, ECParameters? Ec)
{
    private const int RsaBytesMin = 256;
    private const int KeysMax = 50;

    /// <summary>The keys of a key set that sign with RS256 or ES256; others are passed over.</summary>
    public static IReadOnlyList<IssuerKey> ReadSet(JsonElement set) =>
        set.ValueKind == JsonValueKind.Object && set.TryGetProperty("keys", out var keys) && keys.ValueKind == JsonValueKind.Array
            ? [.. keys.EnumerateArray().Take(KeysMax).Select(Read).OfType<IssuerKey>()]
            : [];

    private static IssuerKey? Read(JsonElement key)
    {
        if (key.ValueKind != JsonValueKind.Object || key.Text("use") is not (null or "sig"))
        {
            return null;
        }

        var id = key.Text("kid");
        return key.Text("kty") switch
        {
            "RSA" when key.Text("alg") is null or "RS256"
                && Bytes(key, "n") is { Length: >= RsaBytesMin } n && Bytes(key, "e") is { } e =>
                new IssuerKey(id, new RSAParameters { Modulus = n, Exponent = e }, null),
            "EC" when key.Text("crv") == "P-256" && Bytes(key, "x") is { Length: 32 } x && Bytes(key, "y") is { Length: 32 } y =>
                new IssuerKey(
                    id, null, new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = new ECPoint { X = x, Y = y } }),
            _ => null,
        };
    }

    private static byte[]? Bytes(JsonElement key, string name) =>
        key.Text(name) is { } text && Base64Url.IsValid(text) ? Base64Url.DecodeFromChars(text) : null;
}

/// <summary>What an ID token must say to count.</summary>
/// <param name="Issuer">Who must have written it.</param>
/// <param name="ClientId">For whom.</param>
/// <param name="Nonce">In answer to what.</param>
public sealed record ExpectedToken(string Issuer, string ClientId, string Nonce);

/// <summary>Every way checking an ID token can end, in the order it is checked.</summary>
public abstract record IdTokenOutcome
{
    private IdTokenOutcome()
    {
    }

    /// <summary>It does not hold.</summary>
    /// <param name="Why">What is wrong, for the log; nothing of the token itself.</param>
    public sealed record Refused(string Why) : IdTokenOutcome;

    /// <summary>It names a key that is not among those known: the issuer may have new ones.</summary>
    public sealed record UnknownKey : IdTokenOutcome;

    /// <summary>It holds.</summary>
    /// <param name="Claims">What it says.</param>
    public sealed record Holds(JsonElement Claims) : IdTokenOutcome;
}

/// <summary>Checks ID tokens as OpenID Connect Core 1.0 says in section 3.1.3.7.</summary>
public static class IdToken
{
    private const int LettersMax = 16_384;
    private const int SubjectLettersMax = 255;

    /// <summary>Checks a token's signature (RS256 or ES256, nothing else) and what it says.</summary>
    public static IdTokenOutcome Check(
        string token, IReadOnlyList<IssuerKey> keys, ExpectedToken expected, DateTimeOffset now)
    {
        var parts = token.Split('.');
        if (token.Length > LettersMax || parts.Length != 3 || !parts.All(part => part.Length > 0 && Base64Url.IsValid(part))
            || Json(parts[0]) is not { } header || Json(parts[1]) is not { } claims)
        {
            return new IdTokenOutcome.Refused("it is no signed token");
        }

        if (header.Text("alg") is not ("RS256" or "ES256") || header.TryGetProperty("crit", out _))
        {
            return new IdTokenOutcome.Refused("it is signed another way than with RS256 or ES256");
        }

        var kid = header.Text("kid");
        var isRsa = header.Text("alg") == "RS256";
        var fitting = keys.Where(key => (key.Rsa is not null) == isRsa && (kid is null || key.KeyId == kid)).ToList();
        if (fitting.Count == 0)
        {
            return new IdTokenOutcome.UnknownKey();
        }

        var signed = Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}");
        var signature = Base64Url.DecodeFromChars(parts[2]);
        if (!fitting.Any(key => IsSignedBy(key, signed, signature)))
        {
            return new IdTokenOutcome.Refused("its signature is not the issuer's");
        }

        return Wrong(claims, expected, now.ToUnixTimeSeconds()) is { } wrong
            ? new IdTokenOutcome.Refused(wrong)
            : new IdTokenOutcome.Holds(claims);
    }

    private static string? Wrong(JsonElement claims, ExpectedToken expected, long now)
    {
        var skew = (long)Limits.IssuerClockSkew.TotalSeconds;
        var azp = claims.Text("azp");
        var audiences = Audiences(claims);
        return claims switch
        {
            _ when claims.Text("iss") != expected.Issuer => "another issuer wrote it",
            _ when !audiences.Contains(expected.ClientId, StringComparer.Ordinal) => "it is for another client",
            _ when (azp is null && audiences.Count > 1) || (azp is not null && azp != expected.ClientId) => "another client asked for it",
            _ when claims.Number("exp") is not { } exp || exp <= now - skew => "it has expired",
            _ when claims.Number("nbf") > now + skew => "it does not count yet",
            _ when claims.Number("iat") is not { } iat || iat > now + skew => "it was issued in the future",
            _ when claims.Number("iat") < now - (long)Limits.IdTokenAgeMax.TotalSeconds => "it was issued long ago",
            _ when claims.Text("nonce") != expected.Nonce => "it answers another request",
            _ when claims.Text("sub") is not { Length: > 0 and <= SubjectLettersMax } => "it names nobody",
            _ => null,
        };
    }

    private static List<string> Audiences(JsonElement claims)
    {
        if (!claims.TryGetProperty("aud", out var aud))
        {
            return [];
        }

        return aud.ValueKind switch
        {
            JsonValueKind.String => [aud.GetString()!],
            JsonValueKind.Array => [.. aud.EnumerateArray()
                .Where(one => one.ValueKind == JsonValueKind.String)
                .Select(one => one.GetString()!)],
            _ => [],
        };
    }

    private static bool IsSignedBy(IssuerKey key, byte[] signed, byte[] signature)
    {
        try
        {
            if (key.Rsa is { } rsaParameters)
            {
                using var rsa = RSA.Create(rsaParameters);
                return rsa.VerifyData(signed, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            }

            using var ecdsa = ECDsa.Create(key.Ec!.Value);
            return ecdsa.VerifyData(signed, signature, HashAlgorithmName.SHA256);
        }
        catch (CryptographicException)
        {
            // The issuer published numbers that are no key.
            return false;
        }
    }

    private static JsonElement? Json(string part)
    {
        try
        {
            var element = JsonSerializer.Deserialize<JsonElement>(Base64Url.DecodeFromChars(part));
            return element.ValueKind == JsonValueKind.Object ? element : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Reading members that may be absent or of another kind.</summary>
internal static class JsonMembers
{
    /// <summary>A text; null where there is none.</summary>
    public static string? Text(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    /// <summary>A whole number; null where there is none.</summary>
    public static long? Number(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.Number && member.TryGetInt64(out var number)
            ? number
            : null;

    /// <summary>Whether a member says yes; some issuers write it as text.</summary>
    public static bool IsTrue(this JsonElement element, string name) =>
        element.TryGetProperty(name, out var member)
        && (member.ValueKind == JsonValueKind.True || (member.ValueKind == JsonValueKind.String && member.GetString() == "true"));
}
