using Quoin.Tests.Support;

namespace Quoin.Tests.Simulation.Books;

/// <summary>
/// The ledger under a deterministic scheduler: hundreds of operations a seed, one actor at a time, against a plain model.
/// A failure names its seed and what led to it; the seed repeats it.
/// </summary>
public sealed class KeepingTheBooks(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const int FixedSeeds = 200;
    private const int FreshSeeds = 200;
    private const int ReliedSeeds = 60;

    [Fact]
    public async Task Agrees_with_the_model_for_every_seed() => await RunAll(
        Seeds.Of(FixedSeeds, FreshSeeds, share: 1, Seeds.In("Books/failed-seeds.txt")), Memory.Trusted);

    [Fact]
    public async Task Agrees_with_the_model_where_most_is_decided_from_memory()
    {
        var seeds = Seeds.Of(ReliedSeeds, ReliedSeeds, share: 3);

        var (right, wrong) = await RunAll(seeds, Memory.Relied);

        right.ShouldBeGreaterThan(5 * seeds.Count);
        wrong.ShouldBeGreaterThan(seeds.Count);
    }

    private async Task<(int Right, int Wrong)> RunAll(IReadOnlyList<int> seeds, Memory memory)
    {
        using var failed = new CancellationTokenSource();
        var (next, right, wrong) = (-1, 0, 0);
        var workers = new List<Task>();
        for (var worker = 0; worker < Environment.ProcessorCount; worker++)
        {
            var books = await BooksDatabase.Open(await database.CreateDatabase());
            workers.Add(Task.Run(() => Run(books)));
        }

        await Task.WhenAll(workers);
        return (right, wrong);

        async Task Run(BooksDatabase books)
        {
            await using var its = books;
            while (!failed.IsCancellationRequested && Interlocked.Increment(ref next) is var index && index < seeds.Count)
            {
                try
                {
                    var trace = await BooksRun.Run(seeds[index], its, memory, place: index + 1);
                    var guesses = BooksRun.Guesses(trace);
                    Interlocked.Add(ref right, guesses.Right);
                    Interlocked.Add(ref wrong, guesses.Wrong);
                }
                catch (SeedFailedException)
                {
                    await failed.CancelAsync();
                    throw;
                }
            }
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task Repeats_a_seed_exactly(int seed)
    {
        await using var books = await BooksDatabase.Open(database);

        var first = await BooksRun.Run(seed, books);
        var second = await BooksRun.Run(seed, books);

        second.ShouldBe(first);
        first.ShouldContain(line => line.EndsWith("waits", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Answers_the_same_whether_books_are_remembered_or_not()
    {
        await using var books = await BooksDatabase.Open(database);
        var toTheEnd = 0;
        foreach (var seed in Enumerable.Range(1, 20))
        {
            var remembered = await BooksRun.Run(seed, books, Memory.Locked);
            var read = await BooksRun.Run(seed, books, Memory.None);
            if (!WaitsElsewhere(remembered, read))
            {
                Answers(read).ShouldBe(Answers(remembered), $"seed {seed}");
                toTheEnd++;
            }
        }

        toTheEnd.ShouldBeGreaterThan(15);

        // Whoever knows no books may have to wait before it has any lock; then others come first, and all is different from there.
        static bool WaitsElsewhere(IEnumerable<string> one, IEnumerable<string> other)
        {
            var (first, second) = one.Zip(other).FirstOrDefault(pair => !Equals(pair.First, pair.Second));
            return first is not null
                && (first.EndsWith(" waits", StringComparison.Ordinal) || second.EndsWith(" waits", StringComparison.Ordinal));
        }

        static IEnumerable<string> Answers(IEnumerable<string> trace) => trace.Where(line => line.Contains('→'));
    }
}
