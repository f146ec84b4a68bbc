using Npgsql;

namespace Quoin.Accounts;

/// <summary>The columns of keys, in the order every query here selects them.</summary>
internal static class KeyRows
{
    public const string Columns = """
        k.key_id, k.prefix, k.last_four, k.label, k.roles, k.created_by, k.created_at, k.expires_at, k.revoked_by,
        k.revoked_at, k.last_used_at
        """;

    public const int ColumnCount = 11;

    public static KeyProfile Key(NpgsqlDataReader row) => new(
        new KeyId(row.GetGuid(0)),
        row.GetString(1),
        row.GetString(2),
        row.GetString(3),
        row.IsDBNull(4) ? null : row.GetFieldValue<string[]>(4),
        row.GetString(5),
        row.GetFieldValue<DateTimeOffset>(6),
        Instant(row, 7),
        row.IsDBNull(8) ? null : row.GetString(8),
        Instant(row, 9),
        Instant(row, 10));

    private static DateTimeOffset? Instant(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);
}
