using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>Somebody who proved who they are and still owes a second factor.</summary>
/// <param name="Value">The bare value, as stored.</param>
internal readonly record struct SecondFactorTicketId(Guid Value) : IId<SecondFactorTicketId>
{
    /// <inheritdoc />
    public static string Prefix => "sft";

    /// <inheritdoc />
    public static SecondFactorTicketId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}
