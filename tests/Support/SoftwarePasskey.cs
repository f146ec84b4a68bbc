using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Quoin.Tests.Support;

/// <summary>A passkey in software: makes one credential, and signs with it, as an authenticator does (WebAuthn level 3).</summary>
public sealed class SoftwarePasskey : IDisposable
{
    private const byte PresentAndVerified = 0x05;
    private const byte WithCredential = 0x40;

    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly byte[] id = RandomNumberGenerator.GetBytes(16);
    private readonly string origin;
    private readonly byte[] relyingParty;
    private string userHandle = string.Empty;
    private int signCount;

    /// <summary>A passkey for an origin.</summary>
    public SoftwarePasskey(Uri origin)
    {
        this.origin = origin.GetLeftPart(UriPartial.Authority);
        relyingParty = SHA256.HashData(Encoding.ASCII.GetBytes(origin.Host));
    }

    /// <summary>Answers a request to make a passkey.</summary>
    public JsonElement Create(JsonElement options)
    {
        userHandle = options.GetProperty("user").GetProperty("id").GetString()!;
        byte[] length = [0, (byte)id.Length];
        byte[] data = [.. AuthenticatorData(PresentAndVerified | WithCredential), .. new byte[16], .. length, .. id, .. CoseKey()];

        // {"fmt": "none", "attStmt": {}, "authData": data}; CBOR, RFC 8949.
        byte[] attestation =
        [
            0xA3, .. Text("fmt"), .. Text("none"), .. Text("attStmt"), 0xA0, .. Text("authData"), .. Bytes(data),
        ];
        return Credential(new
        {
            clientDataJSON = ClientData("webauthn.create", options),
            attestationObject = Base64Url.EncodeToString(attestation),
            transports = new[] { "internal" },
        });
    }

    /// <summary>Answers a request to sign.</summary>
    public JsonElement Get(JsonElement options)
    {
        var client = ClientData("webauthn.get", options);
        var data = AuthenticatorData(PresentAndVerified);
        byte[] signed = [.. data, .. SHA256.HashData(Base64Url.DecodeFromChars(client))];
        return Credential(new
        {
            clientDataJSON = client,
            authenticatorData = Base64Url.EncodeToString(data),
            signature = Base64Url.EncodeToString(
                key.SignData(signed, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)),
            userHandle,
        });
    }

    /// <inheritdoc />
    public void Dispose() => key.Dispose();

    private JsonElement Credential(object response) => JsonSerializer.SerializeToElement(new
    {
        id = Base64Url.EncodeToString(id),
        rawId = Base64Url.EncodeToString(id),
        type = "public-key",
        response,
        clientExtensionResults = new { },
    });

    private string ClientData(string type, JsonElement options) => Base64Url.EncodeToString(
        JsonSerializer.SerializeToUtf8Bytes(new
        {
            type,
            challenge = options.GetProperty("challenge").GetString(),
            origin,
            crossOrigin = false,
        }));

    private byte[] AuthenticatorData(int flags)
    {
        var count = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(count, ++signCount);
        return [.. relyingParty, (byte)flags, .. count];
    }

    // {1: 2, 3: -7, -1: 1, -2: x, -3: y}; COSE, RFC 9053.
    private byte[] CoseKey()
    {
        var point = key.ExportParameters(false).Q;
        return [0xA5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, .. Bytes(point.X!), 0x22, .. Bytes(point.Y!)];
    }

    private static byte[] Text(string text) => [(byte)(0x60 | text.Length), .. Encoding.ASCII.GetBytes(text)];

    private static byte[] Bytes(byte[] bytes) => [0x58, checked((byte)bytes.Length), .. bytes];
}
