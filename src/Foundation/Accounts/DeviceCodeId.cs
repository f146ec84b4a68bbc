using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>A device's request for a key.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct DeviceCodeId(Guid Value) : IId<DeviceCodeId>
{
    /// <inheritdoc />
    public static string Prefix => "dev";

    /// <inheritdoc />
    public static DeviceCodeId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}
