using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Quoin.Accounts;

namespace Quoin.Tests.Unit.Foundation.Accounts;

/// <summary>OpenID Connect Core 1.0, section 3.1.3.7, one rule a test.</summary>
public sealed class CheckingAnIdToken : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly ExpectedToken Expected = new("https://issuer.example", "quoin", "n-1");

    private readonly RSA rsa = RSA.Create(2048);
    private readonly ECDsa ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose()
    {
        rsa.Dispose();
        ec.Dispose();
    }

    [Theory]
    [InlineData("RS256")]
    [InlineData("ES256")]
    public void Takes_what_the_issuer_signed(string alg)
    {
        var holds = Check(Sign(alg, Claims())).ShouldBeOfType<IdTokenOutcome.Holds>();

        holds.Claims.GetProperty("sub").GetString().ShouldBe("ada");
    }

    [Theory]
    [InlineData("iss", "\"https://evil.example\"")]
    [InlineData("iss", "\"https://issuer.example/\"")]
    [InlineData("iss", "null")]
    [InlineData("aud", "\"another\"")]
    [InlineData("aud", "[\"another\"]")]
    [InlineData("aud", "[\"quoin\", \"another\"]")]
    [InlineData("azp", "\"another\"")]
    [InlineData("exp", "1767268000")]
    [InlineData("exp", "\"soon\"")]
    [InlineData("exp", "null")]
    [InlineData("iat", "null")]
    [InlineData("iat", "1767272400")]
    [InlineData("iat", "1767200000")]
    [InlineData("nbf", "1767272400")]
    [InlineData("nonce", "\"n-2\"")]
    [InlineData("nonce", "null")]
    [InlineData("sub", "\"\"")]
    [InlineData("sub", "null")]
    public void Refuses_what_says_something_else(string claim, string value)
    {
        var claims = Claims();
        claims[claim] = JsonNode.Parse(value);

        Check(Sign("RS256", claims)).ShouldBeOfType<IdTokenOutcome.Refused>();
    }

    [Fact]
    public void Takes_several_audiences_where_this_client_asked()
    {
        var claims = Claims();
        claims["aud"] = new JsonArray("another", "quoin");
        claims["azp"] = "quoin";

        Check(Sign("RS256", claims)).ShouldBeOfType<IdTokenOutcome.Holds>();
    }

    [Fact]
    public void Allows_clocks_a_little_apart()
    {
        var claims = Claims();
        claims["iat"] = Now.AddSeconds(60).ToUnixTimeSeconds();
        claims["exp"] = Now.AddSeconds(-60).ToUnixTimeSeconds();

        Check(Sign("RS256", claims)).ShouldBeOfType<IdTokenOutcome.Holds>();
    }

    [Fact]
    public void Refuses_a_signature_of_somebody_else()
    {
        using var other = RSA.Create(2048);
        var parts = Sign("RS256", Claims()).Split('.');
        var forged = other.SignData(
            Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

        Check($"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(forged)}").ShouldBeOfType<IdTokenOutcome.Refused>();
    }

    [Fact]
    public void Refuses_claims_that_were_changed()
    {
        var parts = Sign("RS256", Claims()).Split('.');
        var changed = Claims();
        changed["sub"] = "eve";

        Check($"{parts[0]}.{Encode(changed)}.{parts[2]}").ShouldBeOfType<IdTokenOutcome.Refused>();
    }

    [Theory]
    [InlineData("none")]
    [InlineData("HS256")]
    [InlineData("RS512")]
    [InlineData("rs256")]
    public void Refuses_other_ways_of_signing(string alg)
    {
        var header = new JsonObject { ["alg"] = alg, ["kid"] = "rsa" };
        using var mac = new HMACSHA256(rsa.ExportSubjectPublicKeyInfo());
        var signed = $"{Encode(header)}.{Encode(Claims())}";

        Check($"{signed}.{Base64Url.EncodeToString(mac.ComputeHash(Encoding.ASCII.GetBytes(signed)))}")
            .ShouldBeOfType<IdTokenOutcome.Refused>();
    }

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a.b.c")]
    [InlineData("bnVsbA.bnVsbA.bnVsbA")]
    public void Refuses_what_is_no_token(string token) => Check(token).ShouldBeOfType<IdTokenOutcome.Refused>();

    [Fact]
    public void Says_when_the_issuer_may_have_new_keys() =>
        Check(Sign("RS256", Claims(), kid: "tomorrow")).ShouldBeOfType<IdTokenOutcome.UnknownKey>();

    [Fact]
    public void Passes_over_keys_for_something_else()
    {
        var set = JsonDocument.Parse("""
            {"keys":[{"kty":"oct","k":"AAAA"},{"kty":"RSA","use":"enc","n":"AQAB","e":"AQAB"},
            {"kty":"RSA","n":"AQAB","e":"AQAB"},{"kty":"EC","crv":"P-384","x":"AA","y":"AA"},7]}
            """).RootElement;

        IssuerKey.ReadSet(set).ShouldBeEmpty();
    }

    private IdTokenOutcome Check(string token) => IdToken.Check(token, IssuerKey.ReadSet(KeySet()), Expected, Now);

    private static JsonObject Claims() => new()
    {
        ["iss"] = "https://issuer.example",
        ["aud"] = "quoin",
        ["sub"] = "ada",
        ["nonce"] = "n-1",
        ["iat"] = Now.ToUnixTimeSeconds(),
        ["exp"] = Now.AddMinutes(10).ToUnixTimeSeconds(),
    };

    private string Sign(string alg, JsonObject claims, string? kid = null)
    {
        var header = new JsonObject { ["alg"] = alg, ["kid"] = kid ?? (alg == "RS256" ? "rsa" : "ec") };
        var signed = $"{Encode(header)}.{Encode(claims)}";
        var bytes = Encoding.ASCII.GetBytes(signed);
        var signature = alg == "RS256"
            ? rsa.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : ec.SignData(bytes, HashAlgorithmName.SHA256);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    private JsonElement KeySet()
    {
        var (r, e) = (rsa.ExportParameters(false), ec.ExportParameters(false));
        return JsonSerializer.SerializeToElement(new
        {
            keys = new object[]
            {
                new
                {
                    kty = "RSA",
                    kid = "rsa",
                    n = Base64Url.EncodeToString(r.Modulus),
                    e = Base64Url.EncodeToString(r.Exponent),
                },
                new
                {
                    kty = "EC",
                    crv = "P-256",
                    kid = "ec",
                    x = Base64Url.EncodeToString(e.Q.X),
                    y = Base64Url.EncodeToString(e.Q.Y),
                },
            },
        });
    }

    private static string Encode(JsonObject json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json.ToJsonString()));
}
