using Npgsql;

namespace Quoin.Platform;

/// <summary>Commands with positional parameters, in one expression.</summary>
public static class SqlCommands
{
    /// <summary>A command on a connection of its own, committed by itself.</summary>
    /// <param name="source">Where the connection comes from.</param>
    /// <param name="text">The statement, with <c>$1</c>, <c>$2</c>, …</param>
    /// <param name="values">
    /// Their values in order: plain values, arrays and lists of them; instants in UTC. Null is SQL's null and has no
    /// type: where nothing else in the statement gives it one, a cast does, as in <c>$1::uuid is null</c>.
    /// </param>
    public static NpgsqlCommand Sql(this NpgsqlDataSource source, string text, params ReadOnlySpan<object?> values)
    {
        var command = source.CreateCommand(text);
        Add(command.Parameters, values);
        return command;
    }

    /// <summary>A command on an open connection, in whatever transaction it is in.</summary>
    /// <inheritdoc cref="Sql(NpgsqlDataSource, string, ReadOnlySpan{object?})" />
    public static NpgsqlCommand Sql(
        this NpgsqlConnection connection, string text, params ReadOnlySpan<object?> values)
    {
        var command = new NpgsqlCommand(text, connection);
        Add(command.Parameters, values);
        return command;
    }

    /// <summary>A command inside a transaction.</summary>
    /// <inheritdoc cref="Sql(NpgsqlDataSource, string, ReadOnlySpan{object?})" />
    public static NpgsqlCommand Sql(
        this NpgsqlTransaction transaction, string text, params ReadOnlySpan<object?> values)
    {
        var command = new NpgsqlCommand(text, transaction.Connection, transaction);
        Add(command.Parameters, values);
        return command;
    }

    /// <summary>A batch inside a transaction, empty: several statements for one round trip.</summary>
    public static NpgsqlBatch Batch(this NpgsqlTransaction transaction) => new(transaction.Connection!, transaction);

    /// <summary>
    /// A batch on a connection that is in no transaction, empty: the statements of one round trip, which all take effect or
    /// none of them does.
    /// </summary>
    public static NpgsqlBatch Batch(this NpgsqlConnection connection) => new(connection);

    /// <summary>Adds a statement to a batch, behind those it has.</summary>
    /// <returns>The statement, which tells how many rows it affected once the batch has run.</returns>
    /// <inheritdoc cref="Sql(NpgsqlDataSource, string, ReadOnlySpan{object?})" />
    public static NpgsqlBatchCommand Sql(
        this NpgsqlBatch batch, string text, params ReadOnlySpan<object?> values)
    {
        var command = new NpgsqlBatchCommand(text);
        Add(command.Parameters, values);
        batch.BatchCommands.Add(command);
        return command;
    }

    private const string ProbeIndexesSql = """
        select set_config('enable_seqscan', 'off', true), set_config('cpu_operator_cost', '0', true),
            set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
            set_config('plan_cache_mode', 'force_generic_plan', true)
        """;

    /// <summary>
    /// Makes the rest of the transaction plan for tables that will be large: every look-up probes an index, and a plan
    /// is made once. A prepared plan that was made while a table had a page or two would read it whole for as long as
    /// the plan lives, a minute in which a busy table grows by millions of rows. While an organisation has few rows, any
    /// index that begins with it looks as good as the right one, or better by the height of a tree, which is why that
    /// costs nothing here. Among equals the planner prefers the index that gives the wanted order: so a look-up names
    /// its column as a range of one value and orders by it.
    /// </summary>
    public static void ProbeIndexes(this NpgsqlBatch batch) => batch.Sql(ProbeIndexesSql);

    /// <inheritdoc cref="ProbeIndexes(NpgsqlBatch)" />
    public static async Task ProbeIndexes(this NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var command = transaction.Sql(ProbeIndexesSql);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static void Add(NpgsqlParameterCollection parameters, ReadOnlySpan<object?> values)
    {
        foreach (var value in values)
        {
            parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        }
    }
}
