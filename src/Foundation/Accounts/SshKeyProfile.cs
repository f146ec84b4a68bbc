namespace Quoin.Accounts;

/// <summary>A person's SSH public key.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Label">What the person calls it: the machine it is on.</param>
/// <param name="Algorithm">Its kind, as SSH names it: <c>ssh-ed25519</c>.</param>
/// <param name="Fingerprint">Computed here from the key, as <c>ssh-keygen -l</c> shows it: <c>SHA256:…</c>.</param>
/// <param name="PublicKey">Algorithm and key, without a comment.</param>
/// <param name="CreatedAt">When it was added.</param>
public sealed record SshKeyProfile(
    SshKeyId Id, string Label, string Algorithm, string Fingerprint, string PublicKey, DateTimeOffset CreatedAt);

/// <summary>An SSH public key to be added.</summary>
/// <param name="PublicKey">A line of an <c>id_….pub</c> file.</param>
/// <param name="Label">What to call it; the line's comment where left out.</param>
public sealed record NewSshKey(string PublicKey, string? Label = null);

/// <summary>Every way adding or removing an SSH key can end.</summary>
public abstract record SshKeyOutcome
{
    private SshKeyOutcome()
    {
    }

    /// <summary>Members of the request are wrong, or the text is no public key of a kind that is safe.</summary>
    public sealed record Invalid(InvalidInput Input) : SshKeyOutcome;

    /// <summary>The person has this very key already.</summary>
    public sealed record Known(string Fingerprint) : SshKeyOutcome;

    /// <summary>They have <see cref="Limits.SshKeysMax"/> already.</summary>
    public sealed record TooMany : SshKeyOutcome;

    /// <summary>They have no such key.</summary>
    public sealed record NoSuchKey : SshKeyOutcome;

    /// <summary>It is added, or gone.</summary>
    public sealed record Done(SshKeyProfile Key) : SshKeyOutcome;
}
