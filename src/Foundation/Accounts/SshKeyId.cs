using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>A person's SSH public key.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct SshKeyId(Guid Value) : IId<SshKeyId>
{
    /// <inheritdoc />
    public static string Prefix => "ssh";

    /// <inheritdoc />
    public static SshKeyId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}
