using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Which wallet.</summary>
/// <param name="Address">Its address, with its EIP-55 checksum.</param>
internal sealed record WalletRequest(string Address);

/// <summary>A person's wallets, oldest first.</summary>
/// <param name="Data">The wallets.</param>
internal sealed record WalletList(IReadOnlyList<WalletProfile> Data);

/// <summary>Every way taking a way of signing in from a person can end.</summary>
internal enum RemoveWayInOutcome
{
    /// <summary>The person has no such one.</summary>
    NotTheirs,

    /// <summary>They could not come in any more.</summary>
    LastWayIn,

    /// <summary>It signs them in no more.</summary>
    Removed,
}

/// <summary>Lists a person's wallets, and takes one from them.</summary>
internal sealed class UnlinkWallet(NpgsqlDataSource database, IAudit audit, SecurityNotices notices)
{
    /// <summary><c>GET /v1/me/wallets</c>.</summary>
    public static async Task<Ok<WalletList>> ListEndpoint(
        UnlinkWallet handler, HttpContext context, CancellationToken cancellationToken) =>
        TypedResults.Ok(new WalletList(await handler.List(context.Caller().Person(), cancellationToken)));

    /// <summary><c>DELETE /v1/me/wallets/{address}</c>.</summary>
    public static async Task<Results<NoContent, Problem>> Endpoint(
        Parameters<WalletRequest> parameters,
        UnlinkWallet handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var asked = parameters.Value.Address;
        var outcome = await handler.Handle(context.Caller().Person(), asked, cancellationToken);
        return outcome switch
        {
            RemoveWayInOutcome.Removed => TypedResults.NoContent(),
            RemoveWayInOutcome.LastWayIn => new Problem(
                ProofProblems.LastWayIn, "Without this wallet nobody could sign in to this account."),
            RemoveWayInOutcome.NotTheirs => new Problem(PlatformProblems.NotFound, "You have no such wallet."),
            _ => throw new UnreachableException(),
        };
    }

    public Task<IReadOnlyList<WalletProfile>> List(UserId user, CancellationToken cancellationToken) =>
        WalletRows.List(database, user, cancellationToken);

    private const string DeleteSql = """
        delete from accounts.wallets
        where address = $1
            and user_id = $2
        """;

    public async Task<RemoveWayInOutcome> Handle(UserId user, string asked, CancellationToken cancellationToken)
    {
        if (!EthereumAddress.TryParse(asked, out var address))
        {
            return RemoveWayInOutcome.NotTheirs;
        }

        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var ways = await WaysIn.Count(transaction, user, cancellationToken);
        await using (var delete = transaction.Sql(DeleteSql, address.ToBytes(), user.Value))
        {
            if (await delete.ExecuteNonQueryAsync(cancellationToken) == 0)
            {
                return RemoveWayInOutcome.NotTheirs;
            }
        }

        if (ways <= 1)
        {
            return RemoveWayInOutcome.LastWayIn;
        }

        await audit.Record(
            transaction,
            new AuditEntry(
                null,
                user.ToString(),
                "wallet.unlinked",
                user.ToString(),
                Before: AuditState.Of(new { Address = address.ToString() })),
            cancellationToken);
        await notices.WayInRemoved(transaction, user, $"the wallet {address}", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        notices.Hint();
        return RemoveWayInOutcome.Removed;
    }
}
