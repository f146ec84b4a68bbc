using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>A wallet a person signs in with.</summary>
/// <param name="Address">Its address, with its EIP-55 checksum.</param>
/// <param name="ChainId">The chain it was on when it last signed.</param>
/// <param name="LinkedAt">Since when it signs them in.</param>
/// <param name="LastUsedAt">When it last did; null for never.</param>
internal sealed record WalletProfile(
    string Address, long ChainId, DateTimeOffset LinkedAt, DateTimeOffset? LastUsedAt);

/// <summary>Reading and writing wallets.</summary>
internal static class WalletRows
{
    private const string OwnerSql = """
        update accounts.wallets
        set chain_id = $2, last_used_at = $3
        where address = $1
        returning user_id
        """;

    /// <summary>Whose a wallet is, noting its use; null where it is nobody's.</summary>
    public static async Task<UserId?> Use(
        NpgsqlTransaction transaction, SiweMessage message, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(OwnerSql, message.Address.ToBytes(), message.ChainId, now);
        return await command.ExecuteScalarAsync(cancellationToken) is Guid user ? new UserId(user) : null;
    }

    private const string InsertSql = """
        insert into accounts.wallets (address, user_id, chain_id, linked_at, last_used_at)
        values ($1, $2, $3, $4, $5)
        on conflict (address) do nothing
        """;

    /// <summary>Makes a wallet somebody's; false where another one was quicker.</summary>
    public static async Task<bool> Insert(
        NpgsqlTransaction transaction,
        UserId user,
        SiweMessage message,
        DateTimeOffset now,
        DateTimeOffset? lastUsedAt,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            InsertSql, message.Address.ToBytes(), user.Value, message.ChainId, now, lastUsedAt);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private const string ListSql = """
        select address, chain_id, linked_at, last_used_at
        from accounts.wallets
        where user_id = $1
        order by linked_at, address
        limit $2
        """;

    public static async Task<IReadOnlyList<WalletProfile>> List(
        NpgsqlDataSource database, UserId user, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(ListSql, user.Value, Limits.WalletsMax);
        return await Read(command, cancellationToken);
    }

    public static async Task<IReadOnlyList<WalletProfile>> List(
        NpgsqlTransaction transaction, UserId user, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(ListSql, user.Value, Limits.WalletsMax);
        return await Read(command, cancellationToken);
    }

    private static async Task<IReadOnlyList<WalletProfile>> Read(
        NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        var wallets = new List<WalletProfile>();
        while (await row.ReadAsync(cancellationToken))
        {
            wallets.Add(new WalletProfile(
                EthereumAddress.Of(row.GetFieldValue<byte[]>(0)).ToString(),
                row.GetInt64(1),
                row.GetFieldValue<DateTimeOffset>(2),
                row.IsDBNull(3) ? null : row.GetFieldValue<DateTimeOffset>(3)));
        }

        return wallets;
    }
}
