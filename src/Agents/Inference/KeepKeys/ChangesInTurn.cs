using Npgsql;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>
/// Lets changes of an organisation's keys, teams, users and customers happen one after another, on all replicas. Most of them
/// read what is kept and write it back as a whole: of two at once, one would undo the other, and that may be a block.
/// </summary>
internal sealed class ChangesInTurn(NpgsqlDataSource database) : IDisposable
{
    // Whoever has its turn holds a connection while the change takes others: all at once could take each other's last one.
    private readonly SemaphoreSlim atOnce = new(Limits.TurnsAtOnce);

    /// <inheritdoc />
    public void Dispose() => atOnce.Dispose();

    /// <summary>Makes a change once it is its turn; a change must not wait for another of the same organisation within.</summary>
    /// <exception cref="RefusedRequestException">Its turn did not come within <see cref="Limits.TurnWait"/>.</exception>
    public async Task<T> Run<T>(OrgId org, Func<Task<T>> change, CancellationToken cancellationToken)
    {
        if (!await atOnce.WaitAsync(Limits.TurnWait, cancellationToken))
        {
            throw Busy();
        }

        try
        {
            await using var connection = await database.OpenConnectionAsync(cancellationToken);
            await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
            await Take(transaction, org, cancellationToken);
            return await change();
        }
        finally
        {
            atOnce.Release();
        }
    }

    private const string WaitSql = "select set_config('lock_timeout', $1, true)";

    private const string TakeSql = "select pg_advisory_xact_lock(hashtextextended($1, 0))";

    // Held until the transaction ends, which has nothing else to do.
    private static async Task Take(NpgsqlTransaction transaction, OrgId org, CancellationToken cancellationToken)
    {
        await using var wait = transaction.Sql(WaitSql, $"{(int)Limits.TurnWait.TotalMilliseconds}ms");
        await wait.ExecuteNonQueryAsync(cancellationToken);
        await using var take = transaction.Sql(TakeSql, $"inference.keys {org}");
        try
        {
            await take.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException late) when (late.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw Busy();
        }
    }

    private static RefusedRequestException Busy() => new(
        InferenceProblems.KeysBusy, "Other changes of keys, teams or users took too long. Nothing was changed.");
}
