using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Lets a person look at a program that waits, and decide about it, once.</summary>
internal sealed class DecideDevice(NpgsqlDataSource database, Rates rates, IAudit audit, TimeProvider time)
{
    private static readonly RateLimit Tries = new(
        "device.try", Limits.DeviceTriesMax, Limits.DeviceCodeLifetime / Limits.DeviceTriesMax);

    public async Task<DeviceDecisionOutcome> Find(UserId user, string typed, CancellationToken cancellationToken)
    {
        if (await rates.Take(Tries, user.ToString(), cancellationToken) is not null)
        {
            return new DeviceDecisionOutcome.TooManyTries();
        }

        return UserCode.Read(typed) is { } code
            && await DeviceRows.Find(database, code, cancellationToken) is { State: "pending" } row
            && row.Request.ExpiresAt > time.GetUtcNow()
            ? new DeviceDecisionOutcome.Waiting(row.Request)
            : new DeviceDecisionOutcome.Unknown();
    }

    public async Task<DeviceDecisionOutcome> Decide(
        UserId user, string typed, OrgId? org, IReadOnlyList<string>? scopes, CancellationToken cancellationToken)
    {
        if (await rates.Take(Tries, user.ToString(), cancellationToken) is not null)
        {
            return new DeviceDecisionOutcome.TooManyTries();
        }

        var now = Instant.Now(time);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (UserCode.Read(typed) is not { } code
            || await DeviceRows.LockByCode(transaction, code, cancellationToken) is not { State: "pending" } row
            || row.Request.ExpiresAt <= now)
        {
            return new DeviceDecisionOutcome.Unknown();
        }

        if (org is { } named && await DeviceRows.Member(transaction, named, user, cancellationToken) is null)
        {
            return new DeviceDecisionOutcome.NotAMember();
        }

        var granted = row.Request.Scopes.Where(scope => scopes?.Contains(scope) != false).ToArray();
        var approved = org is not null && granted.Length > 0;
        await Update(transaction, row.Request.Id, user, approved ? org : null, approved, granted, now, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                approved ? org : null,
                user.ToString(),
                approved ? "device.approved" : "device.denied",
                row.Request.Id.ToString(),
                After: AuditState.Of(new { row.Request.Client, row.Request.Ip, Scopes = granted })),
            cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new DeviceDecisionOutcome.Decided(approved);
    }

    private const string UpdateSql = """
        update accounts.device_codes
        set state = $2, user_id = $3, org_id = $4, decided_at = $5, scopes = $6
        where device_code_id = $1
        """;

    private static async Task Update(
        NpgsqlTransaction transaction,
        DeviceCodeId id,
        UserId user,
        OrgId? org,
        bool approved,
        string[] scopes,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            UpdateSql,
            id.Value,
            approved ? "approved" : "denied",
            user.Value,
            org?.Value,
            now,
            scopes);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
