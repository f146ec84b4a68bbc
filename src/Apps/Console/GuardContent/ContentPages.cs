using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.ConsolePages.BrowseCalls;
using Quoin.ConsolePages.Shell;
using Quoin.Inference;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.GuardContent;

/// <summary>What becomes of the content of calls.</summary>
/// <param name="Policy">What holds.</param>
/// <param name="Form">What the form says.</param>
/// <param name="Redactors">What may be taken out.</param>
/// <param name="Guarded">The keys with a guard of their own, and what they are called.</param>
/// <param name="Said">What was just done, or why nothing was; null nothing.</param>
/// <param name="IsComplaint">Whether nothing was.</param>
public sealed record ContentPolicyModel(
    ContentPolicy Policy,
    ContentForm Form,
    IReadOnlyCollection<string> Redactors,
    IReadOnlyList<(KeyId Key, string Label)> Guarded,
    string? Said,
    bool IsComplaint);

/// <summary>What was asked and answered in a call.</summary>
/// <param name="Call">The call.</param>
/// <param name="Model">The model, as the client named it; null where the journal does not have it.</param>
/// <param name="Content">It; null where none is kept.</param>
public sealed record KeptContentModel(CallId Call, string? Model, CallContent? Content)
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>A text as it is read best: JSON in lines, anything else as it came.</summary>
    public static string Readable(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            return JsonSerializer.Serialize(json.RootElement, Indented);
        }
        catch (JsonException)
        {
            return text;
        }
    }
}

/// <summary>Shows and changes what becomes of the content of calls, and shows what is kept of one.</summary>
internal sealed class ContentPages(ContentDesk desk, CallHistory journal, Keys keys)
{
    private readonly ContentDesk desk = desk;

    /// <summary><c>GET /console/gateway/content</c>.</summary>
    public static Task<IResult> Show(
        Visits visits, ContentPages pages, HttpContext context, CancellationToken cancellationToken) => visits.Show(
        context,
        FormText.Org(context.Request),
        async frame =>
        {
            var policy = await pages.desk.Policy(frame.RequiredOrg.Id, cancellationToken);
            var said = FormText.Of(context.Request, "said") == "set" ? ContentText.Confirmation(policy) : null;
            return await pages.Shown(frame, policy, ContentForm.Of(policy), said, false, cancellationToken);
        },
        cancellationToken);

    /// <summary><c>POST /console/gateway/content</c>.</summary>
    public static Task<IResult> Set(
        Visits visits, ContentPages pages, HttpContext context, CancellationToken cancellationToken) => visits.Show(
        context,
        FormText.Org(context.Request),
        async frame =>
        {
            var org = frame.RequiredOrg.Id;
            var form = ContentForm.Read(await PostedForm.Read(context.Request, cancellationToken));
            return await pages.desk.SetPolicy(org, form.ToPolicy(), frame.Caller, cancellationToken) is { } wrong
                ? await pages.Shown(
                    frame,
                    await pages.desk.Policy(org, cancellationToken),
                    form,
                    GatewaySentence.Of(wrong),
                    true,
                    cancellationToken)
                : PostedForm.SeeOther(context, frame.To(Places.ContentPolicy, ("said", "set")));
        },
        cancellationToken);

    /// <summary><c>GET /console/gateway/requests/{request}/content</c>: the audit log says who looked.</summary>
    public static Task<IResult> Kept(
        Parameters<CallRequest> parameters,
        Visits visits,
        ContentPages pages,
        HttpContext context,
        CancellationToken cancellationToken) => visits.Show(
        context,
        parameters.Value.Org,
        async frame =>
        {
            // What people said belongs in no cache.
            context.Response.Headers.CacheControl = "no-store";
            var (org, id) = (frame.RequiredOrg.Id, parameters.Value.Request);
            var call = await pages.journal.Find(org, id, frame.Caller.Realm, cancellationToken);
            var content = await pages.desk.Read(org, id, frame.Caller, cancellationToken);
            return call is null && content is null
                ? frame.NotFound("request")
                : frame.Page<KeptContentView, KeptContentModel>(new(id, call?.Model, content));
        },
        cancellationToken);

    private readonly CallHistory journal = journal;

    private async Task<IResult> Shown(
        Frame frame,
        ContentPolicy policy,
        ContentForm form,
        string? said,
        bool isComplaint,
        CancellationToken cancellationToken)
    {
        var org = frame.RequiredOrg.Id;
        var guarded = await desk.Guarded(org, cancellationToken);
        var labels = guarded.Count == 0
            ? new Dictionary<string, string>(StringComparer.Ordinal)
            : await KeyLabels.Of(keys, org, cancellationToken);
        return frame.Page<ContentPolicyView, ContentPolicyModel>(
            new(
                policy,
                form,
                desk.Redactors,
                [.. guarded.Select(key => (key, labels.GetValueOrDefault(key.ToString(), key.ToString())))],
                said,
                isComplaint),
            isComplaint ? StatusCodes.Status422UnprocessableEntity : StatusCodes.Status200OK);
    }
}
