using Microsoft.AspNetCore.Identity;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>A person as the framework's passkeys see them.</summary>
/// <param name="Id">Who.</param>
internal sealed record PasskeyPerson(UserId Id);

/// <summary>
/// Lets the framework's WebAuthn read our passkeys. It only ever reads through this; what changes is written by the slices,
/// in their transactions.
/// </summary>
internal sealed class PasskeyStore(NpgsqlDataSource database) : IUserPasskeyStore<PasskeyPerson>
{
    private const string Columns = """
        credential_id, public_key, registered_at, sign_count, transports, is_user_verified, is_backup_eligible,
        is_backed_up, attestation_object, client_data_json
        """;

    private const string OfUserSql = $"""
        select {Columns}
        from accounts.passkeys
        where user_id = $1
        limit $2
        """;

    public async Task<IList<UserPasskeyInfo>> GetPasskeysAsync(PasskeyPerson user, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(OfUserSql, user.Id.Value, Limits.PasskeysMax);
        return await Read(command, cancellationToken);
    }

    private const string OneOfUserSql = $"""
        select {Columns}
        from accounts.passkeys
        where user_id = $1
            and credential_id = $2
        """;

    public async Task<UserPasskeyInfo?> FindPasskeyAsync(
        PasskeyPerson user, byte[] credentialId, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(OneOfUserSql, user.Id.Value, credentialId);
        return (await Read(command, cancellationToken)).SingleOrDefault();
    }

    private const string OwnerSql = """
        select user_id
        from accounts.passkeys
        where credential_id = $1
        """;

    public async Task<PasskeyPerson?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(OwnerSql, credentialId);
        return await command.ExecuteScalarAsync(cancellationToken) is Guid user
            ? new PasskeyPerson(new UserId(user))
            : null;
    }

    public async Task<PasskeyPerson?> FindByIdAsync(string userId, CancellationToken cancellationToken) =>
        Id.TryParse<UserId>(userId, out var id) && await UserRows.Find(database, id, cancellationToken) is not null
            ? new PasskeyPerson(id)
            : null;

    public Task<string> GetUserIdAsync(PasskeyPerson user, CancellationToken cancellationToken) =>
        Task.FromResult(user.Id.ToString());

    public Task<string?> GetUserNameAsync(PasskeyPerson user, CancellationToken cancellationToken) =>
        Task.FromResult<string?>(user.Id.ToString());

    public Task<string?> GetNormalizedUserNameAsync(PasskeyPerson user, CancellationToken cancellationToken) =>
        GetUserNameAsync(user, cancellationToken);

    public Task<PasskeyPerson?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) =>
        FindByIdAsync(normalizedUserName, cancellationToken);

    public Task AddOrUpdatePasskeyAsync(
        PasskeyPerson user, UserPasskeyInfo passkey, CancellationToken cancellationToken) => throw ReadOnly();

    public Task RemovePasskeyAsync(PasskeyPerson user, byte[] credentialId, CancellationToken cancellationToken) =>
        throw ReadOnly();

    public Task SetUserNameAsync(PasskeyPerson user, string? userName, CancellationToken cancellationToken) =>
        throw ReadOnly();

    public Task SetNormalizedUserNameAsync(
        PasskeyPerson user, string? normalizedName, CancellationToken cancellationToken) => throw ReadOnly();

    public Task<IdentityResult> CreateAsync(PasskeyPerson user, CancellationToken cancellationToken) => throw ReadOnly();

    public Task<IdentityResult> UpdateAsync(PasskeyPerson user, CancellationToken cancellationToken) => throw ReadOnly();

    public Task<IdentityResult> DeleteAsync(PasskeyPerson user, CancellationToken cancellationToken) => throw ReadOnly();

    public void Dispose()
    {
        // The data source is the host's.
    }

    private static NotSupportedException ReadOnly() => new("Passkeys are written by the slices that change them.");

    private static async Task<List<UserPasskeyInfo>> Read(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var passkeys = new List<UserPasskeyInfo>();
        while (await row.ReadAsync(cancellationToken))
        {
            passkeys.Add(new UserPasskeyInfo(
                row.GetFieldValue<byte[]>(0),
                row.GetFieldValue<byte[]>(1),
                row.GetFieldValue<DateTimeOffset>(2),
                (uint)row.GetInt64(3),
                row.IsDBNull(4) ? null : row.GetFieldValue<string[]>(4),
                row.GetBoolean(5),
                row.GetBoolean(6),
                row.GetBoolean(7),
                row.GetFieldValue<byte[]>(8),
                row.GetFieldValue<byte[]>(9)));
        }

        return passkeys;
    }
}
