using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>A machine of an organisation.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct ServiceAccountId(Guid Value) : IId<ServiceAccountId>
{
    /// <inheritdoc />
    public static string Prefix => "svc";

    /// <inheritdoc />
    public static ServiceAccountId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}
