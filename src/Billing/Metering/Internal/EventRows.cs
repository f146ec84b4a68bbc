using Npgsql;
using Quoin.Kernel;

namespace Quoin.Metering.Internal;

/// <summary>Stored events as rows.</summary>
internal static class EventRows
{
    /// <summary>How many columns an event has.</summary>
    public const int ColumnCount = 10;

    /// <summary>The columns of an event, in the order they are read.</summary>
    public const string Columns = """
        e.fold_id, e.ordinal, e.billing_account_id, e.source, e.event_id, e.type, e.subject, e.occurred_at, e.recorded_at,
            e.data::text
        """;

    /// <summary>Reads one event from the first columns of a row.</summary>
    public static StoredEvent Read(NpgsqlDataReader reader) => new(
        new EventPosition(reader.GetGuid(0), reader.GetInt32(1)),
        new BillingAccountId(reader.GetGuid(2)),
        reader.GetString(3),
        reader.GetString(4),
        reader.GetString(5),
        reader.IsDBNull(6) ? null : reader.GetString(6),
        reader.GetFieldValue<DateTimeOffset>(7),
        reader.GetFieldValue<DateTimeOffset>(8),
        reader.GetString(9));
}
