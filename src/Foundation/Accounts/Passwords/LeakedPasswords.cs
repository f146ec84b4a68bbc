using System.IO.Compression;
using System.Text;

namespace Quoin.Accounts;

/// <summary>
/// The most common passwords, as leaks know them: those of the 49,233 in the list of zxcvbn-ts that are long enough to be
/// chosen here (MIT licence; see the decision on dependencies). Guessing tries them first.
/// </summary>
internal static class LeakedPasswords
{
    private static readonly Lazy<HashSet<string>> Words = new(Read);

    /// <summary>Whether a password is one of them, whatever its capitals.</summary>
    public static bool Contains(string password) => Words.Value.Contains(password.ToLowerInvariant());

    /// <summary>How many there are.</summary>
    public static int Count => Words.Value.Count;

    private static HashSet<string> Read()
    {
        using var resource = typeof(LeakedPasswords).Assembly
            .GetManifestResourceStream("Quoin.Accounts.Passwords.leaked-passwords.txt.gz")!;
        using var text = new StreamReader(new GZipStream(resource, CompressionMode.Decompress), Encoding.UTF8);
        var words = new HashSet<string>(StringComparer.Ordinal);
        while (text.ReadLine() is { } word)
        {
            words.Add(word);
        }

        return words;
    }
}
