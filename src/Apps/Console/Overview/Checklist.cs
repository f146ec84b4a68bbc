using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.Overview;

/// <summary>What a new organisation does first, until its first event is there.</summary>
/// <param name="Trial">How it stands with the trial.</param>
/// <param name="HasKey">Whether there is a key yet.</param>
/// <param name="MayClaim">Whether the reader may start the trial.</param>
/// <param name="MayCreateKeys">Whether the reader may create keys.</param>
public sealed record Checklist(TrialProfile Trial, bool HasKey, bool MayClaim, bool MayCreateKeys);

/// <summary>Starts a trial from a page.</summary>
/// <param name="Org">The organisation.</param>
internal sealed record TrialRequest(OrgId? Org = null);

/// <summary>Reads the checklist, and starts the trial it offers.</summary>
internal sealed class ChecklistReader(Trials trials, Keys keys, Flags flags)
{
    /// <summary><c>POST /console/trial</c>.</summary>
    public static Task<IResult> Claim(
        Parameters<TrialRequest> parameters,
        Visits visits,
        Trials trials,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var outcome = await trials.Claim(frame.RequiredOrg, frame.Caller, cancellationToken);
            return outcome is ClaimTrialOutcome.Claimed
                ? PostedForm.SeeOther(context, frame.To(Places.Overview))
                : frame.Page<TrialView, string>(Complaint(outcome), StatusCodes.Status409Conflict);
        },
        cancellationToken);

    /// <summary>The checklist of an organisation without an event; null where it is switched off.</summary>
    public async Task<Checklist?> Read(Frame frame, CancellationToken cancellationToken)
    {
        var org = frame.RequiredOrg;
        return await flags.Get(Flag.OnboardingChecklist, org.Id, cancellationToken)
            ? new Checklist(
                await trials.Of(org, cancellationToken),
                (await keys.Before(org.Id, null, 1, cancellationToken)).Count > 0,
                frame.Caller is { Realm: Realm.Organisation } && frame.Caller.May(Permission.BillingPurchase),
                frame.Caller.May(Permission.KeysManage))
            : null;
    }

    private static string Complaint(ClaimTrialOutcome outcome) => outcome switch
    {
        ClaimTrialOutcome.AddressNotProved => "Prove your address first: open the link we mailed you.",
        ClaimTrialOutcome.AlreadyClaimed => "This organisation, or you, had a trial already. There is one for each.",
        ClaimTrialOutcome.Closed => "No trials are given now.",
        _ => "Only a person of the organisation starts its trial.",
    };
}
