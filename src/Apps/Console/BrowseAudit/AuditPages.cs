using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.ConsolePages.BrowseAudit;

/// <summary>What the page of an audit log shows.</summary>
/// <param name="IsPlatform">Whether it is the platform's.</param>
/// <param name="Search">What was looked for.</param>
/// <param name="Complaint">What of the search cannot be; null where all can.</param>
/// <param name="Entries">The entries, newest first.</param>
/// <param name="Names">What people and keys in them are called, by their ids.</param>
/// <param name="Verification">Whether the newest entries are as they were written.</param>
/// <param name="Cursor">Where the page begins; null on the first one.</param>
/// <param name="Next">Where the next page begins; null on the last one.</param>
public sealed record AuditPage(
    bool IsPlatform,
    AuditSearch Search,
    string? Complaint,
    IReadOnlyList<AuditRecord> Entries,
    IReadOnlyDictionary<string, AuditName> Names,
    AuditVerification Verification,
    string? Cursor,
    string? Next);

/// <summary>Shows the audit log of an organisation, and of the platform, and sends it as a file.</summary>
internal static class AuditPages
{
    /// <summary><c>GET /console/audit</c>.</summary>
    public static Task<IResult> Show(
        Visits visits, AuditReader reader, AuditLog log, HttpContext context, CancellationToken cancellationToken) =>
        visits.Show(
            context,
            FormText.Org(context.Request),
            frame => Page(frame, frame.RequiredOrg.Id, reader, log, context.Request, cancellationToken),
            cancellationToken);

    /// <summary><c>GET /console/platform-audit</c>.</summary>
    public static Task<IResult> ShowPlatform(
        Visits visits, AuditReader reader, AuditLog log, HttpContext context, CancellationToken cancellationToken) =>
        visits.ShowPlatform(
            context,
            FormText.Org(context.Request),
            frame => Page(frame, null, reader, log, context.Request, cancellationToken),
            cancellationToken);

    /// <summary><c>GET /console/audit/export</c>.</summary>
    public static Task<IResult> Export(
        Visits visits, AuditReader reader, HttpContext context, CancellationToken cancellationToken) => visits.Show(
        context,
        FormText.Org(context.Request),
        frame => Task.FromResult(File(frame.RequiredOrg.Id, reader, context.Request, cancellationToken)),
        cancellationToken);

    /// <summary><c>GET /console/platform-audit/export</c>.</summary>
    public static Task<IResult> ExportPlatform(
        Visits visits, AuditReader reader, HttpContext context, CancellationToken cancellationToken) =>
        visits.ShowPlatform(
            context,
            FormText.Org(context.Request),
            _ => Task.FromResult(File(null, reader, context.Request, cancellationToken)),
            cancellationToken);

    private static async Task<IResult> Page(
        Frame frame,
        OrgId? org,
        AuditReader reader,
        AuditLog log,
        HttpRequest request,
        CancellationToken cancellationToken)
    {
        var search = SearchOf(request);
        var cursor = FormText.Of(request, "cursor") is { } text ? Cursor<long>.Read(text) : null;
        var complaint = ComplaintOf(request);
        var rows = complaint is null
            ? await reader.Newest(org, search, cursor?.Keys, Limits.RowsPerPage + 1, cancellationToken)
            : [];
        var page = Quoin.Platform.Page.Of(rows, new PageLimit(Limits.RowsPerPage), entry => entry.Sequence);
        var model = new AuditPage(
            org is null,
            search,
            complaint,
            page.Data,
            await reader.NamesIn(org, page.Data, cancellationToken),
            await log.VerifyNewest(org, cancellationToken),
            cursor?.ToString(),
            page.NextCursor);
        return frame.Page<AuditView, AuditPage>(
            model, complaint is null ? StatusCodes.Status200OK : StatusCodes.Status422UnprocessableEntity);
    }

    // A time that cannot be read must not look like a search that found everything.
    private static string? ComplaintOf(HttpRequest request)
    {
        var (from, to) = (FormText.Of(request, "from"), FormText.Of(request, "to"));
        var (start, end) = (FormText.Instant(from), FormText.Instant(to));
        return (from is not null && start is null) || (to is not null && end is null)
            ? "A time is written like 2026-11-21T09:00, in UTC."
            : end <= start ? "The time it ends is not after the time it begins." : null;
    }

    private static IResult File(
        OrgId? org, AuditReader reader, HttpRequest request, CancellationToken cancellationToken) => AuditFile.Of(
        reader.All(org, SearchOf(request), cancellationToken),
        request.Query["format"] == "csv" ? AuditFileFormat.Csv : AuditFileFormat.Jsonl,
        cancellationToken);

    private static AuditSearch SearchOf(HttpRequest request) => new(
        FormText.Of(request, "actor"),
        FormText.Of(request, "action"),
        FormText.Of(request, "subject"),
        FormText.Instant(FormText.Of(request, "from")),
        FormText.Instant(FormText.Of(request, "to")),
        FormText.Of(request, "impersonated") == "true");
}
