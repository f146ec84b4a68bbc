using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.ApproveDevice;

/// <summary>What the page of a device shows.</summary>
/// <param name="Typed">The code as it was typed.</param>
/// <param name="Waiting">The program that waits; null while no code was entered.</param>
/// <param name="Organisations">The organisations the person belongs to, with what they may do there.</param>
/// <param name="Decided">What was decided; null before.</param>
/// <param name="Complaint">What is wrong; null where nothing is.</param>
public sealed record DevicePage(
    string Typed,
    DeviceRequest? Waiting,
    IReadOnlyList<(OrganisationProfile Organisation, IReadOnlySet<Permission> Permissions)> Organisations,
    bool? Decided,
    string? Complaint);

/// <summary>Where a person lets a program in (RFC 8628, section 3.3).</summary>
internal sealed class DevicePages(Devices devices, Organisations organisations)
{
    /// <summary><c>GET /device</c>: looks, and decides nothing, so that a link alone lets nobody in.</summary>
    public static async Task<IResult> Show(
        DevicePages pages, HttpContext context, CancellationToken cancellationToken)
    {
        var frame = Visits.Outside(context);
        var typed = FormText.Of(context.Request, "code") ?? string.Empty;
        return PersonOf(frame) is not { } user
            ? Page(frame, new DevicePage(typed, null, [], null, WhyNot(frame)))
            : typed.Length == 0
                ? Page(frame, new DevicePage(typed, null, [], null, null))
                : await pages.Look(frame, user, typed, null, cancellationToken);
    }

    /// <summary><c>POST /device</c>.</summary>
    public static async Task<IResult> Decide(
        DevicePages pages, HttpContext context, CancellationToken cancellationToken)
    {
        var frame = Visits.Outside(context);
        var form = await PostedForm.Read(context.Request, cancellationToken);
        var typed = form["code"];
        if (PersonOf(frame) is not { } user)
        {
            return Page(frame, new DevicePage(typed, null, [], null, WhyNot(frame)));
        }

        var approves = form["decision"] == "approve";
        var org = approves && Id.TryParse<OrgId>(form["organisation"], out var chosen) ? chosen : (OrgId?)null;
        if (approves && org is null)
        {
            return await pages.Look(frame, user, typed, "Choose an organisation.", cancellationToken);
        }

        var scopes = form["scopes"].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (approves && scopes.Length == 0)
        {
            return await pages.Look(frame, user, typed, "Leave at least one thing it may do.", cancellationToken);
        }

        return await pages.devices.Decide(user, typed, org, scopes, cancellationToken) switch
        {
            DeviceDecisionOutcome.Decided(var approved) => Page(frame, new DevicePage(typed, null, [], approved, null)),
            DeviceDecisionOutcome.NotAMember =>
                await pages.Look(frame, user, typed, "You do not belong to that organisation.", cancellationToken),
            var outcome => Page(frame, new DevicePage(typed, null, [], null, Complaint(outcome))),
        };
    }

    private readonly Devices devices = devices;

    private async Task<IResult> Look(
        Frame frame, UserId user, string typed, string? complaint, CancellationToken cancellationToken)
    {
        var outcome = await devices.Find(user, typed, cancellationToken);
        if (outcome is not DeviceDecisionOutcome.Waiting(var waiting))
        {
            return Page(frame, new DevicePage(typed, null, [], null, Complaint(outcome)));
        }

        var found = await organisations.FindMany([.. frame.Caller.Choices.Select(choice => choice.Org)], cancellationToken);
        var choices = from choice in frame.Caller.Choices
                      where found.ContainsKey(choice.Org)
                      select (found[choice.Org], choice.Permissions);
        return Page(frame, new DevicePage(typed, waiting, [.. choices], null, complaint));
    }

    private static IResult Page(Frame frame, DevicePage model) => frame.Page<DeviceView, DevicePage>(
        model, model.Complaint is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);

    // Nobody who acts in another's stead leaves a key behind that goes on when they stop.
    private static UserId? PersonOf(Frame frame) =>
        frame.Caller is { Realm: Realm.Organisation, Impersonator: null } caller
        && Id.TryParse<UserId>(caller.Actor, out var user)
            ? user
            : null;

    private static string WhyNot(Frame frame) => frame.Caller.Impersonator is not null
        ? "In somebody else's stead no program is let in."
        : "Programs are let in by people of an organisation. Machines of the operator use operator keys.";

    private static string Complaint(DeviceDecisionOutcome outcome) => outcome is DeviceDecisionOutcome.TooManyTries
        ? "Too many wrong codes. Come back in a quarter of an hour."
        : "No program waits with this code. It may have expired: start again on the device.";
}
