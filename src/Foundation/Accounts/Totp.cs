using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Quoin.Accounts;

/// <summary>
/// Codes that change with time (RFC 6238 with HMAC-SHA-1, six digits and steps of 30 seconds, which is what authenticator
/// apps can do).
/// </summary>
public static class Totp
{
    /// <summary>Digits of a code.</summary>
    public const int Digits = 6;

    /// <summary>Bytes of a secret: as many as the hash has (RFC 4226, section 4).</summary>
    public const int SecretBytes = 20;

    /// <summary>How long one code is shown.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(30);

    // One step early or late: phones' clocks are not exact, and people type slowly (RFC 6238, section 5.2).
    private const int StepsOff = 1;
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>The step an instant lies in.</summary>
    public static long StepOf(DateTimeOffset instant) => instant.ToUnixTimeSeconds() / (long)Step.TotalSeconds;

    /// <summary>The code of a step.</summary>
    /// <param name="secret">The secret the app and we share.</param>
    /// <param name="step">Which step.</param>
    /// <param name="digits">How many digits; the RFC's examples have eight.</param>
    public static string CodeAt(ReadOnlySpan<byte> secret, long step, int digits = Digits)
    {
        Span<byte> counter = stackalloc byte[sizeof(long)];
        Span<byte> hash = stackalloc byte[HMACSHA1.HashSizeInBytes];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
#pragma warning disable CA5350 // Authenticator apps know no other hash, and HMAC does not need it to resist collisions.
        HMACSHA1.HashData(secret, counter, hash);
#pragma warning restore CA5350

        // RFC 4226, section 5.3: the last four bits say where to read 31 bits from.
        var number = BinaryPrimitives.ReadInt32BigEndian(hash[(hash[^1] & 0xf)..]) & 0x7fffffff;
        var modulus = 1;
        for (var digit = 0; digit < digits; digit++)
        {
            modulus *= 10;
        }

        return (number % modulus).ToString(CultureInfo.InvariantCulture).PadLeft(digits, '0');
    }

    /// <summary>The step whose code this is, near an instant; each step counts once.</summary>
    /// <param name="secret">The secret the app and we share.</param>
    /// <param name="code">What was typed.</param>
    /// <param name="now">The present.</param>
    /// <param name="lastStep">The last step that was used: it and all before are over; null when none was.</param>
    /// <returns>Null when it is none.</returns>
    public static long? Match(ReadOnlySpan<byte> secret, string code, DateTimeOffset now, long? lastStep)
    {
        var given = Encoding.UTF8.GetBytes(code);
        var present = StepOf(now);
        long? found = null;
        for (var step = present - StepsOff; step <= present + StepsOff; step++)
        {
            var isRight = CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(CodeAt(secret, step)), given);
            if (isRight && (lastStep is null || step > lastStep))
            {
                found ??= step;
            }
        }

        return found;
    }

    /// <summary>A secret as people type it: base 32 (RFC 4648, section 6), in groups of four.</summary>
    public static string Text(ReadOnlySpan<byte> secret)
    {
        var text = new StringBuilder();
        var (buffer, bits) = (0, 0);
        foreach (var next in secret)
        {
            buffer = (buffer << 8 | next) & 0xfff;
            bits += 8;
            while (bits >= 5)
            {
                bits -= 5;
                text.Append(Base32[buffer >> bits & 31]);
            }
        }

        if (bits > 0)
        {
            text.Append(Base32[buffer << (5 - bits) & 31]);
        }

        return string.Join(' ', text.ToString().Chunk(4).Select(group => new string(group)));
    }

    /// <summary>The address that authenticator apps read from a picture.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="account">What the app calls the account.</param>
    public static string Uri(ReadOnlySpan<byte> secret, string account) =>
        $"otpauth://totp/Quoin:{System.Uri.EscapeDataString(account)}?secret="
        + Text(secret).Replace(" ", "", StringComparison.Ordinal)
        + "&issuer=Quoin&algorithm=SHA1&digits=6&period=30";
}
