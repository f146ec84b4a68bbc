using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>An invitation into an organisation.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct InvitationId(Guid Value) : IId<InvitationId>
{
    /// <inheritdoc />
    public static string Prefix => "ivt";

    /// <inheritdoc />
    public static InvitationId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}
