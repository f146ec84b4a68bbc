using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>An announcement.</summary>
/// <param name="Value">The bare value, as stored.</param>
internal readonly record struct BannerId(Guid Value) : IId<BannerId>
{
    /// <inheritdoc />
    public static string Prefix => "ban";

    /// <inheritdoc />
    public static BannerId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}
