using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.Settings;

/// <summary>An organisation's mail domains.</summary>
/// <param name="Domains">The domains, by name.</param>
/// <param name="Complaint">Why a change came to nothing; null where none was tried.</param>
public sealed record DomainSettings(IReadOnlyList<DomainProfile> Domains, string? Complaint);

/// <summary>Shows, proves and removes mail domains.</summary>
internal static class DomainPages
{
    /// <summary><c>GET /console/domains</c>.</summary>
    public static Task<IResult> List(
        Parameters<SettingsRequest> parameters,
        Visits visits,
        Domains domains,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context, parameters.Value.Org, frame => All(frame, domains, null, cancellationToken), cancellationToken);

    /// <summary><c>POST /console/domains</c>.</summary>
    public static Task<IResult> Act(
        Parameters<SettingsRequest> parameters,
        Visits visits,
        Domains domains,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            var complaint = await Change(frame, form, domains, cancellationToken);
            return complaint is null
                ? PostedForm.SeeOther(context, frame.To(Places.Domains))
                : await All(frame, domains, complaint, cancellationToken);
        },
        cancellationToken);

    private static async Task<string?> Change(
        Frame frame, PostedForm form, Domains domains, CancellationToken cancellationToken)
    {
        var (org, actor, domain) = (frame.RequiredOrg.Id, frame.Caller.Actor, form["domain"]);
        return SettingsText.Complaint(form["act"] switch
        {
            "put" => await domains.Put(
                org,
                new NewDomain(domain, Enum.TryParse<Joining>(form["joining"], true, out var way) ? way : Joining.Invited),
                actor,
                cancellationToken),
            "check" => await domains.Check(org, domain, actor, cancellationToken),
            _ => await domains.Remove(org, domain, actor, cancellationToken),
        });
    }

    private static async Task<IResult> All(
        Frame frame, Domains domains, string? complaint, CancellationToken cancellationToken)
    {
        var org = frame.RequiredOrg.Id;
        return frame.Page<DomainsView, DomainSettings>(
            new(await domains.Of(org, cancellationToken), complaint),
            complaint is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }
}
