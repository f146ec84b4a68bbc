using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Tests.Support;
using LedgerDoor = Quoin.Ledger.Ledger;

namespace Quoin.Tests.Simulation.Books;

/// <summary>A replica of the ledger: its own remembered books, its own clock, its own ids.</summary>
/// <param name="database">The database all replicas share.</param>
/// <param name="seed">Of its ids.</param>
/// <param name="remembers">Whether it keeps books between flushes; else each flush has a ledger of its own.</param>
/// <param name="flushesUntilTrusted">How many flushes must find books unchanged before it decides upon them unseen.</param>
internal sealed class Replica(NpgsqlDataSource database, int seed, bool remembers, int flushesUntilTrusted) : IAsyncDisposable
{
    private readonly SettableClock clock = new();
    private readonly List<LedgerDoor> ledgers = [];
    private IdSource? ids;

    /// <summary>How far its clock is off.</summary>
    public TimeSpan Skew { get; set; }

    /// <summary>Moves its clock along with everybody's.</summary>
    public void See(DateTimeOffset now) => clock.Set(now + Skew);

    /// <summary>Does some work, as a caller of this replica.</summary>
    public Task<IReadOnlyList<object>> Do(Work work) => work.IsOwnTransaction ? Within(work) : Together(work);

    /// <summary>What it shows to be on an organisation's accounts.</summary>
    public Task<IReadOnlyList<AccountBalance>> Balances(OrgId org) => Ledger().Balances(org, null, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        foreach (var ledger in ledgers)
        {
            await ledger.DisposeAsync();
        }
    }

    private LedgerDoor Ledger()
    {
        if (ledgers.Count == 0 || !remembers)
        {
            ids ??= new IdSource(clock, new Random(seed));
            ledgers.Add(new LedgerDoor(database, clock, ids, Actor.Reach, flushesUntilTrusted));
        }

        return ledgers[^1];
    }

    private Task<IReadOnlyList<object>> Together(Work work) =>
        Ledger().RunTogether([.. work.Commands], CancellationToken.None);

    private async Task<IReadOnlyList<object>> Within(Work work)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var outcomes = new List<object>();
        foreach (var commands in work.Flushes)
        {
            outcomes.AddRange(await Ledger().RunWithin(transaction, commands, CancellationToken.None));
        }

        await Actor.Reach("commit", CancellationToken.None);
        if (work.TakesBack)
        {
            await transaction.RollbackAsync();
            return outcomes;
        }

        await transaction.CommitAsync();
        await Actor.Reach("committed", CancellationToken.None);
        return outcomes;
    }
}
