using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>A page of an audit log, newest first.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="Actor">Who did it, or acted as who did it: the whole id, or a person's address.</param>
/// <param name="Action">What: <c>key.created</c>, or <c>key</c> for everything that happens to keys.</param>
/// <param name="Subject">What it was done to: the whole id, or a person's address.</param>
/// <param name="From">Recorded then or later.</param>
/// <param name="To">Recorded before.</param>
/// <param name="Impersonated">Only what an operator did in somebody's stead.</param>
internal sealed record AuditPageRequest(
    PageLimit Limit,
    Cursor<long>? Cursor = null,
    string? Actor = null,
    string? Action = null,
    string? Subject = null,
    DateTimeOffset? From = null,
    DateTimeOffset? To = null,
    bool Impersonated = false);

/// <summary>An audit log as a file.</summary>
/// <param name="Format"><c>jsonl</c> or <c>csv</c>.</param>
/// <param name="Actor">Who did it, or acted as who did it: the whole id, or a person's address.</param>
/// <param name="Action">What: <c>key.created</c>, or <c>key</c> for everything that happens to keys.</param>
/// <param name="Subject">What it was done to: the whole id, or a person's address.</param>
/// <param name="From">Recorded then or later.</param>
/// <param name="To">Recorded before.</param>
/// <param name="Impersonated">Only what an operator did in somebody's stead.</param>
internal sealed record AuditFileRequest(
    AuditFileFormat Format = AuditFileFormat.Jsonl,
    string? Actor = null,
    string? Action = null,
    string? Subject = null,
    DateTimeOffset? From = null,
    DateTimeOffset? To = null,
    bool Impersonated = false);

/// <summary>The API of the audit log: the named organisation's, or the platform's where an operator names none.</summary>
internal static class AuditEndpoints
{
    /// <summary><c>GET /v1/audit</c>.</summary>
    public static async Task<Ok<Page<AuditRecord>>> List(
        Parameters<AuditPageRequest> parameters,
        AuditReader reader,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var (limit, cursor, actor, action, subject, from, to, impersonated) = parameters.Value;
        var search = new AuditSearch(actor, action, subject, from, to, impersonated);
        var rows = await reader.Newest(
            context.Caller().Org, search, cursor?.Keys, limit.RowsToFetch, cancellationToken);
        return TypedResults.Ok(Page.Of(rows, limit, entry => entry.Sequence));
    }

    /// <summary><c>GET /v1/audit/export</c>.</summary>
    public static PushStreamHttpResult Export(
        Parameters<AuditFileRequest> parameters,
        AuditReader reader,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var (format, actor, action, subject, from, to, impersonated) = parameters.Value;
        var search = new AuditSearch(actor, action, subject, from, to, impersonated);
        var entries = reader.All(context.Caller().Org, search, cancellationToken);
        return AuditFile.Of(entries, format, cancellationToken);
    }

    /// <summary><c>GET /v1/audit/verification</c>.</summary>
    public static async Task<Ok<AuditVerification>> Verify(
        AuditLog log, HttpContext context, CancellationToken cancellationToken) =>
        TypedResults.Ok(await log.VerifyNewest(context.Caller().Org, cancellationToken));
}
