using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.ManageKeys;

/// <summary>Service accounts.</summary>
/// <param name="Org">The organisation.</param>
internal sealed record ServiceAccountsRequest(OrgId? Org = null);

/// <summary>What the page of service accounts shows.</summary>
/// <param name="Accounts">The service accounts, newest first.</param>
/// <param name="Complaint">Why a change came to nothing; null where none was tried.</param>
public sealed record ServiceAccountList(IReadOnlyList<ServiceAccountProfile> Accounts, string? Complaint);

/// <summary>Shows and changes the machines of an organisation.</summary>
internal static class ServiceAccountPages
{
    /// <summary><c>GET /console/service-accounts</c>.</summary>
    public static Task<IResult> List(
        Parameters<ServiceAccountsRequest> parameters,
        Visits visits,
        ServiceAccounts accounts,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context, parameters.Value.Org, frame => All(frame, accounts, null, cancellationToken), cancellationToken);

    /// <summary><c>POST /console/service-accounts</c>.</summary>
    public static Task<IResult> Act(
        Parameters<ServiceAccountsRequest> parameters,
        Visits visits,
        ServiceAccounts accounts,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            var (org, actor) = (frame.RequiredOrg.Id, frame.Caller.Actor);
            var outcome = form["act"] == "create"
                ? await accounts.Create(org, new NewServiceAccount(form["name"]), actor, cancellationToken)
                : Id.TryParse<ServiceAccountId>(form["account"], out var id)
                    ? await accounts.Turn(org, id, form["act"] == "enable", null, actor, cancellationToken)
                    : new ServiceAccountOutcome.NoSuchAccount();
            return outcome switch
            {
                ServiceAccountOutcome.Done => PostedForm.SeeOther(context, frame.To(Places.ServiceAccounts)),
                ServiceAccountOutcome.Invalid(var input) =>
                    await All(frame, accounts, FormText.Sentence(input), cancellationToken),
                ServiceAccountOutcome.TooMany =>
                    await All(frame, accounts, "There are as many as there may be.", cancellationToken),
                _ => frame.NotFound("service account"),
            };
        },
        cancellationToken);

    private static async Task<IResult> All(
        Frame frame, ServiceAccounts accounts, string? complaint, CancellationToken cancellationToken) =>
        frame.Page<ServiceAccountsView, ServiceAccountList>(
            new(await accounts.Of(frame.RequiredOrg.Id, cancellationToken), complaint),
            complaint is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
}
