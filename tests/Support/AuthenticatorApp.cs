using Quoin.Accounts;

namespace Quoin.Tests.Support;

/// <summary>An authenticator app that was given a secret as people type it.</summary>
public sealed class AuthenticatorApp
{
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>An app with a secret.</summary>
    public AuthenticatorApp(string text)
    {
        var bits = string.Concat(text.Where(char.IsLetterOrDigit).Select(letter =>
            Convert.ToString(Base32.IndexOf(letter), 2).PadLeft(5, '0')));
        Secret = [.. bits.Chunk(8).Where(part => part.Length == 8).Select(part => Convert.ToByte(new string(part), 2))];
    }

    /// <summary>The secret's bytes.</summary>
    public byte[] Secret { get; }

    /// <summary>The code it shows.</summary>
    /// <param name="now">When.</param>
    /// <param name="stepsLater">How many codes after that one.</param>
    public string CodeAt(DateTimeOffset now, int stepsLater = 0) =>
        Totp.CodeAt(Secret, Totp.StepOf(now) + stepsLater);
}
