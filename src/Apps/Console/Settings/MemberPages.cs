using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.Settings;

/// <summary>Who belongs to an organisation.</summary>
/// <param name="People">Its members, in the order they joined.</param>
/// <param name="Invited">Invitations that wait, newest first.</param>
/// <param name="Asked">Who asked to join; nobody where the reader may not decide.</param>
/// <param name="Offer">The offer of ownership that waits; null where there is none.</param>
/// <param name="Now">To tell which invitations have expired.</param>
/// <param name="Complaint">Why a change came to nothing; null where none was tried.</param>
public sealed record MemberList(
    IReadOnlyList<MemberProfile> People,
    IReadOnlyList<InvitationProfile> Invited,
    IReadOnlyList<MemberProfile> Asked,
    OwnershipOffer? Offer,
    DateTimeOffset Now,
    string? Complaint);

/// <summary>Shows and changes an organisation's people.</summary>
internal sealed class MemberPages(Members members, Domains domains, TimeProvider time)
{
    /// <summary><c>GET /console/members</c>.</summary>
    public static Task<IResult> List(
        Parameters<SettingsRequest> parameters,
        Visits visits,
        MemberPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context, parameters.Value.Org, frame => pages.All(frame, null, cancellationToken), cancellationToken);

    /// <summary><c>POST /console/members</c>.</summary>
    public static Task<IResult> Act(
        Parameters<SettingsRequest> parameters,
        Visits visits,
        MemberPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            var caller = frame.Caller with { Org = frame.RequiredOrg.Id };
            var complaint = form["act"] switch
            {
                "invite" or "resend" or "revoke" => await pages.Invite(caller, form, context.Request, cancellationToken),
                "let-in" or "turn-away" => await pages.Decide(caller, form, cancellationToken),
                _ => await pages.Change(caller, form, cancellationToken),
            };
            return complaint is not null
                ? await pages.All(frame, complaint, cancellationToken)
                : PostedForm.SeeOther(
                    context, form["act"] == "leave" ? Places.Organisations : frame.To(Places.Members));
        },
        cancellationToken);

    private async Task<string?> Decide(Caller caller, PostedForm form, CancellationToken cancellationToken)
    {
        if (!caller.May(Permission.MembersManage))
        {
            return "You may look, not change.";
        }

        _ = Id.TryParse<UserId>(form["person"], out var person);
        var role = form["act"] == "let-in" ? form["role"] : null;
        return SettingsText.Complaint(await domains.Decide(caller, person, role, cancellationToken));
    }

    private async Task<string?> Invite(
        Caller caller, PostedForm form, HttpRequest request, CancellationToken cancellationToken)
    {
        if (!caller.May(Permission.MembersManage))
        {
            return "You may look, not change.";
        }

        _ = Id.TryParse<InvitationId>(form["invitation"], out var invitation);
        return SettingsText.Complaint(form["act"] switch
        {
            "invite" => await members.Invite(
                caller, new NewInvitation(form["email"], form["role"]), request, cancellationToken),
            "resend" => await members.Resend(caller, invitation, request, cancellationToken),
            _ => await members.Revoke(caller, invitation, cancellationToken),
        });
    }

    private async Task<string?> Change(Caller caller, PostedForm form, CancellationToken cancellationToken)
    {
        _ = Id.TryParse<UserId>(form["person"], out var person);
        var needed = form["act"] switch
        {
            "change" or "remove" => Permission.MembersManage,
            "offer" => Permission.OrganisationDelete,
            _ => Permission.ProfileManage,
        };
        if (!caller.May(needed))
        {
            return "You may look, not change.";
        }

        return form["act"] switch
        {
            "change" => SettingsText.Complaint(
                await members.Change(caller, person, form["role"], null, cancellationToken)),
            "remove" => SettingsText.Complaint(await members.Remove(caller, person, null, cancellationToken)),
            "leave" when Id.TryParse<UserId>(caller.Actor, out var self) =>
                SettingsText.Complaint(await members.Remove(caller, self, null, cancellationToken)),
            "offer" => SettingsText.Complaint(await members.OfferOwnership(caller, person, cancellationToken)),
            "take" => SettingsText.Complaint(await members.TakeOwnership(caller, cancellationToken)),
            "end-offer" => SettingsText.Complaint(await members.EndOffer(caller, cancellationToken)),
            _ => "Press one of the buttons.",
        };
    }

    private async Task<IResult> All(Frame frame, string? complaint, CancellationToken cancellationToken)
    {
        var org = frame.RequiredOrg.Id;
        return frame.Page<MembersView, MemberList>(
            new(
                await members.Of(org, cancellationToken),
                await members.Invited(org, cancellationToken),
                frame.Caller.May(Permission.MembersManage) ? await domains.Asked(org, cancellationToken) : [],
                await members.Offer(org, cancellationToken),
                time.GetUtcNow(),
                complaint),
            complaint is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }
}
