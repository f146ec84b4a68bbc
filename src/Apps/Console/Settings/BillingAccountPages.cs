using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.Settings;

/// <summary>Who in an organisation is billed.</summary>
/// <param name="Accounts">Its billing accounts, the default one first.</param>
/// <param name="Projects">Its projects, those in use first.</param>
/// <param name="People">Its members.</param>
/// <param name="Complaint">Why a change came to nothing; null where none was tried.</param>
public sealed record BillingAccountList(
    IReadOnlyList<BillingAccountProfile> Accounts,
    IReadOnlyList<ProjectProfile> Projects,
    IReadOnlyList<MemberProfile> People,
    string? Complaint);

/// <summary>Shows, opens, renames, closes and reopens billing accounts.</summary>
internal sealed class BillingAccountPages(
    BillingAccounts accounts, Organisations organisations, Projects projects, Members members)
{
    /// <summary><c>GET /console/billing-accounts</c>.</summary>
    public static Task<IResult> List(
        Parameters<SettingsRequest> parameters,
        Visits visits,
        BillingAccountPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context, parameters.Value.Org, frame => pages.All(frame, null, cancellationToken), cancellationToken);

    /// <summary><c>POST /console/billing-accounts</c>.</summary>
    public static Task<IResult> Act(
        Parameters<SettingsRequest> parameters,
        Visits visits,
        BillingAccountPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            var caller = frame.Caller with { Org = frame.RequiredOrg.Id };
            var complaint = form["act"] == "open"
                ? await pages.Open(caller, form, cancellationToken)
                : await pages.Change(caller, form, cancellationToken);
            return complaint is null
                ? PostedForm.SeeOther(context, frame.To(Places.BillingAccounts))
                : await pages.All(frame, complaint, cancellationToken);
        },
        cancellationToken);

    private async Task<string?> Open(Caller caller, PostedForm form, CancellationToken cancellationToken)
    {
        if (!Currency.TryParse(form["currency"].ToUpperInvariant(), out var currency))
        {
            return "The currency is three to five letters, such as USD.";
        }

        var kind = Enum.TryParse<BillingAccountKind>(form["kind"], ignoreCase: true, out var chosen)
            ? chosen
            : BillingAccountKind.External;
        ProjectId? project = Id.TryParse<ProjectId>(form["project"], out var one) ? one : null;
        UserId? person = Id.TryParse<UserId>(form["person"], out var who) ? who : null;
        if ((kind == BillingAccountKind.Project && project is null) || (kind == BillingAccountKind.User && person is null))
        {
            return "Choose which project or person it stands for.";
        }

        var wanted = new NewBillingAccount(
            kind,
            form["name"],
            currency,
            form["settlement"] == "postpaid" ? Settlement.Postpaid : Settlement.Prepaid,
            ProjectId: kind == BillingAccountKind.Project ? project : null,
            UserId: kind == BillingAccountKind.User ? person : null,
            ParentBillingAccountId: Id.TryParse<BillingAccountId>(form["parent"], out var parent) ? parent : null);
        return SettingsText.Complaint(await accounts.Open(caller, wanted, cancellationToken));
    }

    private async Task<string?> Change(Caller caller, PostedForm form, CancellationToken cancellationToken)
    {
        if (!Id.TryParse<BillingAccountId>(form["account"], out var account))
        {
            return "Press one of the buttons.";
        }

        var reason = FormText.Of(form["reason"]);
        return SettingsText.Complaint(form["act"] switch
        {
            "close" => await accounts.Close(caller, account, reason, cancellationToken),
            "reopen" => await accounts.Reopen(caller, account, reason, cancellationToken),
            _ => await accounts.Rename(
                caller, account, new BillingAccountChange(form["name"], reason), cancellationToken),
        });
    }

    private async Task<IResult> All(Frame frame, string? complaint, CancellationToken cancellationToken)
    {
        var org = frame.RequiredOrg.Id;
        return frame.Page<BillingAccountsView, BillingAccountList>(
            new(
                await organisations.BillingAccountsOf(org, cancellationToken),
                await projects.Of(org, cancellationToken),
                await members.Of(org, cancellationToken),
                complaint),
            complaint is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }
}
