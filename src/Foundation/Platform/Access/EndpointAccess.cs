using Microsoft.AspNetCore.Builder;

namespace Quoin.Platform;

/// <summary>What an endpoint asks of its caller; every endpoint states it, or the host refuses to start.</summary>
/// <param name="Permission">The permission needed; null lets anyone in (health, documentation, sign-in).</param>
/// <param name="NeedsOrg">Whether an organisation must be named: a customer's own, or an operator's <c>Quoin-Org</c>.</param>
/// <param name="AnyCaller">Whether every caller with good credentials may, whatever they may otherwise.</param>
public sealed record EndpointAccess(Permission? Permission, bool NeedsOrg, bool AnyCaller = false);

/// <summary>
/// Endpoint metadata: a key may also come in the header <c>x-api-key</c>, where Anthropic's clients put it. A bearer key
/// wins.
/// </summary>
public sealed record ApiKeyHeader
{
    /// <summary>The header.</summary>
    public const string Name = "x-api-key";
}

/// <summary>How endpoints state who may call them.</summary>
public static class EndpointAccessExtensions
{
    /// <summary>Only callers with the permission, acting in an organisation.</summary>
    public static TBuilder Requires<TBuilder>(this TBuilder builder, Permission permission)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new EndpointAccess(permission, NeedsOrg: true));

    /// <summary>Only callers with the permission; an organisation may be named but need not be.</summary>
    public static TBuilder RequiresWithoutOrg<TBuilder>(this TBuilder builder, Permission permission)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new EndpointAccess(permission, NeedsOrg: false));

    /// <summary>Every caller with good credentials; an organisation may be named but need not be.</summary>
    public static TBuilder RequiresAnyCaller<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new EndpointAccess(null, NeedsOrg: false, AnyCaller: true));

    /// <summary>Anyone, credentials or not.</summary>
    public static TBuilder AllowsAnyone<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new EndpointAccess(null, NeedsOrg: false));
}
