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

    [Fact]
    public async Task Agrees_with_the_model_for_every_seed()
    {
        var seeds = Seeds.Of(FixedSeeds, FreshSeeds);
        var next = -1;

        var workers = new List<Task>();
        for (var worker = 0; worker < Environment.ProcessorCount; worker++)
        {
            var books = await BooksDatabase.Open(await database.CreateDatabase());
            workers.Add(Task.Run(() => Run(books)));
        }

        await Task.WhenAll(workers);

        async Task Run(BooksDatabase books)
        {
            await using var its = books;
            while (Interlocked.Increment(ref next) is var index && index < seeds.Count)
            {
                await BooksRun.Run(seeds[index], its);
            }
        }
    }
}
