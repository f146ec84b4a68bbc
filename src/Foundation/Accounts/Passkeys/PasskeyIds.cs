using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>A passkey of a person.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct PasskeyId(Guid Value) : IId<PasskeyId>
{
    /// <inheritdoc />
    public static string Prefix => "psk";

    /// <inheritdoc />
    public static PasskeyId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}

/// <summary>What a browser was asked to have signed by a passkey.</summary>
/// <param name="Value">The bare value, as stored.</param>
internal readonly record struct PasskeyCeremonyId(Guid Value) : IId<PasskeyCeremonyId>
{
    /// <inheritdoc />
    public static string Prefix => "psc";

    /// <inheritdoc />
    public static PasskeyCeremonyId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}
