using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Lets a program wait for a person's approval.</summary>
internal sealed class IssueDeviceCode(
    NpgsqlDataSource database, SecretHasher hasher, Rates rates, IdSource ids, TimeProvider time)
{
    private static readonly RateLimit Asked = new(
        "device.ask", Limits.DeviceCodesPerVisitorMax, Limits.DeviceCodeLifetime / Limits.DeviceCodesPerVisitorMax);

    /// <summary>Gives out a code.</summary>
    /// <param name="request">Who asks, for what.</param>
    /// <param name="ip">From where, to show the person who decides; null when unknown.</param>
    /// <param name="visitor">From where, to count.</param>
    /// <param name="cancellationToken">Ends the attempt; nothing is half-written.</param>
    public async Task<DeviceCodeOutcome> Handle(
        NewDeviceCode request, string? ip, string visitor, CancellationToken cancellationToken)
    {
        var invalid = InvalidInput.Of(
            ("client", InputText.Problem(request.Client, Limits.NameLettersMax)),
            ("scopes", KeyScopes.PersonsProblem(request.Scopes)));
        if (invalid is not null)
        {
            return new DeviceCodeOutcome.Invalid(invalid);
        }

        var now = Instant.Now(time);
        await Forget(now, cancellationToken);
        if (await rates.Take(Asked, visitor, cancellationToken) is not null || !await HasRoom(now, cancellationToken))
        {
            return new DeviceCodeOutcome.TooMany();
        }

        var secret = SecretText.Create(SecretText.DeviceCode);
        string[] scopes = [.. request.Scopes ?? [.. KeyScopes.Usual.Select(scope => scope.Name)]];
        var expiresAt = now + Limits.DeviceCodeLifetime;

        // Another program may wait with the same code: one chance in millions, so a second one settles it.
        for (var attempt = 0; attempt < Limits.UserCodeAttemptsMax; attempt++)
        {
            var waiting = new DeviceRequest(
                ids.Next<DeviceCodeId>(), UserCode.Create(), request.Client, scopes, ip, now, expiresAt);
            if (await Insert(waiting, hasher.Hash(secret), cancellationToken))
            {
                return new DeviceCodeOutcome.Granted(secret, waiting with { UserCode = UserCode.Shown(waiting.UserCode) });
            }
        }

        return new DeviceCodeOutcome.TooMany();
    }

    private const string ForgetSql = """
        delete from accounts.device_codes
        where expires_at < $1
        """;

    // Codes long past are of no use to anybody; they are few, so whoever asks for a new one sweeps.
    private async Task Forget(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(ForgetSql, now - Limits.DeviceCodeKeptFor);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private const string RoomSql = """
        select count(*) < $2
        from accounts.device_codes
        where created_at > $1
        """;

    private async Task<bool> HasRoom(DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(RoomSql, now - Limits.DeviceCodeLifetime, (long)Limits.DeviceCodesMax);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private const string InsertSql = """
        insert into accounts.device_codes (
            device_code_id, secret_hash, user_code, client, scopes, ip, created_at, expires_at, interval_seconds, state)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'pending')
        on conflict (user_code) do nothing
        """;

    private async Task<bool> Insert(DeviceRequest waiting, SecretHash hash, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(
            InsertSql,
            waiting.Id.Value,
            hash.ToBytes(),
            waiting.UserCode,
            waiting.Client,
            waiting.Scopes.ToArray(),
            waiting.Ip,
            waiting.CreatedAt,
            waiting.ExpiresAt,
            (int)Limits.DevicePollInterval.TotalSeconds);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }
}
