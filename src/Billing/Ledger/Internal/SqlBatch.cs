using Npgsql;

namespace Quoin.Ledger.Internal;

/// <summary>Statements of a batch, with positional parameters.</summary>
internal static class SqlBatch
{
    public static NpgsqlBatchCommand Command(string sql, params object[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        }

        return command;
    }
}
