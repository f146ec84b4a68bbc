using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Platform.KeepingRates;

public sealed class KeepingToARequestRate(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private readonly SettableClock clock = new();
    private readonly List<TestReplica> replicas = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var replica in replicas)
        {
            await replica.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_limit_of_what_is_counted_one_by_one_is_exact_on_any_number_of_replicas()
    {
        var limit = new RateLimit("test.exact", 20, TimeSpan.FromSeconds(30));
        var rates = Enumerable.Range(0, 3).Select(_ => Replica(60).Rates).ToList();

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(number => Task.Run(
            async () => await rates[number % 3].Take(limit, "somebody@example.com", CancellationToken.None))));
        var wait = await rates[0].Take(limit, "somebody@example.com", CancellationToken.None);
        clock.Advance(TimeSpan.FromSeconds(30));
        var next = await rates[1].Take(limit, "somebody@example.com", CancellationToken.None);
        var after = await rates[2].Take(limit, "somebody@example.com", CancellationToken.None);

        answers.Count(answer => answer is null).ShouldBe(20);
        wait.ShouldNotBeNull().ShouldBeInRange(TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30.001));
        next.ShouldBeNull();
        after.ShouldNotBeNull();
        await using var kept = database.Owner.CreateCommand(
            "select count(*) from platform.rates where position('example'::bytea in key_hash) > 0");
        (await kept.ExecuteScalarAsync()).ShouldBe(0L);
    }

    [Theory]
    [InlineData(600)]
    [InlineData(60_000)]
    [InlineData(1_000_000)]
    public async Task Two_replicas_together_admit_a_burst_and_at_most_a_tenth_more(int perMinute)
    {
        var (one, other) = (Replica(perMinute), Replica(perMinute));
        var burst = new RequestRateOptions(perMinute).Limit.Burst;

        var admitted = await SendUntilBothRefuse(one, other, $"burst-{perMinute}");

        admitted.ShouldBeInRange(burst, burst * 11 / 10);
    }

    [Fact]
    public async Task Over_ten_minutes_two_replicas_admit_the_rate_within_a_tenth()
    {
        const int PerMinute = 1_200;
        var (one, other) = (Replica(PerMinute), Replica(PerMinute));
        await SendUntilBothRefuse(one, other, "steady");

        long admitted = 0;
        for (var second = 0; second < 600; second++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            admitted += await SendUntilBothRefuse(one, other, "steady");
        }

        admitted.ShouldBeInRange(PerMinute * 9, PerMinute * 11);
    }

    [Fact]
    public async Task A_small_rate_is_kept_exactly()
    {
        var (one, other) = (Replica(6), Replica(6));

        (await SendUntilBothRefuse(one, other, "small")).ShouldBe(10, "the smallest burst is ten");
        clock.Advance(TimeSpan.FromSeconds(10));
        (await SendUntilBothRefuse(one, other, "small")).ShouldBe(1);
    }

    [Fact]
    public async Task A_crowd_on_two_replicas_at_once_gets_no_more_than_one_that_queues()
    {
        var (one, other) = (Replica(600), Replica(600));

        var answers = await Task.WhenAll(Enumerable.Range(0, 400).Select(number => Task.Run(
            async () => await (number % 2 == 0 ? one : other).Take("crowd", CancellationToken.None))));

        answers.Count(wait => wait is null).ShouldBeInRange(94, 106);
    }

    [Fact]
    public async Task Who_is_refused_hears_when_to_come_back_and_is_served_then()
    {
        var rates = Replica(60);
        await SendUntilBothRefuse(rates, rates, "waiting");

        var wait = await rates.Take("waiting", CancellationToken.None);

        wait.ShouldNotBeNull().ShouldBeInRange(TimeSpan.FromMilliseconds(1), TimeSpan.FromMilliseconds(1_001));
        clock.Advance(wait.Value);
        (await rates.Take("waiting", CancellationToken.None)).ShouldBeNull();
    }

    [Fact]
    public async Task One_requester_does_not_use_up_the_rate_of_another()
    {
        var rates = Replica(60);
        await SendUntilBothRefuse(rates, rates, "greedy");

        (await rates.Take("modest", CancellationToken.None)).ShouldBeNull();
    }

    private Requester Replica(int perMinute)
    {
        var replica = new TestReplica(database, clock);
        replicas.Add(replica);
        return new Requester(replica.Get<Rates>(), new RequestRateOptions(perMinute).Limit);
    }

    private sealed record Requester(Rates Rates, RateLimit Limit)
    {
        public ValueTask<TimeSpan?> Take(string requester, CancellationToken cancellationToken) =>
            Rates.Take(Limit, requester, cancellationToken);
    }

    private static async Task<int> SendUntilBothRefuse(Requester one, Requester other, string requester)
    {
        var admitted = 0;
        var refusals = 0;
        for (var number = 0; refusals < 2; number++)
        {
            if (await (number % 2 == 0 ? one : other).Take(requester, CancellationToken.None) is null)
            {
                (admitted, refusals) = (admitted + 1, 0);
            }
            else
            {
                refusals++;
            }
        }

        return admitted;
    }
}
