using Microsoft.AspNetCore.Builder;

namespace Quoin.Platform;

/// <summary>
/// Endpoint metadata of pages: a caller who is not signed in is sent to <see cref="Path"/> and back afterwards. Without
/// a permission (<c>AllowsAnyone</c>) the page is open to everyone who is signed in.
/// </summary>
public sealed record RedirectsToSignIn
{
    /// <summary>Where a person signs in; gets the page asked for as <c>return_to</c>.</summary>
    public const string Path = "/sign-in";

    /// <summary>Where a person without an organisation is sent by pages of one.</summary>
    public const string ChooseOrganisationPath = "/console/organisations";
}

/// <summary>How pages state that they belong to people.</summary>
public static class RedirectsToSignInExtensions
{
    /// <summary>A page for anyone who is signed in.</summary>
    public static TBuilder RequiresSignIn<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new EndpointAccess(Permission: null, NeedsOrg: false), new RedirectsToSignIn());

    /// <summary>A page for those who are signed in and hold the permission.</summary>
    public static TBuilder RequiresSignIn<TBuilder>(this TBuilder builder, Permission permission)
        where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new EndpointAccess(permission, NeedsOrg: false), new RedirectsToSignIn());
}
