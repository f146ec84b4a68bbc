using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>A wallet a person signs in with.</summary>
/// <param name="Address">Its address, with its EIP-55 checksum.</param>
/// <param name="ChainId">The chain it was on when it last signed.</param>
/// <param name="LinkedAt">Since when it signs them in.</param>
/// <param name="LastUsedAt">When it last did; null for never.</param>
public sealed record WalletProfile(
    string Address, long ChainId, DateTimeOffset LinkedAt, DateTimeOffset? LastUsedAt);

/// <summary>Reading and writing wallets.</summary>
internal static class WalletRows
{
    private const string OwnerSql = """
        select user_id
        from accounts.wallets
        where address = $1
        """;

    /// <summary>Whose a wallet is; null where it is nobody's.</summary>
    public static async Task<UserId?> Owner(
        NpgsqlTransaction transaction, EthereumAddress address, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(OwnerSql, address.ToBytes());
        return await command.ExecuteScalarAsync(cancellationToken) is Guid user ? new UserId(user) : null;
    }

    private const string UseSql = """
        update accounts.wallets
        set chain_id = $3, last_used_at = $4
        where address = $1
            and user_id = $2
        """;

    /// <summary>
    /// Notes its use, and locks it, after the person and the audit log: whoever links and unlinks takes that order.
    /// </summary>
    /// <returns>False where it was unlinked meanwhile.</returns>
    public static async Task<bool> Use(
        NpgsqlTransaction transaction,
        UserId user,
        SiweMessage message,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            UseSql, message.Address.ToBytes(), user.Value, message.ChainId, now);
        return await command.ExecuteNonQueryAsync(cancellationToken) == 1;
    }

    private const string InsertSql = """
        insert into accounts.wallets (address, user_id, chain_id, linked_at)
        values ($1, $2, $3, $4)
        on conflict (address) do nothing
        """;

    /// <summary>Makes a wallet somebody's; false where another one was quicker.</summary>
    public static async Task<bool> Insert(
        NpgsqlTransaction transaction,
        UserId user,
        SiweMessage message,
        DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(
            InsertSql, message.Address.ToBytes(), user.Value, message.ChainId, now);
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
