using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>Somebody at another service, connected with a person here.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct ExternalLoginId(Guid Value) : IId<ExternalLoginId>
{
    /// <inheritdoc />
    public static string Prefix => "xl";

    /// <inheritdoc />
    public static ExternalLoginId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}
