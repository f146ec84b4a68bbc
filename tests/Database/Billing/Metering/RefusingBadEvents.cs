using System.IO.Compression;
using System.Net;
using System.Text;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Metering;

/// <summary>Bad input at the door of usage: a clear answer, and nothing half-written.</summary>
public sealed class RefusingBadEvents(TestDatabase database) : IClassFixture<TestDatabase>, IAsyncLifetime
{
    private TestHost host = null!;
    private HttpClient client = null!;

    public async Task InitializeAsync()
    {
        host = await TestHost.Start(database, "api");
        client = host.Client((await host.CreateOrganisation()).Key);
    }

    public async Task DisposeAsync()
    {
        client.Dispose();
        (await Stored()).ShouldBe(0);
        await host.DisposeAsync();
    }

    [Theory]
    [InlineData("{", 400, "malformed_json")]
    [InlineData("", 400, "malformed_json")]
    [InlineData("[]", 400, "malformed_json")]
    [InlineData("{} {}", 400, "malformed_json")]
    [InlineData("{}", 422, "invalid_event")]
    [InlineData("""{"specversion":"0.3","id":"a","source":"b","type":"llm.completion","data":{}}""", 422, "invalid_event")]
    [InlineData("""{"specversion":"1.0","id":"","source":"b","type":"llm.completion","data":{}}""", 422, "invalid_event")]
    [InlineData("""{"specversion":"1.0","id":{},"source":"b","type":"llm.completion","data":{}}""", 422, "invalid_event")]
    [InlineData("""{"specversion":"1.0","id":"a","source":"b","type":"no.such.type","data":{}}""", 422, "unknown_meter")]
    [InlineData(
        """
        {"specversion":"1.0","id":"a","source":"quoin\/inference","type":"llm.completion",
         "data":{"model":"m","input_tokens":1,"output_tokens":2}}
        """,
        422,
        "event_source_reserved")]
    [InlineData("""{"specversion":"1.0","id":"a","source":"b","type":"llm.completion"}""", 422, "invalid_event")]
    [InlineData("""{"specversion":"1.0","id":"a","source":"b","type":"llm.completion","data":[1]}""", 422, "invalid_event")]
    [InlineData("""{"specversion":"1.0","id":"a","source":"b","type":"llm.completion","data_base64":"AA=="}""", 422, "invalid_event")]
    public async Task Says_what_is_wrong_with_an_envelope(string body, int status, string code)
    {
        var answer = await client.SendBody(Encoding.UTF8.GetBytes(body), UsageEvents.Structured);

        await ShouldBe(answer, status, code);
    }

    [Theory]
    [InlineData("""{"model":"m","input_tokens":1}""", "invalid_quantity")]
    [InlineData("""{"model":"m","input_tokens":1,"output_tokens":"2"}""", "invalid_quantity")]
    [InlineData("""{"model":"m","input_tokens":1,"output_tokens":-2}""", "invalid_quantity")]
    [InlineData("""{"model":"m","input_tokens":1,"output_tokens":1000000000001}""", "invalid_quantity")]
    [InlineData("""{"model":"m","input_tokens":1,"output_tokens":1e300}""", "invalid_quantity")]
    [InlineData("""{"model":"m","input_tokens":1,"output_tokens":0.0000001}""", "invalid_quantity")]
    [InlineData("""{"input_tokens":1,"output_tokens":2}""", "invalid_event")]
    [InlineData("""{"model":7,"input_tokens":1,"output_tokens":2}""", "invalid_event")]
    [InlineData("""{"model":"m","model":"n","input_tokens":1,"output_tokens":2}""", "invalid_event")]
    [InlineData("""{"model":"m","input_tokens":1,"output_tokens":2,"x":"\u0000"}""", "invalid_event")]
    [InlineData("""{"model":"m","input_tokens":1,"output_tokens":2,"x":"\ud800"}""", "invalid_event")]
    [InlineData("""{"model":"m","input_tokens":1,"output_tokens":2,"x":1e1000000}""", "invalid_event")]
    [InlineData("""{"model":"m","input_tokens":1,"output_tokens":2,"x":[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]}""", "invalid_event")]
    public async Task Says_what_is_wrong_with_data(string data, string code)
    {
        var body = $$"""{"specversion":"1.0","id":"a","source":"b","type":"llm.completion","data":{{data}}}""";

        var answer = await client.SendBody(Encoding.UTF8.GetBytes(body), UsageEvents.Structured);

        await ShouldBe(answer, 422, code);
    }

    [Theory]
    [InlineData("2999-01-01T00:00:00Z", "event_in_future")]
    [InlineData("1999-12-31T23:59:59Z", "invalid_event")]
    [InlineData("2026-01-31T12:00:00", "invalid_event")]
    [InlineData("2026-01-31", "invalid_event")]
    [InlineData("yesterday", "invalid_event")]
    [InlineData("2026-02-30T12:00:00Z", "invalid_event")]
    [InlineData("2026-01-31T12:00+01:00", "invalid_event")]
    public async Task Says_what_is_wrong_with_a_time(string time, string code)
    {
        var answer = await client.SendEvent(UsageEvents.Completion("timed", time: time));

        await ShouldBe(answer, 422, code);
    }

    [Theory]
    [InlineData("ce-subject", "a%00b")]
    [InlineData("ce-source", "%00")]
    [InlineData("ce-id", "%00")]
    public async Task Says_what_is_wrong_with_an_attribute_in_a_header(string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/events")
        {
            Content = new StringContent("""{"model":"m","input_tokens":1,"output_tokens":2}""", Encoding.UTF8, "application/json"),
        };
        var headers = new Dictionary<string, string>
        {
            ["ce-specversion"] = "1.0",
            ["ce-id"] = "a",
            ["ce-source"] = "b",
            ["ce-type"] = "llm.completion",
        };
        headers[header] = value;
        foreach (var (name, text) in headers)
        {
            request.Headers.Add(name, text);
        }

        await ShouldBe(await client.SendAsync(request), 422, "invalid_event");
    }

    [Fact]
    public async Task Refuses_bytes_that_are_not_UTF8()
    {
        byte[] body = [.. "{\"specversion\":\"1.0\",\"id\":\""u8, 0xC3, 0x28, .. "\"}"u8];

        await ShouldBe(await client.SendBody(body, UsageEvents.Structured), 400, "malformed_json");
    }

    [Fact]
    public async Task Refuses_a_body_of_nine_mebibytes() =>
        await ShouldBe(await client.SendBody(new byte[9 * 1024 * 1024], UsageEvents.Batch), 413, "body_too_large");

    [Fact]
    public async Task Refuses_a_gzip_bomb_at_the_limit_not_at_the_end_of_memory()
    {
        using var bomb = new MemoryStream();
        await using (var gzip = new GZipStream(bomb, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            await gzip.WriteAsync(Encoding.ASCII.GetBytes("[" + new string(' ', 1024 * 1024)));
            for (var mebibyte = 1; mebibyte < 64; mebibyte++)
            {
                await gzip.WriteAsync(Encoding.ASCII.GetBytes(new string(' ', 1024 * 1024)));
            }
        }

        await ShouldBe(await client.SendBody(bomb.ToArray(), UsageEvents.Batch, "gzip"), 413, "body_too_large");
    }

    [Fact]
    public async Task Refuses_gzip_that_is_none() =>
        await ShouldBe(await client.SendBody("[]"u8.ToArray(), UsageEvents.Batch, "gzip"), 400, "malformed_request");

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    public async Task Refuses_other_media_types(string mediaType) =>
        await ShouldBe(await client.SendBody("{}"u8.ToArray(), mediaType), 415, "unsupported_media_type");

    [Fact]
    public async Task Refuses_a_batch_of_more_than_ten_thousand()
    {
        var body = Encoding.UTF8.GetBytes("[" + string.Join(',', Enumerable.Repeat("1", 10_001)) + "]");

        await ShouldBe(await client.SendBody(body, UsageEvents.Batch), 413, "batch_too_large");
    }

    [Fact]
    public async Task Refuses_a_key_nobody_has_and_no_key()
    {
        using var wrong = host.Client("qn_test_thisisnotakeythatwasevergivenout000000000000000");
        using var none = host.Client(null);

        await ShouldBe(await wrong.SendEvent(UsageEvents.Completion("x")), 401, "invalid_key");
        await ShouldBe(await none.SendEvent(UsageEvents.Completion("x")), 401, "unauthenticated");
    }

    private static async Task ShouldBe(HttpResponseMessage answer, int status, string code)
    {
        var text = await answer.Content.ReadAsStringAsync();
        ((int)answer.StatusCode).ShouldBe(status, text);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        text.ShouldContain($"\"code\":\"{code}\"");
        text.ShouldContain("\"request_id\"");
    }

    private async Task<long> Stored()
    {
        await using var command = database.Owner.Sql("""
            select (select count(*) from metering.events)
                + (select count(*) from metering.event_keys)
                + (select count(*) from metering.usage_buckets)
                + (select count(*) from metering.unrated_folds)
            """);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
