using Npgsql;
using Quoin.Kernel;

namespace Quoin.Metering.Internal;

/// <summary>Stored events as rows.</summary>
internal static class EventRows
{
    /// <summary>How many columns an event has.</summary>
    public const int ColumnCount = 18;

    /// <summary>The columns of an event, in the order they are read.</summary>
    public const string Columns = """
        e.fold_id, e.ordinal, e.billing_account_id, e.source, e.event_id, e.type, e.subject, e.occurred_at, e.recorded_at,
            e.data::text, am.kind, am.reason, am.actor, am.fold_id, am.replacement_fold_id, am.replacement_ordinal,
            am.recorded_at, e.hold_id
        """;

    /// <summary>Where those columns come from, once the rows <c>e</c> are chosen.</summary>
    public const string Amended = """
        left join metering.amendments am
            on am.org_id = e.org_id and am.event_fold_id = e.fold_id and am.event_ordinal = e.ordinal
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
        reader.GetString(9),
        reader.IsDBNull(10) ? null : Amendment(reader))
    {
        Hold = reader.IsDBNull(17) ? null : HoldName.Of(reader.GetGuid(17)),
    };

    private static EventAmendment Amendment(NpgsqlDataReader reader) => new(
        reader.GetString(10) == "void" ? AmendmentKind.Void : AmendmentKind.Correct,
        reader.GetString(11),
        reader.GetString(12),
        reader.GetGuid(13),
        reader.IsDBNull(14) ? null : new EventPosition(reader.GetGuid(14), reader.GetInt32(15)),
        reader.GetFieldValue<DateTimeOffset>(16));
}
