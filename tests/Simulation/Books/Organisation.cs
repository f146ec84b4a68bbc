using System.Buffers.Binary;
using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Tests.Support;

namespace Quoin.Tests.Simulation.Books;

/// <summary>A database runs follow each other in, each with organisations of its own.</summary>
/// <param name="database">The database.</param>
/// <param name="watch">The connection that looks at locks and compares.</param>
internal sealed class BooksDatabase(TestDatabase database, NpgsqlConnection watch) : IAsyncDisposable
{
    private static int organisations;

    public NpgsqlDataSource App => database.App;

    public NpgsqlConnection Watch => watch;

    public static async Task<BooksDatabase> Open(TestDatabase database) =>
        new(database, await database.Owner.OpenConnectionAsync());

    /// <summary>An id no run in this database had. Its first half is the seed's, so ids sort the same each time.</summary>
    public Guid NextId(Random random)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes[..8]);
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], Interlocked.Increment(ref organisations));
        return new Guid(bytes, bigEndian: true);
    }

    public async ValueTask DisposeAsync() => await watch.DisposeAsync();
}

/// <summary>An organisation of a run: its callers, and what its books should be.</summary>
internal sealed class Organisation
{
    private Organisation(OrgId id, BillingAccountId[] accounts, Random random, bool splitsHolds)
    {
        (Id, BillingAccounts) = (id, accounts);
        Model = new BooksModel(Names);
        Traffic = new Traffic(id, accounts, random) { LegsOf = UndoingLegs, SplitsHolds = splitsHolds };
    }

    public OrgId Id { get; }

    public BillingAccountId[] BillingAccounts { get; }

    public Names Names { get; } = new();

    public BooksModel Model { get; }

    public Traffic Traffic { get; }

    public static Organisation Of(Random random, BooksDatabase database, bool splitsHolds)
    {
        var id = new OrgId(database.NextId(random));
        var accounts = Enumerable.Range(0, random.Next(1, 3)).Select(_ => new BillingAccountId(database.NextId(random)));
        return new Organisation(id, [.. accounts], random, splitsHolds);
    }

    // Whoever undoes a transfer reads its entries first. A grant whose answer was lost has no id here yet.
    private IReadOnlyList<Leg> UndoingLegs(TransferId id)
    {
        var moved = Model.Transfer(Names.Of(id.Value)!)?.Moved.Where(pair => pair.Value != 0).ToList() ?? [];
        if (moved.Exists(pair => pair.Key.Terms is not null && Names.Id(pair.Key.Name) is null))
        {
            return [];
        }

        return
        [
            .. moved.Select(pair => new Leg(
                pair.Key.Kind,
                new Money(-pair.Value, pair.Key.Currency),
                pair.Key.Terms is null ? null : new GrantId(Names.Id(pair.Key.Name)!.Value))),
        ];
    }
}
