using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.ConsolePages.Shell;
using Quoin.Platform;

namespace Quoin.ConsolePages.Settings;

/// <summary>Who belongs to an organisation.</summary>
/// <param name="People">Its members, in the order they joined.</param>
public sealed record MemberList(IReadOnlyList<MemberProfile> People);

/// <summary>Shows an organisation's people.</summary>
internal static class MemberPages
{
    /// <summary><c>GET /console/members</c>.</summary>
    public static Task<IResult> List(
        Parameters<SettingsRequest> parameters,
        Visits visits,
        Members members,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame => frame.Page<MembersView, MemberList>(
            new(await members.Of(frame.RequiredOrg.Id, cancellationToken))),
        cancellationToken);
}
