using Npgsql;

namespace Quoin.Ledger;

/// <summary>
/// A caller's own rows, decided and written together with the books in the same round trips: its locks are taken right
/// before those of the books, its rows are written right after them, and all of it is committed at once.
/// </summary>
/// <param name="Lock">
/// Adds the statements that lock and read the caller's rows. Each returns rows, and may be run twice.
/// </param>
/// <param name="Read">
/// Reads their results, going on to each with <see cref="NpgsqlDataReader.NextResult"/>, the first one, too. What it learns
/// is there when the commands are decided.
/// </param>
/// <param name="Write">Adds the statements that write what became of it, given one outcome for each command, in order.</param>
public sealed record LedgerCompany(
    Action<NpgsqlBatch> Lock,
    Func<NpgsqlDataReader, CancellationToken, Task> Read,
    Action<NpgsqlBatch, IReadOnlyList<object>> Write);

/// <summary>A caller's own rows, decided from memory together with the books, and written with them in one round trip.</summary>
/// <param name="Before">
/// Adds the statements that lock and write the caller's rows, right before the books are locked. One that finds a row to be
/// another than was remembered raises <c>integrity_constraint_violation</c>.
/// </param>
/// <param name="Accepts">
/// Whether what was decided is to be written, given one outcome for each command, in order. What memory refuses is better
/// refused under lock.
/// </param>
/// <param name="After">Adds the statements that write what depends on nobody else's rows, given the outcomes.</param>
public sealed record RememberedCompany(
    Action<NpgsqlBatch> Before,
    Func<IReadOnlyList<object>, bool> Accepts,
    Action<NpgsqlBatch, IReadOnlyList<object>> After);
