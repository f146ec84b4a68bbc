using Quoin.Kernel;

namespace Quoin.Inference;

/// <summary>A call of a model: what the answer's <c>x-request-id</c> says, and what its usage is known by.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct CallId(Guid Value) : IId<CallId>
{
    /// <inheritdoc />
    public static string Prefix => "req";

    /// <inheritdoc />
    public static CallId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}
