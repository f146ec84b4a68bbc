using System.Data;
using Npgsql;

namespace Quoin.Platform;

/// <summary>
/// Connections that few callers keep from one use to the next, the one used last first. The pool hands out the one that has
/// rested longest: of fifty, each has its statements unprepared, and its caches and the processor's cold, fifty times as often.
/// </summary>
/// <param name="database">The pool they come from, and go back to.</param>
/// <param name="idleLongest">How long one is kept that nobody uses.</param>
public sealed class KeptConnections(NpgsqlDataSource database, TimeSpan idleLongest) : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly Stack<NpgsqlConnection> idle = new();
    private Timer? timer;
    private bool isUsed;
    private bool isClosed;

    /// <summary>Runs something on a connection, which is in no transaction; what throws does not get the same one again.</summary>
    public async Task Use(Func<NpgsqlConnection, Task> use, CancellationToken cancellationToken)
    {
        var connection = Take(toUse: true) ?? await database.OpenConnectionAsync(cancellationToken);
        var isWell = false;
        try
        {
            await use(connection);
            isWell = true;
        }
        finally
        {
            if (!isWell || !TryKeep(connection))
            {
                await connection.DisposeAsync();
            }
        }
    }

    /// <summary>Gives all of them back; what is used now goes back after its use.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            isClosed = true;
        }

        if (timer is not null)
        {
            await timer.DisposeAsync();
        }

        GiveBack();
    }

    private NpgsqlConnection? Take(bool toUse)
    {
        lock (gate)
        {
            isUsed |= toUse;
            return idle.TryPop(out var connection) ? connection : null;
        }
    }

    private bool TryKeep(NpgsqlConnection connection)
    {
        lock (gate)
        {
            if (isClosed || connection.FullState != ConnectionState.Open)
            {
                return false;
            }

            idle.Push(connection);
            timer ??= new Timer(static kept => ((KeptConnections)kept!).Watch(), this, idleLongest, idleLongest);
            return true;
        }
    }

    private void Watch()
    {
        lock (gate)
        {
            if (isUsed)
            {
                isUsed = false;
                return;
            }
        }

        GiveBack();
    }

    private void GiveBack()
    {
        while (Take(toUse: false) is { } connection)
        {
            // To the pool: nothing is sent and nothing waited for.
            connection.Dispose();
        }
    }
}
