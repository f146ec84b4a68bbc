using Quoin.StripeSimulator;
using Quoin.Tests.Support;

namespace Quoin.Tests.Unit.Apps.Simulating;

/// <summary>The journal and the folder hosts share: what was sold is still sold after a restart, and after a takeover.</summary>
public sealed class OutlivingItsHost : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("quoin-stripe-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Objects_clock_and_keys_survive_a_restart()
    {
        var options = new SimulatorOptions { JournalFile = Path.Combine(folder, "journal.jsonl"), Time = new SettableClock() };
        string customer;
        await using (var stripe = await SimulatorFixture.Start(options))
        {
            customer = (await stripe.Done("POST", "/v1/customers", ("email", "a@example.com")))["id"]!.GetValue<string>();
            stripe.Advance(TimeSpan.FromDays(3));
        }

        await File.AppendAllTextAsync(options.JournalFile, "{\"id\":\"cut off by a cra");
        await using var again = await SimulatorFixture.Start(options with { Seed = 2 });

        (await again.Done("GET", $"/v1/customers/{customer}"))["email"]!.GetValue<string>().ShouldBe("a@example.com");
        again.Simulator.Now.ShouldBe(options.Time.GetUtcNow() + TimeSpan.FromDays(3));
        again.Simulator.All("event").Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_second_host_joins_and_goes_on_when_the_first_ends()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var first = await SharedSimulator.StartOrJoin(folder, patience.Token);
        await using var second = await SharedSimulator.StartOrJoin(folder, patience.Token);
        second.IsOwn.ShouldBeFalse();
        second.Address.ShouldBe(first.Address);
        second.SecretKey.ShouldBe(first.SecretKey);
        using var client = new HttpClient { BaseAddress = second.Address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", first.SecretKey);
        var made = await client.PostAsync(
            "/v1/customers", new FormUrlEncodedContent([KeyValuePair.Create("name", "Acme")]), patience.Token);
        made.EnsureSuccessStatusCode();

        await first.DisposeAsync();
        while (!second.IsOwn)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), patience.Token);
        }

        var customers = await client.GetStringAsync("/v1/customers", patience.Token);
        customers.ShouldContain("Acme");
        second.Address.ShouldBe(first.Address);
    }
}
