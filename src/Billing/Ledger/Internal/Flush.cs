using Npgsql;
using Quoin.Kernel;

namespace Quoin.Ledger.Internal;

/// <summary>
/// Carries many commands out in one transaction: (1) gather what they look at; (2) lock the books in id order and read;
/// (3) open books that are missing, and read again; (4) decide, one command after the other, in memory; (5) write all of
/// it, and commit in the same round trip where the transaction is the flush's own.
/// </summary>
internal sealed class Flush(TimeProvider time, IdSource ids, LedgerCheckpoint reach)
{
    private readonly BooksCache cache = new();

    /// <summary>Carries commands out.</summary>
    /// <param name="transaction">Where.</param>
    /// <param name="commands">What.</param>
    /// <param name="commits">Whether this ends the transaction; else the caller commits.</param>
    /// <param name="cancellationToken">Breaks it off before anything is written.</param>
    public async Task<object[]> Run(
        NpgsqlTransaction transaction, IReadOnlyList<LedgerCommand> commands, bool commits, CancellationToken cancellationToken)
    {
        var needs = FlushNeeds.Of(commands);
        var state = await LockAndRead(transaction, needs, cancellationToken);
        var draft = new FlushDraft(ids, time.GetUtcNow());
        var decider = new Decider(state, draft, ids);
        var outcomes = new object[commands.Count];
        for (var index = 0; index < outcomes.Length; index++)
        {
            outcomes[index] = decider.Decide(commands[index]);
        }

        if (!draft.IsEmpty)
        {
            await reach("write", cancellationToken);
            await BooksWriter.Write(transaction, draft, commits, CancellationToken.None);
            draft.MarkWritten();
            await reach(commits ? "committed" : "written", CancellationToken.None);
        }

        // Even before the commit: books of a flush that is rolled back name a flush the database never heard of. But
        // remembered books are known to be in the database, and those this transaction opens are not, yet.
        foreach (var books in state.Books.Values.Where(books => !books.IsOpenedHere))
        {
            cache.Put(books);
        }

        return outcomes;
    }

    private async Task<FlushState> LockAndRead(
        NpgsqlTransaction transaction, FlushNeeds needs, CancellationToken cancellationToken)
    {
        var reader = new BooksReader(cache, ids);
        while (true)
        {
            await reach("lock", cancellationToken);
            var state = await reader.LockAndRead(transaction, needs, cancellationToken);
            await reach("locked", cancellationToken);
            var missing = needs.Orgs.Where(org => !state.Books.ContainsKey(new OrgId(org))).ToArray();
            if (missing.Length == 0)
            {
                return state;
            }

            await BooksReader.Open(transaction, missing, cancellationToken);
        }
    }
}
