using Npgsql;

namespace Quoin.Platform;

/// <summary>Commands with positional parameters, in one expression.</summary>
public static class SqlCommands
{
    /// <summary>A command on a connection of its own, committed by itself.</summary>
    /// <param name="source">Where the connection comes from.</param>
    /// <param name="text">The statement, with <c>$1</c>, <c>$2</c>, …</param>
    /// <param name="values">Their values in order; null is SQL's null.</param>
    public static NpgsqlCommand Sql(this NpgsqlDataSource source, string text, params ReadOnlySpan<object?> values) =>
        With(source.CreateCommand(text), values);

    /// <summary>A command on an open connection, in whatever transaction it is in.</summary>
    /// <inheritdoc cref="Sql(NpgsqlDataSource, string, ReadOnlySpan{object?})" />
    public static NpgsqlCommand Sql(
        this NpgsqlConnection connection, string text, params ReadOnlySpan<object?> values) =>
        With(new NpgsqlCommand(text, connection), values);

    /// <summary>A command inside a transaction.</summary>
    /// <inheritdoc cref="Sql(NpgsqlDataSource, string, ReadOnlySpan{object?})" />
    public static NpgsqlCommand Sql(
        this NpgsqlTransaction transaction, string text, params ReadOnlySpan<object?> values) =>
        With(new NpgsqlCommand(text, transaction.Connection, transaction), values);

    private static NpgsqlCommand With(NpgsqlCommand command, ReadOnlySpan<object?> values)
    {
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        }

        return command;
    }
}
