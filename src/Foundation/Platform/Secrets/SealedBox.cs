using System.Security.Cryptography;

namespace Quoin.Platform;

/// <summary>
/// AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce: nonce, tag, ciphertext in one array. Good for 2³² boxes
/// under one key before two nonces may meet, far above what is sealed here.
/// </summary>
internal static class SealedBox
{
    public const int KeyBytes = 32;

    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    public static byte[] Seal(byte[] key, ReadOnlySpan<byte> plaintext, ReadOnlySpan<byte> context)
    {
        var box = new byte[NonceBytes + TagBytes + plaintext.Length];
        var nonce = box.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(key, TagBytes);
        aes.Encrypt(nonce, plaintext, box.AsSpan(NonceBytes + TagBytes), box.AsSpan(NonceBytes, TagBytes), context);
        return box;
    }

    /// <exception cref="CryptographicException">Another key, another context, or changed since.</exception>
    public static byte[] Open(byte[] key, ReadOnlySpan<byte> box, ReadOnlySpan<byte> context)
    {
        if (box.Length < NonceBytes + TagBytes)
        {
            throw new CryptographicException("Too short to be a sealed box.");
        }

        var plaintext = new byte[box.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(key, TagBytes);
        var ciphertext = box[(NonceBytes + TagBytes)..];
        aes.Decrypt(box[..NonceBytes], ciphertext, box.Slice(NonceBytes, TagBytes), plaintext, context);
        return plaintext;
    }
}
