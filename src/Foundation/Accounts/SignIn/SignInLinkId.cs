using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>A link that signs somebody in once.</summary>
/// <param name="Value">The bare value, as stored.</param>
internal readonly record struct SignInLinkId(Guid Value) : IId<SignInLinkId>
{
    /// <inheritdoc />
    public static string Prefix => "sil";

    /// <inheritdoc />
    public static SignInLinkId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}
