using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Charging.Internal;

/// <summary>Asks to rate again what was set aside.</summary>
/// <param name="Reason">Why, for the audit log.</param>
internal sealed record RetryUnpricedRequest(string Reason);

/// <summary>What is tried again.</summary>
/// <param name="FoldCount">How many pieces of usage; what still cannot be rated is set aside again.</param>
internal sealed record RetryUnpricedAnswer(long FoldCount);

/// <summary>
/// <c>POST /v1/unpriced-usage/retry</c>: an operator who removed the cause has set-aside usage rated again, of the
/// organisation named or of all. New prices do the same for everybody, on their own.
/// </summary>
internal sealed class RetryUnpriced(NpgsqlDataSource database, IAudit audit, WakeUps wakeUps)
{
    public static Task<Results<Ok<RetryUnpricedAnswer>, Problem>> Handle(
        RetryUnpricedRequest request, RetryUnpriced handler, HttpContext context, CancellationToken cancellationToken) =>
        handler.Run(request, context.Caller(), cancellationToken);

    private async Task<Results<Ok<RetryUnpricedAnswer>, Problem>> Run(
        RetryUnpricedRequest request, Caller caller, CancellationToken cancellationToken)
    {
        if (InputText.Problem(request.Reason, Limits.ReasonLettersMax) is { } wrong)
        {
            return new Problem(ChargingProblems.InvalidChargingInput, $"reason {wrong}.");
        }

        return TypedResults.Ok(
            new RetryUnpricedAnswer(await Run(caller.Org, request.Reason, caller.Actor, cancellationToken)));
    }

    /// <summary>Puts it all back, of one organisation or of all; returns how many pieces.</summary>
    public async Task<long> Run(OrgId? org, string reason, string actor, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var folds = await UnpricedRows.Retry(transaction, org, cancellationToken);
        await audit.Record(transaction, Audited(org, reason, actor, folds), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        wakeUps.Hint(Metering.Metering.UnratedChannel);
        return folds;
    }

    private static AuditEntry Audited(OrgId? org, string reason, string actor, long folds) => new(
        org,
        actor,
        "unpriced_usage.retried",
        org?.ToString() ?? "all",
        reason,
        null,
        JsonSerializer.Serialize(new { folds }));
}
