using System.Text;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Quoin.Accounts;

/// <summary>How a password compares with what is kept of it.</summary>
internal enum PasswordVerdict
{
    /// <summary>It is another one, or there is none.</summary>
    Wrong,

    /// <summary>It is the one.</summary>
    Right,

    /// <summary>It is the one; what is kept is weaker than what would be kept today.</summary>
    RightButWeak,
}

/// <summary>
/// Hashes passwords as ASP.NET Core Identity does: PBKDF2 with HMAC-SHA-512. It takes a processor for a tenth of a second,
/// so only so many are hashed at once; the others wait.
/// </summary>
internal sealed class PasswordHashing : IDisposable
{
    private readonly PasswordHasher<PasswordHashing> hasher = new(
        Options.Create(new PasswordHasherOptions { IterationCount = Limits.PasswordIterations }));

    private readonly SemaphoreSlim places = new(Math.Max(1, Environment.ProcessorCount - 1));
    private readonly Lazy<string> nobodys;

    public PasswordHashing() =>
        nobodys = new Lazy<string>(() => hasher.HashPassword(this, Guid.Empty.ToString()));

    public Task<string> Hash(string password, CancellationToken cancellationToken) =>
        InPlace(() => hasher.HashPassword(this, Composed(password)), cancellationToken);

    /// <summary>Compares; takes as long where nothing is kept.</summary>
    public async Task<PasswordVerdict> Verify(string? hash, string password, CancellationToken cancellationToken)
    {
        // What is longer than any password that was ever kept would only buy time of ours.
        var given = password.Length > Limits.PasswordLettersMax ? string.Empty : Composed(password);
        var result = await InPlace(
            () => hasher.VerifyHashedPassword(this, hash ?? nobodys.Value, given), cancellationToken);
        return (hash, result) switch
        {
            (null, _) or (_, PasswordVerificationResult.Failed) => PasswordVerdict.Wrong,
            (_, PasswordVerificationResult.SuccessRehashNeeded) => PasswordVerdict.RightButWeak,
            _ => PasswordVerdict.Right,
        };
    }

    public void Dispose() => places.Dispose();

    // The same letters arrive composed from one keyboard and decomposed from another. Half a character has no form.
    private static string Composed(string password) =>
        password.EnumerateRunes().Any(rune => rune == Rune.ReplacementChar)
            ? string.Empty
            : password.Normalize(NormalizationForm.FormC);

    private async Task<T> InPlace<T>(Func<T> work, CancellationToken cancellationToken)
    {
        await places.WaitAsync(cancellationToken);
        try
        {
            return await Task.Run(work, cancellationToken);
        }
        finally
        {
            places.Release();
        }
    }
}
