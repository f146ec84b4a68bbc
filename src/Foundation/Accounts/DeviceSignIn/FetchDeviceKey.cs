using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Answers a program that asks whether it was let in, and makes its key once it was (RFC 8628, section 3.5).</summary>
internal sealed class FetchDeviceKey(
    NpgsqlDataSource database,
    OrganisationReader organisations,
    SecretHasher hasher,
    OrgDirectory directory,
    IAudit audit,
    IdSource ids,
    TimeProvider time)
{
    public async Task<DevicePollOutcome> Handle(string deviceCode, CancellationToken cancellationToken)
    {
        if (!SecretText.IsWellFormed(SecretText.DeviceCode, deviceCode))
        {
            return new DevicePollOutcome.Unknown();
        }

        var now = Instant.Now(time);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var row = await DeviceRows.LockBySecret(transaction, hasher.Hash(deviceCode), cancellationToken);
        var outcome = row switch
        {
            null or { State: "used" } => new DevicePollOutcome.Unknown(),
            { State: "denied" } => new DevicePollOutcome.Denied(),
            _ when row.Request.ExpiresAt <= now => new DevicePollOutcome.Expired(),
            { State: "pending" } => await Wait(transaction, row, now, cancellationToken),
            { User: { } user, Org: { } org } => await LetIn(transaction, row.Request, org, user, now, cancellationToken),
            _ => throw new InvalidOperationException($"{row.Request.Id} is approved for nobody."),
        };
        await transaction.CommitAsync(cancellationToken);
        return outcome;
    }

    private const string PollSql = """
        update accounts.device_codes
        set polled_at = $2, interval_seconds = $3
        where device_code_id = $1
        """;

    private static async Task<DevicePollOutcome> Wait(
        NpgsqlTransaction transaction, DeviceRow row, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var isTooSoon = row.PolledAt is { } before && now < before.AddSeconds(row.IntervalSeconds);
        var most = (int)Limits.DeviceCodeLifetime.TotalSeconds;
        var interval = isTooSoon
            ? Math.Min(row.IntervalSeconds + (int)Limits.DevicePollInterval.TotalSeconds, most)
            : row.IntervalSeconds;
        await using var command = transaction.Sql(PollSql, row.Request.Id.Value, now, interval);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return isTooSoon ? new DevicePollOutcome.SlowDown(interval) : new DevicePollOutcome.Pending();
    }

    private const string UseSql = """
        update accounts.device_codes
        set state = $2
        where device_code_id = $1
        """;

    private async Task<DevicePollOutcome> LetIn(
        NpgsqlTransaction transaction,
        DeviceRequest request,
        OrgId org,
        UserId user,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var member = await DeviceRows.Member(transaction, org, user, cancellationToken);
        var organisation = await organisations.Find(org, cancellationToken);
        var isIn = member is not null && organisation is not null;
        await using (var use = transaction.Sql(UseSql, request.Id.Value, isIn ? "used" : "denied"))
        {
            await use.ExecuteNonQueryAsync(cancellationToken);
        }

        // Whoever approved it has left, or was shut out, meanwhile.
        if (!isIn)
        {
            return new DevicePollOutcome.Denied();
        }

        var prefix = organisation!.Mode == OrganisationMode.Live ? SecretText.LiveKey : SecretText.TestKey;
        var secret = SecretText.Create(prefix);
        var key = KeyOf(request, prefix, secret, user, now);
        var hash = hasher.Hash(secret).ToBytes();
        await KeyRows.Insert(transaction, org, key, hash, cancellationToken);
        await directory.Add(transaction, DirectoryKinds.Key, hash, org, key.Id.Value, cancellationToken);
        await audit.Record(
            transaction,
            new AuditEntry(
                org, user.ToString(), "key.created", key.Id.ToString(), $"Sign-in of {request.Client}", After: AuditState.Of(key)),
            cancellationToken);
        return new DevicePollOutcome.LetIn(new DeviceToken(
            secret,
            "Bearer",
            (int)Limits.DeviceKeyLifetime.TotalSeconds,
            key,
            org,
            organisation.Name,
            user,
            member!.Value.Name));
    }

    private KeyProfile KeyOf(DeviceRequest request, string prefix, string secret, UserId user, DateTimeOffset now) => new(
        ids.Next<KeyId>(),
        prefix,
        secret[^4..],
        request.Client,
        Roles: null,
        user.ToString(),
        now,
        now + Limits.DeviceKeyLifetime,
        RevokedBy: null,
        RevokedAt: null,
        LastUsedAt: null,
        Scopes: request.Scopes,
        UserId: user);
}
