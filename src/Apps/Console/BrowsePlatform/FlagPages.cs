using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.BrowsePlatform;

/// <summary>What the page of flags shows.</summary>
/// <param name="Flags">The flags.</param>
/// <param name="Banner">What is announced; null for nothing.</param>
/// <param name="Complaint">Why a change came to nothing; null where none was tried.</param>
public sealed record FlagPage(IReadOnlyList<FlagProfile> Flags, BannerProfile? Banner, string? Complaint);

/// <summary>Shows and sets feature flags, and announces maintenance.</summary>
internal sealed class FlagPages(FlagDesk flags, Banners banners, TimeProvider time)
{
    /// <summary><c>GET /console/flags</c>.</summary>
    public static Task<IResult> Show(
        Visits visits, FlagPages pages, HttpContext context, CancellationToken cancellationToken) => visits.ShowPlatform(
        context, FormText.Org(context.Request), frame => pages.All(frame, null, cancellationToken), cancellationToken);

    /// <summary><c>POST /console/flags</c>.</summary>
    public static Task<IResult> Act(
        Visits visits, FlagPages pages, HttpContext context, CancellationToken cancellationToken) => visits.ShowPlatform(
        context,
        FormText.Org(context.Request),
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            var complaint = form["act"] switch
            {
                "announce" => await pages.Announce(frame, form, cancellationToken),
                "take_down" => await pages.TakeDown(frame, cancellationToken),
                _ => await pages.Set(frame, form, cancellationToken),
            };
            return complaint is null
                ? PostedForm.SeeOther(context, frame.To(Places.Flags))
                : await pages.All(frame, complaint, cancellationToken);
        },
        cancellationToken);

    private async Task<string?> Set(Frame frame, PostedForm form, CancellationToken cancellationToken)
    {
        JsonElement? value = null;
        if (form["act"] == "set")
        {
            try
            {
                value = JsonElement.Parse(form["value"]);
            }
            catch (JsonException)
            {
                return "Write true, false, a number, or a text in quotes.";
            }
        }

        OrgId? org = form["scope"] == "organisation" ? frame.Org?.Id : null;
        var change = new FlagChange(form["name"], value, FormText.Of(form["reason"]));
        return await flags.Set(org, change, frame.Caller.Actor, cancellationToken) is SetFlagOutcome.Invalid(var input)
            ? FormText.Sentence(input)
            : null;
    }

    private async Task<string?> Announce(Frame frame, PostedForm form, CancellationToken cancellationToken)
    {
        var hours = int.TryParse(form["hours"], System.Globalization.CultureInfo.InvariantCulture, out var count) ? count : 0;
        var start = FormText.Instant(form["start"]);
        var banner = new NewBanner(form["text"], (start ?? time.GetUtcNow()).AddHours(hours), start);
        return await banners.Announce(banner, frame.Caller.Actor, cancellationToken) is BannerOutcome.Invalid(var input)
            ? FormText.Sentence(input)
            : null;
    }

    private async Task<string?> TakeDown(Frame frame, CancellationToken cancellationToken)
    {
        await banners.TakeDown(frame.Caller.Actor, cancellationToken);
        return null;
    }

    private async Task<IResult> All(Frame frame, string? complaint, CancellationToken cancellationToken) =>
        frame.Page<FlagsView, FlagPage>(
            new FlagPage(
                await flags.All(frame.Org?.Id, cancellationToken), await banners.Planned(cancellationToken), complaint),
            complaint is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
}
