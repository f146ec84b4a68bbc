using Quoin.Tests.Support;

namespace Quoin.Tests.Simulation.Payments;

/// <summary>
/// Payments under a deterministic scheduler, against a provider that speaks the real protocol. A failure names its seed and
/// what led to it; the seed repeats it.
/// </summary>
public sealed class TakingPayments(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const int FixedSeeds = 200;

    // Fresh ones are asked for: they take minutes.
    private const int FreshSeeds = 0;

    [Fact]
    public async Task Comes_to_rest_with_books_rows_and_provider_in_agreement_for_every_seed()
    {
        var seeds = Seeds.Of(FixedSeeds, FreshSeeds, share: 1, Seeds.In("Payments/failed-seeds.txt"));
        using var failed = new CancellationTokenSource();
        var gathered = new List<int>();
        var next = -1;
        var workers = new List<Task>();
        for (var worker = 0; worker < Environment.ProcessorCount; worker++)
        {
            var its = await PaymentsDatabase.Open(await database.CreateDatabase());
            workers.Add(Task.Run(() => Work(its)));
        }

        await Task.WhenAll(workers);
        gathered.ShouldBeEmpty($"seeds failed; {Seeds.FailureFile} says how");

        async Task Work(PaymentsDatabase its)
        {
            while (!failed.IsCancellationRequested && Interlocked.Increment(ref next) is var index && index < seeds.Count)
            {
                try
                {
                    await PaymentsRun.Run(seeds[index], its, place: index + 1);
                }
                catch (SeedFailedException failure) when (Seeds.FailureFile is not null)
                {
                    lock (gathered)
                    {
                        gathered.Add(seeds[index]);
                        File.AppendAllText(Seeds.FailureFile, $"{failure.Message}{Environment.NewLine}");
                    }
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
    public async Task Repeats_a_seed_exactly(int seed)
    {
        var its = await PaymentsDatabase.Open(await database.CreateDatabase());

        var first = await PaymentsRun.Run(seed, its);
        var second = await PaymentsRun.Run(seed, its);

        second.ShouldBe(first);
    }
}
