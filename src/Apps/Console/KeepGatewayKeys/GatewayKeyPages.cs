using System.Globalization;
using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.ConsolePages.GuardContent;
using Quoin.ConsolePages.Shell;
using Quoin.Inference;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.KeepGatewayKeys;

/// <summary>A page of keys that call models.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record GatewayKeysRequest(OrgId? Org = null, Cursor<KeyId>? Cursor = null);

/// <summary>Which key.</summary>
/// <param name="Key">Its id.</param>
/// <param name="Org">The organisation.</param>
/// <param name="Said">What was just done.</param>
internal sealed record GatewayKeyRequest(KeyId Key, OrgId? Org = null, string? Said = null);

/// <summary>What the page of keys shows.</summary>
/// <param name="Keys">The keys.</param>
/// <param name="Models">The models there are.</param>
/// <param name="Redactors">What may be taken out of requests.</param>
/// <param name="Projects">The organisation's projects that are in use.</param>
/// <param name="Now">What time it is.</param>
/// <param name="Form">The form as it was sent, or an empty one.</param>
/// <param name="Complaint">Why no key could be made; null where none was tried.</param>
/// <param name="Cursor">Where the page begins; null on the first one.</param>
/// <param name="Next">Where the next page begins; null on the last one.</param>
public sealed record GatewayKeyList(
    IReadOnlyList<VirtualKey> Keys,
    IReadOnlyList<string> Models,
    IReadOnlyCollection<string> Redactors,
    IReadOnlyList<ProjectProfile> Projects,
    DateTimeOffset Now,
    GatewayKeyForm Form,
    string? Complaint,
    string? Cursor,
    string? Next);

/// <summary>What the page of a key shows.</summary>
/// <param name="Key">The key.</param>
/// <param name="Secret">Its secret; null but when it has just been made.</param>
/// <param name="Old">The key it replaces; null but when it has just been made.</param>
/// <param name="Models">The models there are.</param>
/// <param name="Guard">What its requests are looked through for, besides what its organisation's are.</param>
/// <param name="Redactors">What may be taken out of requests.</param>
/// <param name="Now">What time it is.</param>
/// <param name="Said">What was just done, or why nothing was; null nothing.</param>
/// <param name="IsComplaint">Whether nothing was.</param>
public sealed record GatewayKeyDetail(
    VirtualKey Key,
    string? Secret,
    KeyProfile? Old,
    IReadOnlyList<string> Models,
    ContentGuard Guard,
    IReadOnlyCollection<string> Redactors,
    DateTimeOffset Now,
    string? Said,
    bool IsComplaint);

/// <summary>Shows and changes keys that call models.</summary>
internal sealed class GatewayKeyPages(
    VirtualKeys keys, GatewayCalls gateway, ContentDesk content, Projects projects, TimeProvider time)
{
    /// <summary><c>GET /console/gateway/keys</c>.</summary>
    public static Task<IResult> List(
        Parameters<GatewayKeysRequest> parameters,
        Visits visits,
        GatewayKeyPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        frame => pages.All(frame, parameters.Value.Cursor, GatewayKeyForm.Empty, null, cancellationToken),
        cancellationToken);

    /// <summary><c>POST /console/gateway/keys</c>: the answer is the key's page, as its secret is shown this once.</summary>
    public static Task<IResult> Create(
        Parameters<GatewayKeysRequest> parameters,
        Visits visits,
        GatewayKeyPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var form = GatewayKeyForm.Read(await PostedForm.Read(context.Request, cancellationToken));
            return await pages.Make(frame, context, form, cancellationToken);
        },
        cancellationToken);

    /// <summary><c>GET /console/gateway/keys/{key}</c>.</summary>
    public static Task<IResult> One(
        Parameters<GatewayKeyRequest> parameters,
        Visits visits,
        GatewayKeyPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        frame => pages.Detail(
            frame,
            parameters.Value.Key,
            parameters.Value.Said is "rules" or "guard" ? "It is held to this now, everywhere within a second." : null,
            false,
            cancellationToken),
        cancellationToken);

    /// <summary><c>POST /console/gateway/keys/{key}</c>.</summary>
    public static Task<IResult> Act(
        Parameters<GatewayKeyRequest> parameters,
        Visits visits,
        GatewayKeyPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            var id = parameters.Value.Key;
            return await pages.Do(frame, id, form, cancellationToken) switch
            {
                VirtualKeyOutcome.Made(var key, var secret, var old) =>
                    await pages.WithSecret(frame, context, key, secret, old, cancellationToken),
                VirtualKeyOutcome.Kept => PostedForm.SeeOther(
                    context, frame.To(Places.OfGatewayKey(id), ("said", form["act"] is "rules" or "guard" ? form["act"] : null))),
                VirtualKeyOutcome.Refused(var why) => await pages.Detail(frame, id, why, true, cancellationToken),
                _ => frame.NotFound("key"),
            };
        },
        cancellationToken);

    private async Task<IResult> All(
        Frame frame, Cursor<KeyId>? cursor, GatewayKeyForm form, string? complaint, CancellationToken cancellationToken)
    {
        var org = frame.RequiredOrg.Id;
        var page = await keys.List(org, cursor?.Keys, new PageLimit(Limits.RowsPerPage), cancellationToken);
        var parts = await projects.Of(org, cancellationToken);
        var model = new GatewayKeyList(
            page.Data,
            await gateway.Models(org, frame.Caller, cancellationToken),
            content.Redactors,
            [.. parts.Where(project => project.ArchivedAt is null)],
            time.GetUtcNow(),
            form,
            complaint,
            cursor?.ToString(),
            page.NextCursor);
        return frame.Page<GatewayKeysView, GatewayKeyList>(
            model, complaint is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }

    private async Task<IResult> Make(
        Frame frame, HttpContext context, GatewayKeyForm form, CancellationToken cancellationToken)
    {
        var (wanted, complaint) = form.ToKey(frame.Currency, time.GetUtcNow());
        var guard = form.Guard.ToGuard();
        if (wanted is null || guard.FindProblem(content.Redactors) is not null)
        {
            complaint ??= GatewaySentence.Of(guard.FindProblem(content.Redactors)!);
            return await All(frame, null, form, complaint, cancellationToken);
        }

        var org = frame.RequiredOrg.Id;
        switch (await keys.Create(org, wanted, frame.Caller, cancellationToken))
        {
            case VirtualKeyOutcome.Made(var key, var secret, var old):
                // Nobody has its secret yet, so no request of its goes past its guard. Once it is made it is shown.
                if (ContentText.Guards(guard))
                {
                    await content.SetGuard(org, key.Key.Id, guard, frame.Caller, CancellationToken.None);
                }

                return await WithSecret(frame, context, key, secret, old, CancellationToken.None);
            case VirtualKeyOutcome.Refused(var why):
                return await All(frame, null, form, Sentence(why), cancellationToken);
            default:
                return frame.NotFound("organisation");
        }
    }

    private async Task<VirtualKeyOutcome> Do(
        Frame frame, KeyId id, PostedForm form, CancellationToken cancellationToken)
    {
        var (org, caller) = (frame.RequiredOrg.Id, frame.Caller);
        switch (form["act"])
        {
            case "revoke":
                return await keys.Revoke(org, id, FormText.Of(form["reason"]), caller, cancellationToken);
            case "rotate":
                // A field that holds no number asks for what cannot be, and the module says so.
                var hours = int.TryParse(form["overlap"], CultureInfo.InvariantCulture, out var count) ? count : -1;
                return await keys.Rotate(org, id, new KeyRotation(hours), caller, cancellationToken);
            case "rules" when await keys.Find(org, id, cancellationToken) is { } known:
                var (rules, complaint) = GatewayKeyForm.Read(form).ToRules(known.Rules);
                return rules is null
                    ? new VirtualKeyOutcome.Refused(complaint!)
                    : await keys.Change(org, id, rules, caller, cancellationToken);
            case "guard" when await keys.Find(org, id, cancellationToken) is { } guarded:
                var guard = GuardForm.Read(form).ToGuard();
                return await content.SetGuard(org, id, guard, caller, cancellationToken) is { } wrong
                    ? new VirtualKeyOutcome.Refused(GatewaySentence.Of(wrong))
                    : new VirtualKeyOutcome.Kept(guarded);
            default:
                return new VirtualKeyOutcome.NotFound();
        }
    }

    private async Task<IResult> Detail(
        Frame frame, KeyId id, string? said, bool isComplaint, CancellationToken cancellationToken)
    {
        var org = frame.RequiredOrg.Id;
        return await keys.Find(org, id, cancellationToken) is { } key
            ? frame.Page<GatewayKeyView, GatewayKeyDetail>(
                await Dressed(frame, key, null, null, cancellationToken) with { Said = said, IsComplaint = isComplaint },
                isComplaint ? StatusCodes.Status409Conflict : StatusCodes.Status200OK)
            : frame.NotFound("key");
    }

    private async Task<GatewayKeyDetail> Dressed(
        Frame frame, VirtualKey key, string? secret, KeyProfile? old, CancellationToken cancellationToken)
    {
        var org = frame.RequiredOrg.Id;
        return new GatewayKeyDetail(
            key,
            secret,
            old,
            await gateway.Models(org, frame.Caller, cancellationToken),
            await content.Guard(org, key.Key.Id, cancellationToken) ?? new ContentGuard(),
            content.Redactors,
            time.GetUtcNow(),
            null,
            false);
    }

    private async Task<IResult> WithSecret(
        Frame frame, HttpContext context, VirtualKey key, string secret, KeyProfile? old, CancellationToken cancellationToken)
    {
        // The one page that holds a secret: nothing between here and its reader may keep it.
        context.Response.Headers.CacheControl = "no-store";
        return frame.Page<GatewayKeyView, GatewayKeyDetail>(
            await Dressed(frame, key, secret, old, cancellationToken));
    }

    private static string Sentence(string text) => char.ToUpperInvariant(text[0]) + text[1..].Replace('_', ' ');
}
