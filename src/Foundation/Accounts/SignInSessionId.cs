using Quoin.Kernel;

namespace Quoin.Accounts;

/// <summary>A session of somebody signed in to the console.</summary>
/// <param name="Value">The bare value, as stored.</param>
public readonly record struct SignInSessionId(Guid Value) : IId<SignInSessionId>
{
    /// <inheritdoc />
    public static string Prefix => "sis";

    /// <inheritdoc />
    public static SignInSessionId From(Guid value) => new(value);

    /// <inheritdoc />
    public override string ToString() => IdText.Format(Prefix, Value);
}
