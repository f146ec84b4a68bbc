using Npgsql;
using Quoin.Kernel;

namespace Quoin.Ledger.Internal;

/// <summary>
/// Carries many commands out in one transaction: (1) gather what they look at; (2) lock the books in id order and read;
/// (3) open books that are missing, and read again; (4) decide, one command after the other, in memory; (5) write all of
/// it, and commit in the same round trip where the transaction is the flush's own. Where all they look at is remembered,
/// and the transaction its own, it decides first: (5) locks, proves that nothing has moved, and writes, in one round trip.
/// </summary>
internal sealed class Flush(TimeProvider time, IdSource ids, LedgerCheckpoint reach, int flushesUntilTrusted)
{
    private readonly BooksCache cache = new(flushesUntilTrusted);

    /// <summary>Carries commands out in a transaction of their own.</summary>
    /// <param name="connection">Where; it is in no transaction.</param>
    /// <param name="commands">What.</param>
    /// <param name="cancellationToken">Breaks it off before anything is written.</param>
    public async Task<object[]> Run(
        NpgsqlConnection connection, IReadOnlyList<HashedCommand> commands, CancellationToken cancellationToken)
    {
        var needs = FlushNeeds.Of(commands);
        if (await RunRemembered(connection, commands, needs, company: null, cancellationToken) is { } outcomes)
        {
            return outcomes;
        }

        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        return await RunLocked(transaction, commands, needs, company: null, commits: true, cancellationToken);
    }

    /// <summary>Carries commands out in a caller's transaction, which the caller commits.</summary>
    /// <inheritdoc cref="Run(NpgsqlConnection, IReadOnlyList{HashedCommand}, CancellationToken)" />
    public async Task<object[]> Run(
        NpgsqlTransaction transaction, IReadOnlyList<HashedCommand> commands, CancellationToken cancellationToken)
    {
        var needs = FlushNeeds.Of(commands);
        using var occupied = cache.Occupy(needs.Orgs, out var landed);
        await Awaited(landed, Limits.FlightAwaitedLongest, cancellationToken);
        return await RunLocked(transaction, commands, needs, company: null, commits: false, cancellationToken);
    }

    /// <summary>Carries commands out in a caller's transaction together with its own rows, and commits it.</summary>
    /// <inheritdoc cref="Run(NpgsqlConnection, IReadOnlyList{HashedCommand}, CancellationToken)" />
    public Task<object[]> Run(
        NpgsqlTransaction transaction,
        IReadOnlyList<HashedCommand> commands,
        LedgerCompany company,
        CancellationToken cancellationToken) =>
        RunLocked(transaction, commands, FlushNeeds.Of(commands), company, commits: true, cancellationToken);

    private async Task<object[]> RunLocked(
        NpgsqlTransaction transaction,
        IReadOnlyList<HashedCommand> commands,
        FlushNeeds needs,
        LedgerCompany? company,
        bool commits,
        CancellationToken cancellationToken)
    {
        var state = await LockAndRead(transaction, needs, company, cancellationToken);
        var draft = new FlushDraft(ids, time.GetUtcNow());
        var outcomes = Decide(commands, state, draft);
        if (!draft.IsEmpty || company is not null)
        {
            await reach("write", cancellationToken);
            await BooksWriter.Write(
                transaction, draft, batch => company?.Write(batch, outcomes), commits, CancellationToken.None);
            draft.MarkWritten();
            await reach(commits ? "committed" : "written", CancellationToken.None);
        }

        Keep(state);
        return outcomes;
    }

    /// <summary>Carries commands out as the books are remembered; null where that does not do, and nothing was written.</summary>
    public async Task<object[]?> RunRemembered(
        NpgsqlConnection connection,
        IReadOnlyList<HashedCommand> commands,
        RememberedCompany company,
        CancellationToken cancellationToken)
    {
        var needs = FlushNeeds.Of(commands);

        // Who posts has these books in hand, and gives them back as they will be: better than asking the database, where the
        // lock would be waited for as well. And who posts after waits for this, and finds them here.
        if (cache.TryFly(needs.Orgs, out var free) is not { } flight)
        {
            await Awaited(free, Limits.BooksAwaitedLongest, cancellationToken);
            flight = cache.TryFly(needs.Orgs, out _);
        }

        using (flight)
        {
            return await RunRemembered(connection, commands, needs, company, cancellationToken);
        }
    }

    // By the machine's own time: what is waited for is work of this process, or the database's.
    private static async Task Awaited(Task others, TimeSpan longest, CancellationToken cancellationToken)
    {
        if (!others.IsCompleted)
        {
            await others.WaitAsync(longest, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    // Null where this way is not open, or memory was wrong: then nothing was written. What was decided is worth nothing until
    // the database has found, under lock, that all of these books are as remembered and that none of the keys is taken.
    private async Task<object[]?> RunRemembered(
        NpgsqlConnection connection,
        IReadOnlyList<HashedCommand> commands,
        FlushNeeds needs,
        RememberedCompany? company,
        CancellationToken cancellationToken)
    {
        if (cache.TakeAll(needs) is not { } state)
        {
            return null;
        }

        var draft = new FlushDraft(ids, time.GetUtcNow());
        var outcomes = Decide(commands, state, draft);
        if (draft.IsEmpty)
        {
            Keep(state);
            return null;
        }

        if (company?.Accepts(outcomes) == false)
        {
            // These books are as they will not be: they are forgotten.
            return null;
        }

        await reach("remembered", cancellationToken);
        var isWritten = await BooksWriter.TryWrite(
            connection, draft, needs, state, company?.Before, batch => company?.After(batch, outcomes), CancellationToken.None);

        // When it is not: books that name a flush the database never heard of, so that nobody believes them.
        draft.MarkWritten();
        if (isWritten)
        {
            await reach("committed", CancellationToken.None);
        }

        Keep(state);
        return isWritten ? outcomes : null;
    }

    private object[] Decide(IReadOnlyList<HashedCommand> commands, FlushState state, FlushDraft draft)
    {
        var decider = new Decider(state, draft, ids);
        var outcomes = new object[commands.Count];
        for (var index = 0; index < outcomes.Length; index++)
        {
            outcomes[index] = decider.Decide(commands[index]);
        }

        return outcomes;
    }

    // Even before the commit: books of a flush that is rolled back name a flush the database never heard of. But
    // remembered books are known to be in the database, and those this transaction opens are not, yet.
    private void Keep(FlushState state)
    {
        foreach (var books in state.Books.Values)
        {
            if (!books.IsOpenedHere)
            {
                cache.Put(books);
            }
        }
    }

    private async Task<FlushState> LockAndRead(
        NpgsqlTransaction transaction, FlushNeeds needs, LedgerCompany? company, CancellationToken cancellationToken)
    {
        var reader = new BooksReader(cache, ids);
        while (true)
        {
            await reach("lock", cancellationToken);
            var state = await reader.LockAndRead(transaction, needs, company, cancellationToken);
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
