using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Agents.Inference;

/// <summary>Calls that another LiteLLM made become usage here, each once.</summary>
public sealed class SyncingSpend(Gateway gateway) : IClassFixture<Gateway>
{
    private DateTimeOffset Now => gateway.Clock.GetUtcNow();

    [Fact]
    public async Task Calls_are_read_page_by_page_charged_and_recorded_once_however_often_they_are_read()
    {
        await using var other = await OtherLiteLlm.Start();
        var acme = await gateway.Customer();
        for (var number = 0; number < 250; number++)
        {
            other.Add($"call-{number}", Now.AddMinutes(-10).AddSeconds(number), "gpt-4o", input: 100, output: 10);
        }

        other.Add("before", Now.AddMinutes(-61), "gpt-4o", input: 100, output: 10);
        var since = Rfc3339.Format(Now.AddHours(-1));
        await Set(acme, "old", $$"""{"base_url":"{{other.Address}}","credential":"sk-master","since":"{{since}}","reason":"test"}""");
        await Sync();
        var first = await Source(acme, "old");
        gateway.Clock.Advance(TimeSpan.FromMinutes(32));
        other.Add("late", Now.AddMinutes(-45), "gpt-4o", input: 100, output: 10);
        await Sync(gateway.Second);
        var second = await Source(acme, "old");
        await gateway.Charge();

        ((long)first["recorded_count"]!, (long)first["known_count"]!, first["last_error"]).ShouldBe((250L, 0L, null));
        ((long)second["recorded_count"]!, (long)second["known_count"]!).ShouldBe((251L, 250L));
        ((long)second["late_count"]!).ShouldBe(1);
        other.Asked.ShouldAllBe(asked => asked.Authorization == "Bearer sk-master");
        other.Asked.Select(asked => asked.Page).Distinct().ShouldBe([1, 2, 3], ignoreOrder: true);

        // 251 times a hundred in for 2.5 and ten out for 10.
        (await acme.Charged()).ShouldBe(251 * 350);
        var told = (await acme.Client.GetJson("/v1/events?limit=1"))["data"]![0]!;
        told.ToJsonString().ShouldContain("litellm/old");
        second.ToJsonString().ShouldNotContain("sk-master");
    }

    [Fact]
    public async Task A_minute_in_which_little_happened_is_read_without_all_that_came_before_it()
    {
        await using var other = await OtherLiteLlm.Start();
        var acme = await gateway.Customer();
        other.Add("before", Now.AddMinutes(-10), "gpt-4o", 100, 10);
        await Set(acme, "calm", Body(other, Now.AddMinutes(-30)));
        await Sync();

        gateway.Clock.Advance(TimeSpan.FromMinutes(1));
        other.Add("since", Now.AddSeconds(-30), "gpt-4o", 100, 10);
        await Sync();
        var source = await Source(acme, "calm");

        ((long)source["recorded_count"]!, (long)source["known_count"]!).ShouldBe((2L, 0L));
    }

    [Fact]
    public async Task Calls_that_are_written_down_a_day_after_they_began_are_found_and_counted_as_late()
    {
        await using var other = await OtherLiteLlm.Start();
        var acme = await gateway.Customer();
        var began = Now.AddMinutes(-9);
        other.Add("in-time", began, "gpt-4o", 100, 10);
        await Set(acme, "slow", Body(other, Now.AddMinutes(-30)));
        await Sync();
        gateway.Clock.Advance(TimeSpan.FromHours(25));
        await Sync();
        other.Add("late", began, "gpt-4o", 100, 10);

        await Sync();
        var missing = await Source(acme, "slow");
        gateway.Clock.Advance(TimeSpan.FromHours(12));
        await Sync();
        var found = await Source(acme, "slow");

        ((long)missing["recorded_count"]!, (long)missing["late_count"]!).ShouldBe((1L, 0L));
        ((long)found["recorded_count"]!, (long)found["late_count"]!).ShouldBe((2L, 1L));
        DateTimeOffset.Parse((string)missing["settled_to"]!, CultureInfo.InvariantCulture).ShouldBeLessThan(began);
        DateTimeOffset.Parse((string)found["settled_to"]!, CultureInfo.InvariantCulture).ShouldBeGreaterThan(began);
    }

    [Fact]
    public async Task A_stretch_with_too_many_calls_is_cut_until_they_fit_whatever_came_before_it()
    {
        await using var other = await OtherLiteLlm.Start();
        var acme = await gateway.Customer();
        other.FitsWithin = TimeSpan.FromMinutes(5);
        other.Add("first", Now.AddMinutes(-29), "gpt-4o", 100, 10);
        other.Add("second", Now.AddMinutes(-14), "gpt-4o", 100, 10);
        other.Add("third", Now.AddMinutes(-2), "gpt-4o", 100, 10);

        await Set(acme, "crowded", Body(other, Now.AddMinutes(-30)));
        await Sync();
        var source = await Source(acme, "crowded");

        ((long)source["recorded_count"]!, (long)source["known_count"]!).ShouldBe((3L, 0L));
        other.Asked.ShouldAllBe(asked => asked.Page == 1);
    }

    [Fact]
    public async Task What_the_provider_counted_is_told_in_its_sorts_and_what_costs_nothing_is_left_out()
    {
        await using var other = await OtherLiteLlm.Start();
        var acme = await gateway.Customer();
        other.Add("cached", Now.AddMinutes(-2), "openai/gpt-4o", 100, 10, row =>
        {
            row["metadata"] = new JsonObject
            {
                ["usage_object"] = new JsonObject
                {
                    ["prompt_tokens"] = 100,
                    ["completion_tokens"] = 10,
                    ["prompt_tokens_details"] = new JsonObject { ["cached_tokens"] = 60 },
                },
            };
            row["spend"] = 1.65e-05;
        });
        other.Add("hit", Now.AddMinutes(-2), "gpt-4o", 100, 10, row => row["cache_hit"] = "True");
        other.Add("failed", Now.AddMinutes(-2), "gpt-4o", 0, 0, row => row["status"] = "failure");
        other.Add("broken", Now.AddMinutes(-2), "gpt-4o", 100, 10, row => row["endTime"] = "yesterday");

        await Set(acme, "sorts", Body(other, Now.AddMinutes(-30)));
        await Sync();
        await gateway.Charge();
        var source = await Source(acme, "sorts");

        // 40 × 2.5 + 60 × 1.25 + 10 × 10.
        (await acme.Charged()).ShouldBe(275);
        ((long)source["recorded_count"]!, (long)source["refused_count"]!).ShouldBe((1L, 1L));
        ((string)source["last_refusal"]!).ShouldContain("no time");
        var events = await acme.Client.GetJson("/v1/events?limit=10");
        events.ToJsonString().ShouldContain("0.0000165");
    }

    [Fact]
    public async Task A_gateway_that_fails_is_asked_again_later_and_its_error_is_shown()
    {
        await using var other = await OtherLiteLlm.Start();
        var acme = await gateway.Customer();
        other.Add("one", Now.AddMinutes(-2), "gpt-4o", 100, 10);
        other.Status = 401;
        await Set(acme, "failing", Body(other, Now.AddMinutes(-30)));

        await Sync();
        var failed = await Source(acme, "failing");
        await Sync();
        var asked = other.Asked.Count;
        gateway.Clock.Advance(TimeSpan.FromMinutes(1));
        (other.Status, other.Answer) = (200, "<html>");
        await Sync();
        var broken = await Source(acme, "failing");
        gateway.Clock.Advance(TimeSpan.FromMinutes(2));
        other.Answer = null;
        await Sync();
        var well = await Source(acme, "failing");

        ((string)failed["last_error"]!, (int)failed["failures"]!).ShouldBe(("It answered 401.", 1));
        asked.ShouldBe(1, "it is left alone for a minute");
        ((string)broken["last_error"]!, (int)broken["failures"]!).ShouldBe(("Its answer is not what LiteLLM answers.", 2));
        (well["last_error"], (int)well["failures"]!, (long)well["recorded_count"]!).ShouldBe((null, 0, 1L));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"data":[]}""")]
    [InlineData("""{"data":{},"total_pages":1}""")]
    [InlineData("""{"data":[],"total_pages":"one"}""")]
    public async Task A_gateway_that_answers_something_else_keeps_no_other_waiting(string answer)
    {
        await using var odd = await OtherLiteLlm.Start();
        await using var well = await OtherLiteLlm.Start();
        var (acme, zeta) = (await gateway.Customer(), await gateway.Customer());
        odd.Answer = answer;
        well.Add("one", Now.AddMinutes(-2), "gpt-4o", 100, 10);
        await Set(acme, "odd", Body(odd, Now.AddMinutes(-30)));
        gateway.Clock.Advance(TimeSpan.FromSeconds(1));
        await Set(zeta, "well", Body(well, Now.AddMinutes(-30)));

        await Sync();
        var (failed, read) = (await Source(acme, "odd"), await Source(zeta, "well"));

        ((int)failed["failures"]!, (string)failed["last_error"]!)
            .ShouldBe((1, "Its answer has not both data and total_pages, as LiteLLM's has."));
        ((long)read["recorded_count"]!).ShouldBe(1);
    }

    [Theory]
    [InlineData("credential = decode(repeat('00', 40), 'hex')", "Its key cannot be decrypted: give it anew.")]
    [InlineData("base_url = 'ftp://127.0.0.1'", "Its calls could not be taken in: NotSupportedException.")]
    public async Task A_gateway_that_cannot_be_asked_keeps_no_other_waiting(string spoilt, string error)
    {
        await using var mute = await OtherLiteLlm.Start();
        await using var well = await OtherLiteLlm.Start();
        var (acme, zeta) = (await gateway.Customer(), await gateway.Customer());
        well.Add("one", Now.AddMinutes(-2), "gpt-4o", 100, 10);
        await Set(acme, "mute", Body(mute, Now.AddMinutes(-30)));
        await using (var spoil = gateway.First.Get<NpgsqlDataSource>().Sql(
            $"update inference.spend_sources set {spoilt} where org_id = $1", acme.Org.Value))
        {
            await spoil.ExecuteNonQueryAsync();
        }

        gateway.Clock.Advance(TimeSpan.FromSeconds(1));
        await Set(zeta, "well", Body(well, Now.AddMinutes(-30)));
        await Sync();
        var (failed, read) = (await Source(acme, "mute"), await Source(zeta, "well"));

        ((int)failed["failures"]!, (string)failed["last_error"]!).ShouldBe((1, error));
        ((long)read["recorded_count"]!).ShouldBe(1);
    }

    [Fact]
    public async Task A_gateway_is_read_by_one_source_however_its_address_is_spelt()
    {
        await using var other = await OtherLiteLlm.Start();
        var (acme, zeta) = (await gateway.Customer(), await gateway.Customer());
        var spelt = Body(other, Now).Replace(other.Address, other.Address.Replace("http://", "HTTP://") + "/");
        await Set(acme, "one", Body(other, Now));

        var again = await Put(acme, "two", spelt);
        var elsewhere = await Put(zeta, "one", spelt);
        await Set(acme, "one", spelt);
        await Remove(acme, "one");
        await Set(zeta, "one", spelt);

        foreach (var refused in new[] { again, elsewhere })
        {
            refused.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
            (await refused.Content.ReadAsStringAsync()).ShouldContain($"base_url is read already, as one of {acme.Org}");
        }
    }

    [Fact]
    public async Task A_source_of_another_name_begins_where_the_one_before_it_was_read_to()
    {
        await using var other = await OtherLiteLlm.Start();
        var acme = await gateway.Customer();
        var (since, until) = (Now.AddMinutes(-30), Now);
        other.Add("old", until.AddMinutes(-2), "gpt-4o", 100, 10);
        other.Add("last", until, "gpt-4o", 100, 10);
        await Set(acme, "old", Body(other, since));
        await Sync();
        await Remove(acme, "old");

        var earlier = await Put(acme, "new", Body(other, since));
        await Set(acme, "new", Body(other, until));
        gateway.Clock.Advance(TimeSpan.FromMinutes(40));
        other.Add("new", until.AddMinutes(2), "gpt-4o", 100, 10);
        await Sync();
        await gateway.Charge();

        earlier.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await earlier.Content.ReadAsStringAsync())
            .ShouldContain($"since must not be before {Rfc3339.Format(until)}: until then old of {acme.Org}");
        (await acme.Charged()).ShouldBe(3 * 350);
    }

    [Fact]
    public async Task A_source_that_comes_back_under_its_own_name_charges_nothing_twice()
    {
        await using var other = await OtherLiteLlm.Start();
        var acme = await gateway.Customer();
        other.Add("one", Now.AddMinutes(-2), "gpt-4o", 100, 10);
        await Set(acme, "back", Body(other, Now.AddMinutes(-30)));
        await Sync();
        await Remove(acme, "back");

        await Set(acme, "back", Body(other, Now.AddMinutes(-30)));
        await Sync();
        var source = await Source(acme, "back");
        await gateway.Charge();

        ((long)source["recorded_count"]!, (long)source["known_count"]!).ShouldBe((0L, 1L));
        (await acme.Charged()).ShouldBe(350);
    }

    [Fact]
    public async Task An_address_that_a_source_left_is_taken_up_by_another_where_it_was_read_to()
    {
        await using var from = await OtherLiteLlm.Start();
        await using var to = await OtherLiteLlm.Start();
        var (acme, zeta) = (await gateway.Customer(), await gateway.Customer());
        await Set(acme, "moving", Body(from, Now.AddMinutes(-30)));
        await Sync();

        await Set(acme, "moving", Body(to, Now));
        var earlier = await Put(zeta, "next", Body(from, Now.AddMinutes(-30)));
        await Set(zeta, "next", Body(from, Now));

        earlier.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await earlier.Content.ReadAsStringAsync()).ShouldContain($"moving of {acme.Org} read this address");
    }

    [Fact]
    public async Task Two_replicas_record_each_call_once_and_a_change_meanwhile_undoes_what_was_read()
    {
        await using var other = await OtherLiteLlm.Start();
        var acme = await gateway.Customer();
        other.Add("one", Now.AddMinutes(-2), "gpt-4o", 100, 10);
        await Set(acme, "both", Body(other, Now.AddMinutes(-30)));
        other.Meanwhile = async () =>
        {
            other.Meanwhile = null;
            await Set(acme, "both", Body(other, Now, isEnabled: false));
        };

        await Sync();
        var undone = await Source(acme, "both");
        await Set(acme, "both", Body(other, Now));
        await Task.WhenAll(Sync(), Sync(gateway.Second));
        var done = await Source(acme, "both");

        ((long)undone["recorded_count"]!).ShouldBe(0);
        ((long)done["recorded_count"]!).ShouldBe(1);
        (await acme.Events()).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Only_the_operator_says_where_spend_is_read_and_never_shows_the_key()
    {
        var acme = await gateway.Customer();
        var path = "/v1/inference/spend-sources/mine";
        const string body = """{"base_url":"http://127.0.0.1:1","credential":"sk-x","reason":"test"}""";

        (await acme.Client.PutAsync(path, new StringContent(body, System.Text.Encoding.UTF8, "application/json")))
            .StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await gateway.Operator.SendAs(HttpMethod.Put, path, acme.Org, body.Replace("http:", "file:")))
            .StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await gateway.Operator.SendAs(HttpMethod.Put, path, acme.Org, """{"base_url":"http://127.0.0.1:1","reason":"test"}"""))
            .StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity, "a new one needs a key");
        await Set(acme, "mine", body);
        (await gateway.Operator.SendAs(HttpMethod.Delete, path, acme.Org)).StatusCode.ShouldBe(HttpStatusCode.NoContent);
        (await gateway.Operator.SendAs(HttpMethod.Delete, path, acme.Org)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    private static string Body(OtherLiteLlm other, DateTimeOffset since, bool isEnabled = true) => new JsonObject
    {
        ["base_url"] = other.Address,
        ["credential"] = "sk-master",
        ["since"] = Rfc3339.Format(since),
        ["is_enabled"] = isEnabled,
        ["reason"] = "test",
    }.ToJsonString();

    private Task Sync(TestHost? on = null) =>
        (on ?? gateway.First).Get<Pumps>().RunUntilIdle("inference.sync_spend", CancellationToken.None);

    private Task<HttpResponseMessage> Put(Customer customer, string name, string body) =>
        gateway.Operator.SendAs(HttpMethod.Put, $"/v1/inference/spend-sources/{name}", customer.Org, body);

    private async Task Remove(Customer customer, string name) =>
        (await gateway.Operator.SendAs(HttpMethod.Delete, $"/v1/inference/spend-sources/{name}", customer.Org))
            .StatusCode.ShouldBe(HttpStatusCode.NoContent);

    private async Task Set(Customer customer, string name, string body)
    {
        var answer = await Put(customer, name, body);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
    }

    private async Task<JsonNode> Source(Customer customer, string name)
    {
        var answer = await gateway.Operator.SendAs(HttpMethod.Get, "/v1/inference/spend-sources", customer.Org);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["data"]!.AsArray()
            .Single(source => (string)source!["source"]! == name)!;
    }

    /// <summary>What LiteLLM's proxy answers about its calls, over a socket: pages of those that began in a range, newest first.</summary>
    private sealed class OtherLiteLlm : IAsyncDisposable
    {
        private static int started;

        private readonly WebApplication app;
        private readonly ConcurrentBag<(DateTimeOffset At, JsonObject Row)> rows = [];

        private OtherLiteLlm(WebApplication app) => this.app = app;

        public string Address { get; private set; } = "";

        public int Status { get; set; } = 200;

        public string? Answer { get; set; }

        /// <summary>A longer stretch has more pages than are read of one; null where all fit.</summary>
        public TimeSpan? FitsWithin { get; set; }

        public Func<Task>? Meanwhile { get; set; }

        public ConcurrentQueue<(string Authorization, int Page)> Asked { get; } = [];

        public static async Task<OtherLiteLlm> Start()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var app = builder.Build();
            var other = new OtherLiteLlm(app);

            // A port may be given again, and an address is read by one source.
            var path = $"/gateway-{Interlocked.Increment(ref started)}";
            app.MapGet(path + "/spend/logs/v2", other.Logs);
            await app.StartAsync();
            other.Address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single() + path;
            return other;
        }

        public void Add(string id, DateTimeOffset at, string model, int input, int output, Action<JsonObject>? change = null)
        {
            var row = new JsonObject
            {
                ["request_id"] = id,
                ["call_type"] = "acompletion",
                ["api_key"] = "88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b",
                ["spend"] = 0.00035,
                ["total_tokens"] = input + output,
                ["prompt_tokens"] = input,
                ["completion_tokens"] = output,
                ["startTime"] = at.ToString("yyyy-MM-dd'T'HH:mm:ss.fff", CultureInfo.InvariantCulture) + "000+00:00",
                ["endTime"] = at.ToString("yyyy-MM-dd'T'HH:mm:ss.fff", CultureInfo.InvariantCulture) + "000+00:00",
                ["model"] = model,
                ["custom_llm_provider"] = "openai",
                ["user"] = "default_user_id",
                ["metadata"] = new JsonObject(),
                ["cache_hit"] = "None",
                ["end_user"] = "",
                ["session_id"] = null,
                ["status"] = "success",
            };
            change?.Invoke(row);
            rows.Add((at, row));
        }

        public ValueTask DisposeAsync() => app.DisposeAsync();

        private async Task<IResult> Logs(HttpContext context, string start_date, string end_date, int page, int page_size)
        {
            Asked.Enqueue((context.Request.Headers.Authorization.ToString(), page));
            if (Meanwhile is { } act)
            {
                await act();
            }

            if (Status != 200 || Answer is not null)
            {
                return Results.Text(Answer ?? "no", statusCode: Status);
            }

            var (from, to) = (Date(start_date), Date(end_date));
            var found = rows.Where(row => row.At >= from && row.At <= to).OrderByDescending(row => row.At).ToList();
            return Results.Text(
                new JsonObject
                {
                    ["data"] = new JsonArray(
                        [.. found.Skip((page - 1) * page_size).Take(page_size).Select(row => row.Row.DeepClone())]),
                    ["total"] = found.Count,
                    ["page"] = page,
                    ["page_size"] = page_size,
                    ["total_pages"] = to - from > FitsWithin
                        ? Quoin.Inference.Limits.SpendPagesMax + 1
                        : (found.Count + page_size - 1) / page_size,
                }.ToJsonString(),
                "application/json");
        }

        private static DateTimeOffset Date(string text) => DateTimeOffset.ParseExact(
            text, "yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
    }
}
