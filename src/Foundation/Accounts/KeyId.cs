using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>A key of an organisation or of the operator.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct KeyId(Guid Value) : IId<KeyId>
{
    /// <inheritdoc />
    public static string Prefix => "key";

    /// <inheritdoc />
    public static KeyId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}
