using Npgsql;

namespace Quoin.Payments.Internal;

/// <summary>Columns that may be null, in one word each.</summary>
internal static class RowReading
{
    public static string? TextOrNull(this NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetString(column);

    public static Guid? IdOrNull(this NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetGuid(column);

    public static long? NumberOrNull(this NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetInt64(column);

    public static DateTimeOffset Instant(this NpgsqlDataReader row, int column) =>
        row.GetFieldValue<DateTimeOffset>(column);

    public static DateTimeOffset? InstantOrNull(this NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);

    public static T Word<T>(this NpgsqlDataReader row, int column)
        where T : struct, Enum => Internal.Word.Read<T>(row.GetString(column));

    public static PaymentMode Mode(this NpgsqlDataReader row, int column) => Internal.Word.Read<PaymentMode>(row.GetString(column));

    /// <summary>All rows of a command.</summary>
    public static async Task<IReadOnlyList<T>> All<T>(
        this NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        await using var owned = command;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(read(reader));
        }

        return rows;
    }

    /// <summary>The only row of a command, or null.</summary>
    public static async Task<T?> Only<T>(
        this NpgsqlCommand command, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
        where T : class
    {
        await using var owned = command;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? read(reader) : null;
    }

    /// <summary>Runs a command that changes rows.</summary>
    /// <returns>How many.</returns>
    public static async Task<int> Run(this NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var owned = command;
        return await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
