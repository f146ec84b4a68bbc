using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Quoin.Platform;

/// <summary>
/// Keeps secrets that must be read again (provider keys, signing keys, tokens): encrypted with a key of their purpose,
/// which is itself wrapped with the master key. What need not be read again is hashed instead.
/// </summary>
public sealed class Secrets
{
    // Format 1: format byte, key version (32 bits, big endian), sealed box.
    private const byte Format = 1;
    private const int HeaderBytes = 5;

    private readonly PurposeKeys keys;

    internal Secrets(PurposeKeys keys) => this.keys = keys;

    /// <summary>Encrypts.</summary>
    /// <param name="purpose">What for, <c>module.thing</c>; each purpose has its own key.</param>
    /// <param name="plaintext">The secret.</param>
    /// <param name="context">
    /// What it belongs to, such as the row's id: it is not stored and must be given again, so that a secret copied to
    /// another row cannot be read there.
    /// </param>
    public byte[] Protect(string purpose, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> context = default)
    {
        var key = keys.Current(purpose);
        var header = new byte[HeaderBytes];
        header[0] = Format;
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(1), key.Version);
        return [.. header, .. SealedBox.Seal(key.Key, plaintext, context)];
    }

    /// <summary>Decrypts what <see cref="Protect"/> gave, with the same purpose and context.</summary>
    /// <exception cref="CryptographicException">Another purpose or context, or changed since.</exception>
    public byte[] Unprotect(string purpose, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> context = default)
    {
        if (secret.Length < HeaderBytes || secret[0] != Format)
        {
            throw new CryptographicException("Not a protected secret.");
        }

        var version = BinaryPrimitives.ReadInt32BigEndian(secret[1..HeaderBytes]);
        return SealedBox.Open(keys.Get(purpose, version).Key, secret[HeaderBytes..], context);
    }

    /// <summary>
    /// Hashes what need not be read again but must be found or recognised: HMAC-SHA-256 under a key of the purpose that
    /// never changes and is not in the tables, so that a copy of them cannot be tried against guesses.
    /// </summary>
    /// <param name="purpose">What for, <c>module.thing</c>; not one that <see cref="Protect"/> is used with.</param>
    /// <param name="secret">What to hash.</param>
    /// <param name="hash">Gets the 32 bytes.</param>
    public void Hash(string purpose, ReadOnlySpan<byte> secret, Span<byte> hash) =>
        HMACSHA256.HashData(keys.First(purpose).Key, secret, hash);

    /// <summary>
    /// Wraps all purpose keys with the current master key: for a key in a file, after putting a new one there; for
    /// <c>QUOIN_MASTER_KEY</c>, after every replica was started with the new one and with the old one as
    /// <c>QUOIN_MASTER_KEY_PREVIOUS</c>. Secrets themselves stay as they are.
    /// </summary>
    /// <param name="audit">Records it, in the same transaction.</param>
    /// <param name="actor">Who does it.</param>
    /// <param name="cancellationToken">Stops it; a rotation that was broken off is finished by asking again.</param>
    /// <returns>How many keys were re-wrapped.</returns>
    public Task<int> RotateMasterKey(IAudit audit, string actor, CancellationToken cancellationToken) =>
        keys.RotateMasterKey(audit, actor, cancellationToken);
}
