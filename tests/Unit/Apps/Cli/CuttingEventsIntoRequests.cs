using System.Text;
using System.Text.Json;
using Quoin.Cli;

namespace Quoin.Tests.Unit.Apps.Cli;

public sealed class CuttingEventsIntoRequests
{
    [Theory]
    [InlineData("""{"id":"1"}""", 1)]
    [InlineData("""[{"id":"1"},{"id":"2"}]""", 2)]
    [InlineData("{\"id\":\"1\"}\n{\"id\":\"2\"}\n{\"id\":\"3\"}\n", 3)]
    [InlineData("[]", 0)]
    [InlineData("", 0)]
    public async Task Takes_one_event_an_array_or_one_a_line(string input, int count)
    {
        var batches = await Read(input);

        batches.Sum(batch => batch.GetArrayLength()).ShouldBe(count);
        batches.ShouldAllBe(batch => batch.GetArrayLength() > 0);
    }

    [Fact]
    public async Task Passes_an_events_numbers_on_with_all_their_digits()
    {
        var batches = await Read("""{"data":{"n":12345678901234567890.12345678900}}""");

        batches[0].GetRawText().ShouldBe("""[{"data":{"n":12345678901234567890.12345678900}}]""");
    }

    [Fact]
    public async Task Starts_a_new_request_when_one_is_full()
    {
        var batches = await Read(string.Concat(Enumerable.Repeat("{}\n", Limits.BatchDefault + 1)));

        batches.Select(batch => batch.GetArrayLength()).ShouldBe([Limits.BatchDefault, 1]);
    }

    [Fact]
    public async Task Starts_a_new_request_when_the_bytes_are_too_many()
    {
        var large = $$"""{"data":"{{new string('x', Limits.BatchBytesMax / 2)}}"}""";

        var batches = await Read(large + "\n" + large);

        batches.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Refuses_what_is_no_json() => await Should.ThrowAsync<JsonException>(() => Read("{\"id\":"));

    private static async Task<List<JsonElement>> Read(string input)
    {
        var batches = new List<JsonElement>();
        await foreach (var batch in EventBatches.Read(new MemoryStream(Encoding.UTF8.GetBytes(input)), CancellationToken.None))
        {
            batches.Add(JsonDocument.Parse(batch).RootElement);
        }

        return batches;
    }
}
