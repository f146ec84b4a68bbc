using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Inference.Internal;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>What was asked and answered in a call.</summary>
/// <param name="Id">The call.</param>
/// <param name="Request">The request as it went on, without what was redacted.</param>
/// <param name="Answer">The answer as the client got it: JSON, or the events of a stream.</param>
/// <param name="IsCut">Whether one of them was longer than what is kept.</param>
/// <param name="RecordedAt">Since when it is kept.</param>
/// <param name="KeptUntil">Until when.</param>
public sealed record CallContent(
    CallId Id, string Request, string Answer, bool IsCut, DateTimeOffset RecordedAt, DateTimeOffset KeptUntil)
{
    /// <summary>Without what was said, which belongs in no log.</summary>
    public override string ToString() => Id.ToString();
}

/// <summary>Shows what was asked and answered; each time it says in the audit log who looked.</summary>
internal sealed class ReadContent(KeptContent kept, ContentPolicies policies, IAudit audit, Npgsql.NpgsqlDataSource database)
{
    /// <summary><c>GET /v1/requests/{request}/content</c>.</summary>
    public static async Task<Results<Ok<CallContent>, Problem>> Endpoint(
        Parameters<RequestParameters> parameters,
        ReadContent handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        context.Response.Headers.CacheControl = "no-store";
        var caller = context.Caller();
        return await handler.Find(caller.RequiredOrg, parameters.Value.Request, caller.Actor, cancellationToken) is { } content
            ? TypedResults.Ok(content)
            : new Problem(PlatformProblems.NotFound, "Nothing is kept of this call's content.");
    }

    /// <summary>A call's content, for somebody; null where none is kept, or none is to be kept any more.</summary>
    public async Task<CallContent?> Find(OrgId org, CallId call, string actor, CancellationToken cancellationToken)
    {
        var rules = await policies.Of(org, actor, cancellationToken);
        if (rules.DaysKept is null || await kept.Find(org, call, cancellationToken) is not { } content)
        {
            return null;
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await audit.Record(
            transaction, new AuditEntry(org, actor, "inference_content.read", call.ToString()), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return content;
    }
}
