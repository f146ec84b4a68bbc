using Quoin.Cli;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Apps.Cli;

public sealed class UsingTheClientCommands(TwoReplicas replicas) : IClassFixture<TwoReplicas>, IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("quoin-test-").FullName;

    [Fact]
    public async Task Sends_events_from_a_file_and_shows_what_they_came_to()
    {
        var (_, key) = await replicas.NewOrganisation();
        var file = Path.Combine(folder, "events.ndjson");
        await File.WriteAllLinesAsync(file, [Event("a", 1_000_000), Event("b", 3_000_000)]);

        var sent = await replicas.Quoin(key, "events", "send", file);
        var again = await replicas.Quoin(key, "events", "send", file);
        var usage = await replicas.Quoin(
            key, "usage", "--from", "2026-01-01T00:00:00Z", "--to", "2026-02-01T00:00:00Z");

        sent.ShouldBe((0, "2 accepted, 0 duplicate, 0 in conflict, 0 rejected" + Environment.NewLine));
        again.Output.ShouldContain("0 accepted, 2 duplicate");
        usage.ExitCode.ShouldBe(0, usage.Output);
        usage.Output.ShouldMatch("2026-01-31 00:00 +llm.input_tokens +gpt-4o +4,000,000 +2");
        var balance = await Settled(key);
        balance.ShouldMatch("ba_[0-9a-z]{26} .* 10.000000 USD");
    }

    [Fact]
    public async Task Names_the_events_that_were_rejected()
    {
        var (_, key) = await replicas.NewOrganisation();
        var file = Path.Combine(folder, "events.json");
        await File.WriteAllTextAsync(file, $"[{Event("good", 1)},{Event("bad", -1)}]");

        var sent = await replicas.Quoin(key, "events", "send", file);

        sent.ExitCode.ShouldBe(ExitCodes.SomeNotAccepted, sent.Output);
        sent.Output.ShouldContain("1 accepted, 0 duplicate, 0 in conflict, 1 rejected");
        sent.Output.ShouldContain("rejected bad: data.'input_tokens' must be between 0");
    }

    [Fact]
    public async Task Says_what_is_no_json()
    {
        var (_, key) = await replicas.NewOrganisation();
        var file = Path.Combine(folder, "events.txt");
        await File.WriteAllTextAsync(file, "hello");

        var sent = await replicas.Quoin(key, "events", "send", file);

        sent.ExitCode.ShouldBe(ExitCodes.Failed, sent.Output);
        sent.Output.ShouldContain("quoin: The input is no JSON of events");
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    private async Task<string> Settled(string key)
    {
        while (true)
        {
            var balance = await replicas.Quoin(key, "balance");
            balance.ExitCode.ShouldBe(0, balance.Output);
            if (balance.Output.Contains("10.000000 USD", StringComparison.Ordinal))
            {
                return balance.Output;
            }
        }
    }

    private static string Event(string id, long inputTokens)
    {
        var made = UsageEvents.Completion(id, inputTokens, output: 0, time: "2026-01-31T12:00:00Z");
        return made.ToJsonString();
    }
}
