using Npgsql;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Removes what was begun to come in and never finished, or was finished long ago.</summary>
internal sealed class SweepProofs(NpgsqlDataSource database, TimeProvider time)
{
    private const string NoncesSql = """
        delete from accounts.siwe_nonces
        where nonce in (select nonce from accounts.siwe_nonces where expires_at < $1 limit $2)
        """;

    private const string StatesSql = """
        delete from accounts.oidc_states
        where state_hash in (select state_hash from accounts.oidc_states where expires_at < $1 limit $2)
        """;

    private const string CeremoniesSql = """
        delete from accounts.passkey_ceremonies
        where ceremony_id in (select ceremony_id from accounts.passkey_ceremonies where expires_at < $1 limit $2)
        """;

    public async Task Run(CancellationToken cancellationToken)
    {
        var before = Instant.Now(time) - Limits.ProofsKeptFor;
        foreach (var sql in new[] { NoncesSql, StatesSql, CeremoniesSql })
        {
            int removed;
            do
            {
                await using var command = database.Sql(sql, before, Limits.ProofsSweptAtOnceMax);
                removed = await command.ExecuteNonQueryAsync(cancellationToken);
            }
            while (removed == Limits.ProofsSweptAtOnceMax);
        }
    }
}
