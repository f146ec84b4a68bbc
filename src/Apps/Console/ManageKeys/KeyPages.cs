using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.ManageKeys;

/// <summary>A page of keys.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record KeysRequest(OrgId? Org = null, Cursor<KeyId>? Cursor = null);

/// <summary>Which key.</summary>
/// <param name="Key">Its id.</param>
/// <param name="Org">The organisation.</param>
internal sealed record KeyRequest(KeyId Key, OrgId? Org = null);

/// <summary>What the page of keys shows.</summary>
/// <param name="IsOperators">Whether they are the operator's keys.</param>
/// <param name="Keys">The keys.</param>
/// <param name="Machines">The organisation's service accounts that are enabled.</param>
/// <param name="Projects">The organisation's projects that are in use.</param>
/// <param name="Now">What time it is.</param>
/// <param name="Cursor">Where the page begins; null on the first one.</param>
/// <param name="Next">Where the next page begins; null on the last one.</param>
/// <param name="Complaint">Why no key could be made; null where none was tried.</param>
public sealed record KeyList(
    bool IsOperators,
    IReadOnlyList<KeyProfile> Keys,
    IReadOnlyList<ServiceAccountProfile> Machines,
    IReadOnlyList<ProjectProfile> Projects,
    DateTimeOffset Now,
    string? Cursor,
    string? Next,
    string? Complaint);

/// <summary>What the page of a key shows.</summary>
/// <param name="Key">The key.</param>
/// <param name="Secret">Its secret; null but when it has just been made.</param>
/// <param name="Old">The key it replaces; null but when it has just been made.</param>
/// <param name="Now">What time it is.</param>
/// <param name="Complaint">Why a change came to nothing; null where none was tried.</param>
public sealed record KeyDetail(KeyProfile Key, string? Secret, KeyProfile? Old, DateTimeOffset Now, string? Complaint)
{
    /// <summary>Whether it is one of the operator's keys.</summary>
    public bool IsOperators => Key.Roles is not null;
}

/// <summary>Shows and changes keys of organisations and, below another address, of the operator.</summary>
internal sealed class KeyPages(Keys keys, ServiceAccounts machines, Projects projects, TimeProvider time)
{
    private readonly Keys keys = keys;

    /// <summary><c>GET /console/keys</c>.</summary>
    public static Task<IResult> List(
        Parameters<KeysRequest> parameters,
        Visits visits,
        KeyPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        frame => pages.All(frame, frame.RequiredOrg.Id, parameters.Value.Cursor, null, cancellationToken),
        cancellationToken);

    /// <summary><c>GET /console/operator-keys</c>.</summary>
    public static Task<IResult> ListOperators(
        Parameters<KeysRequest> parameters,
        Visits visits,
        KeyPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.ShowPlatform(
        context,
        parameters.Value.Org,
        frame => pages.All(frame, null, parameters.Value.Cursor, null, cancellationToken),
        cancellationToken);

    /// <summary><c>POST /console/keys</c>: the answer is the key's page, as its secret is shown this once.</summary>
    public static Task<IResult> Create(
        Parameters<KeysRequest> parameters,
        Visits visits,
        KeyPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            var isPreset = form["preset"] is { Length: > 0 } and not "chosen";
            var machine = Id.TryParse<ServiceAccountId>(form["machine"], out var id) ? id : (ServiceAccountId?)null;
            var wanted = new NewKey(
                form["label"],
                pages.Expiry(form),
                Scopes: isPreset ? null : form.All("scopes"),
                Preset: isPreset ? form["preset"] : null,
                ProjectId: Id.TryParse<ProjectId>(form["project"], out var project) ? project : null,
                ServiceAccountId: machine);
            var org = frame.RequiredOrg.Id;
            return await pages.Answer(
                frame, context, org, await pages.keys.CreateAs(org, wanted, frame.Caller, cancellationToken), cancellationToken);
        },
        cancellationToken);

    /// <summary><c>POST /console/operator-keys</c>.</summary>
    public static Task<IResult> CreateOperators(
        Parameters<KeysRequest> parameters,
        Visits visits,
        KeyPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.ShowPlatform(
        context,
        parameters.Value.Org,
        async frame =>
        {
            var form = await PostedForm.Read(context.Request, cancellationToken);
            var wanted = new NewOperatorKey(form["label"], form.All("roles"), pages.Expiry(form));
            return await pages.Answer(
                frame,
                context,
                null,
                await pages.keys.CreateForOperatorAs(wanted, frame.Caller, cancellationToken),
                cancellationToken);
        },
        cancellationToken);

    /// <summary><c>GET /console/keys/{key}</c>.</summary>
    public static Task<IResult> One(
        Parameters<KeyRequest> parameters,
        Visits visits,
        KeyPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        frame => pages.Detail(frame, frame.RequiredOrg.Id, parameters.Value.Key, null, cancellationToken),
        cancellationToken);

    /// <summary><c>GET /console/operator-keys/{key}</c>.</summary>
    public static Task<IResult> OneOperators(
        Parameters<KeyRequest> parameters,
        Visits visits,
        KeyPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.ShowPlatform(
        context,
        parameters.Value.Org,
        frame => pages.Detail(frame, null, parameters.Value.Key, null, cancellationToken),
        cancellationToken);

    /// <summary><c>POST /console/keys/{key}</c>.</summary>
    public static Task<IResult> Act(
        Parameters<KeyRequest> parameters,
        Visits visits,
        KeyPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        frame => pages.Change(frame, context, frame.RequiredOrg.Id, parameters.Value.Key, cancellationToken),
        cancellationToken);

    /// <summary><c>POST /console/operator-keys/{key}</c>.</summary>
    public static Task<IResult> ActOperators(
        Parameters<KeyRequest> parameters,
        Visits visits,
        KeyPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.ShowPlatform(
        context,
        parameters.Value.Org,
        frame => pages.Change(frame, context, null, parameters.Value.Key, cancellationToken),
        cancellationToken);

    private async Task<IResult> All(
        Frame frame, OrgId? org, Cursor<KeyId>? cursor, string? complaint, CancellationToken cancellationToken)
    {
        var rows = await keys.Before(org, cursor?.Keys, Limits.RowsPerPage + 1, cancellationToken);
        var page = Page.Of(rows, new PageLimit(Limits.RowsPerPage), key => key.Id);
        IReadOnlyList<ServiceAccountProfile> all = org is { } owner ? await machines.Of(owner, cancellationToken) : [];
        IReadOnlyList<ProjectProfile> parts = org is { } whole ? await projects.Of(whole, cancellationToken) : [];
        var model = new KeyList(
            org is null,
            page.Data,
            [.. all.Where(machine => machine.DisabledAt is null)],
            [.. parts.Where(project => project.ArchivedAt is null)],
            time.GetUtcNow(),
            cursor?.ToString(),
            page.NextCursor,
            complaint);
        return frame.Page<KeysView, KeyList>(
            model, complaint is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }

    private async Task<IResult> Answer(
        Frame frame, HttpContext context, OrgId? org, CreateKeyOutcome outcome, CancellationToken cancellationToken) =>
        outcome switch
        {
            CreateKeyOutcome.Created(var (key, secret)) =>
                WithSecret(frame, context, new KeyDetail(key, secret, null, time.GetUtcNow(), null)),
            CreateKeyOutcome.Invalid(var input) =>
                await All(frame, org, null, FormText.Sentence(input), cancellationToken),
            CreateKeyOutcome.TooManyKeys =>
                await All(frame, org, null, "There are as many keys in use as there may be. Revoke some.", cancellationToken),
            CreateKeyOutcome.NoSuchProject =>
                await All(frame, org, null, "That project is not there any more, or is archived.", cancellationToken),
            CreateKeyOutcome.NoSuchServiceAccount =>
                await All(frame, org, null, "That service account is not there any more, or is disabled.", cancellationToken),
            _ => throw new InvalidOperationException($"Making a key ended as {outcome}."),
        };

    private async Task<IResult> Change(
        Frame frame, HttpContext context, OrgId? org, KeyId id, CancellationToken cancellationToken)
    {
        var form = await PostedForm.Read(context.Request, cancellationToken);
        var reason = FormText.Of(form["reason"]);
        if (form["act"] == "revoke")
        {
            return await keys.Revoke(org, id, reason, frame.Caller.Actor, cancellationToken) switch
            {
                RevokeKeyOutcome.Revoked => PostedForm.SeeOther(context, frame.To(Places.OfKey(id, org is null))),
                RevokeKeyOutcome.Invalid(var input) =>
                    await Detail(frame, org, id, FormText.Sentence(input), cancellationToken),
                _ => frame.NotFound("key"),
            };
        }

        // A field that holds no number asks for what cannot be, and the module says so.
        var hours = int.TryParse(form["overlap"], System.Globalization.CultureInfo.InvariantCulture, out var count) ? count : -1;
        return await keys.RotateAs(org, id, new KeyRotation(hours, Reason: reason), frame.Caller, cancellationToken) switch
        {
            RotateKeyOutcome.Rotated(var old, var (key, secret)) =>
                WithSecret(frame, context, new KeyDetail(key, secret, old, time.GetUtcNow(), null)),
            RotateKeyOutcome.Invalid(var input) => await Detail(frame, org, id, FormText.Sentence(input), cancellationToken),
            RotateKeyOutcome.NotInUse => await Detail(frame, org, id, "It does not work any more; make a new one.", cancellationToken),
            RotateKeyOutcome.AlreadyRunning => await Detail(
                frame, org, id, "It is being replaced already, or the one it replaced still works.", cancellationToken),
            RotateKeyOutcome.IsAPersons => await Detail(
                frame, org, id, "It is a person's device: they sign in there again.", cancellationToken),
            RotateKeyOutcome.BeyondOwn(var more) => await Detail(
                frame, org, id, $"It may do what you may not: {string.Join(", ", more)}.", cancellationToken),
            _ => frame.NotFound("key"),
        };
    }

    private async Task<IResult> Detail(
        Frame frame, OrgId? org, KeyId id, string? complaint, CancellationToken cancellationToken) =>
        await keys.Find(org, id, cancellationToken) is { } key
            ? frame.Page<KeyView, KeyDetail>(
                new KeyDetail(key, null, null, time.GetUtcNow(), complaint),
                complaint is null ? StatusCodes.Status200OK : StatusCodes.Status409Conflict)
            : frame.NotFound("key");

    private static IResult WithSecret(Frame frame, HttpContext context, KeyDetail detail)
    {
        // The one page that holds a secret: nothing between here and its reader may keep it.
        context.Response.Headers.CacheControl = "no-store";
        return frame.Page<KeyView, KeyDetail>(detail);
    }

    private DateTimeOffset? Expiry(PostedForm form) =>
        int.TryParse(form["days"], System.Globalization.CultureInfo.InvariantCulture, out var days) && days is > 0 and <= 3_660
            ? time.GetUtcNow().AddDays(days)
            : null;
}
