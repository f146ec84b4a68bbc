using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Quoin.Accounts;
using Quoin.Inference;
using Quoin.Tests.Support;
using static Quoin.Tests.Database.Agents.Inference.LiteLlmTool;

namespace Quoin.Tests.Database.Agents.Inference;

/// <summary>Programs made for LiteLLM's proxy keep keys, teams and users here, and read what was spent.</summary>
public sealed class ServingLiteLlmsTools(Gateway gateway) : IClassFixture<Gateway>
{
    [Fact]
    public async Task A_key_is_made_shown_changed_replaced_and_deleted()
    {
        var tool = await LiteLlmTool.Of(gateway);

        var made = await tool.Post("/key/generate", """
            {"key_alias":"agent","duration":"30d","max_budget":0.30000000000000004,"budget_duration":"30d","soft_budget":0.1,
             "models":["demo-echo"],"aliases":{"gpt-4o":"demo-echo"},"tpm_limit":1000,"rpm_limit":60,
             "max_parallel_requests":3,"metadata":{"owner":"né"},"tags":["nightly"],"user_id":"ann","guardrails":[],
             "send_invite_email":false}
            """);
        var token = (string)made["token"]!;
        var byValue = await tool.Get($"/key/info?key={made["key"]}");
        var byToken = await tool.Get($"/key/info?key={token}&whatever=1");
        var changed = await tool.Post("/key/update", $$"""{"key":"{{token}}","max_budget":null,"rpm_limit":null,"metadata":{"a":1} }""");
        var replaced = await tool.Post($"/key/{token}/regenerate", "{}");
        var deleted = await tool.Post("/key/delete", $$"""{"keys":["{{replaced["key"]}}"]}""");

        ((string)made["key"]!).ShouldStartWith("qn_test_");
        made["max_budget"]!.ToJsonString().ShouldBe("0.3", "what is finer than a micro is cut off");
        made["soft_budget"]!.ToJsonString().ShouldBe("0.1");
        ((string)made["budget_reset_at"]!).ShouldBe("2026-04-01T00:00:00Z");
        ((string)made["expires"]!).ShouldBe(
            gateway.Clock.GetUtcNow().AddDays(30).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        ((string)byValue["key"]!).ShouldBe((string)made["key"]!);
        byValue["info"]!.ToJsonString().ShouldBe(byToken["info"]!.ToJsonString());
        byToken["info"]!.ToJsonString().ShouldNotContain((string)made["key"]!);
        ((string)byToken["info"]!["metadata"]!["owner"]!).ShouldBe("né");
        ((string)byToken["info"]!["aliases"]!["gpt-4o"]!).ShouldBe("demo-echo");
        ((string)byToken["info"]!["user_id"]!, (int)byToken["info"]!["max_parallel_requests"]!).ShouldBe(("ann", 3));
        (changed["max_budget"], changed["rpm_limit"], (int)changed["tpm_limit"]!).ShouldBe((null, null, 1000));
        ((string)replaced["key_alias"]!, (string)replaced["token"]! == token).ShouldBe(("agent", false));
        ((string)deleted["deleted_keys"]![0]!).ShouldBe((string)replaced["key"]!);
        (await tool.Post("/key/generate", """{"key_alias":"agent"}""")).ShouldNotBeNull("the name is free again");
        gateway.Clock.Advance(TimeSpan.FromSeconds(1));
        (await tool.Called((string)replaced["key"]!)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("""{"max_budget":-1}""", 400, "max_budget")]
    [InlineData("""{"max_budget":"much"}""", 400, "max_budget")]
    [InlineData("""{"max_budget":1e300}""", 400, "max_budget")]
    [InlineData("""{"budget_duration":"soon","max_budget":1}""", 400, "budget_duration")]
    [InlineData("""{"model_max_budget":{"gpt-4":{"budget_limit":1}}}""", 400, "model_max_budget")]
    [InlineData("""{"guardrails":["pii"]}""", 400, "guardrails")]
    [InlineData("""{"key":"sk-mine"}""", 400, "'key'")]
    [InlineData("""{"key_type":"management"}""", 400, "key_type")]
    [InlineData("""{"rpm_limit":0}""", 400, "rpm_limit")]
    [InlineData("""{"team_id":"nobody"}""", 404, "nobody")]
    [InlineData("""{"organization_id":"org_0"}""", 404, "organization")]
    [InlineData("[]", 400, "object")]
    public async Task What_would_not_hold_is_refused_in_LiteLlms_shape(string body, int status, string word)
    {
        var tool = await LiteLlmTool.Of(gateway);

        var (answered, error) = await tool.Refused("/key/generate", body);

        answered.ShouldBe(status);
        ((string)error["code"]!).ShouldBe($"{status}");
        ((string)error["type"]!).ShouldBe(status == 404 ? "not_found_error" : "bad_request_error");
        ((string)error["message"]!).ShouldContain(word);
    }

    [Fact]
    public async Task Names_of_keys_are_taken_once()
    {
        var tool = await LiteLlmTool.Of(gateway);
        await tool.Post("/key/generate", """{"key_alias":"one"}""");
        var other = await tool.Post("/key/generate", "{}");

        (await tool.Refused("/key/generate", """{"key_alias":"one"}""")).Status.ShouldBe(400);
        (await tool.Refused("/key/update", $$"""{"key":"{{other["token"]}}","key_alias":"one"}""")).Status.ShouldBe(400);
    }

    [Fact]
    public async Task Only_who_may_keep_keys_does_and_never_those_of_others()
    {
        var (tool, stranger) = (await LiteLlmTool.Of(gateway), await LiteLlmTool.Of(gateway));
        var made = await tool.Post("/key/generate", "{}");
        var own = new LiteLlmTool(gateway, tool.Org, (string)made["key"]!, null!);

        var byKey = await own.Refused("/key/generate", "{}");
        var info = await own.Get("/key/info");
        var ofStranger = await stranger.Refused("/key/delete", $$"""{"keys":["{{made["key"]}}"]}""");
        var ofMaster = await tool.Refused("/key/delete", $$"""{"keys":["{{tool.Key}}"]}""");
        var anonymous = await new LiteLlmTool(gateway, tool.Org, "sk-1234", null!).Refused("/key/generate", "{}");

        (byKey.Status, (string)byKey.Error["type"]!).ShouldBe((403, "auth_error"));
        ((string)info["info"]!["token"]!).ShouldBe((string)made["token"]!);
        ofStranger.Status.ShouldBe(404);
        ofMaster.Status.ShouldBe(404, "it may do more than call models");
        (anonymous.Status, (string)anonymous.Error["code"]!).ShouldBe((401, "401"));
    }

    [Fact]
    public async Task Calls_of_a_team_spend_from_its_budget_and_are_refused_as_LiteLlm_does_when_it_is_used_up()
    {
        var tool = await LiteLlmTool.Of(gateway);

        // Enough for what one call can cost at most: a token for each byte and some, and fifty tokens out.
        var most = ((Encoding.UTF8.GetByteCount(Call) + 1_000) * 2.5m) + 500m;
        var budget = ((most + 10m) / 1_000_000m).ToString(System.Globalization.CultureInfo.InvariantCulture);
        await tool.Post("/team/new", $$"""{"team_id":"research","max_budget":{{budget}},"budget_duration":"1d"}""");
        var first = await tool.Post("/key/generate", """{"team_id":"research","key_alias":"first","user_id":"ann"}""");
        var second = await tool.Post("/key/generate", """{"team_id":"research"}""");

        var answered = await tool.Called((string)first["key"]!);
        var cost = answered.Headers.GetValues("x-litellm-response-cost").Single();
        var spent = await tool.Get("/team/info?team_id=research");
        var refused = await tool.Refused("/chat/completions", Call, (string)second["key"]!);
        var info = await tool.Get($"/key/info?key={first["token"]}");

        answered.StatusCode.ShouldBe(HttpStatusCode.OK);
        cost.ShouldBe("0.000025", "two words in for 2.5, two out for 10");
        answered.Headers.GetValues("x-litellm-call-id").Single().ShouldStartWith("req_");
        spent["team_info"]!["spend"]!.ToJsonString().ShouldBe("0.000025");
        spent["keys"]!.AsArray().Count.ShouldBe(2);
        (refused.Status, (string)refused.Error["type"]!, (string)refused.Error["code"]!).ShouldBe((429, "budget_exceeded", "429"));
        info["info"]!["spend"]!.ToJsonString().ShouldBe("0.000025", "a key without a bound is counted, too");
        info["info"]!["max_budget"].ShouldBeNull();
    }

    [Fact]
    public async Task A_team_and_a_user_are_held_to_models_and_rates_and_blocked_with_all_their_keys()
    {
        var tool = await LiteLlmTool.Of(gateway);
        await tool.Post("/team/new", """{"team_id":"slow","rpm_limit":6,"models":["demo-echo"]}""");
        var user = await tool.Post("/user/new", """{"user_id":"ben","team_id":"slow","tpm_limit":4}""");
        var key = (string)user["key"]!;

        var other = await tool.Refused("/chat/completions", Call.Replace("demo-echo", "demo-cached"), key);
        var answered = await tool.Called(key);
        gateway.Clock.Advance(TimeSpan.FromSeconds(12));
        var tooMany = await tool.Refused("/chat/completions", Call, key);
        await tool.Post("/user/update", """{"user_id":"ben","tpm_limit":null}""");
        await tool.Post("/team/block", """{"team_id":"slow"}""");
        gateway.Clock.Advance(TimeSpan.FromSeconds(12));
        var blocked = await tool.Refused("/chat/completions", Call, key);
        await tool.Post("/team/unblock", """{"team_id":"slow"}""");
        gateway.Clock.Advance(TimeSpan.FromSeconds(12));
        var again = await tool.Called(key);
        var tooOften = await tool.Refused("/chat/completions", Call, key);

        (other.Status, (string)other.Error["type"]!).ShouldBe((401, "key_model_access_denied"));
        answered.StatusCode.ShouldBe(HttpStatusCode.OK);
        (tooMany.Status, (string)tooMany.Error["message"]!).ShouldBe((429, "The user of this key is held to 4 tokens a minute."));
        blocked.Status.ShouldBe(401);
        again.StatusCode.ShouldBe(HttpStatusCode.OK);
        (tooOften.Status, (string)tooOften.Error["message"]!).ShouldBe((429, "The team of this key is held to 6 calls a minute."));
    }

    [Fact]
    public async Task A_key_calls_models_by_its_own_names_for_them_and_is_blocked_by_itself()
    {
        var tool = await LiteLlmTool.Of(gateway);
        var made = await tool.Post("/key/generate", """{"models":["demo-echo"],"aliases":{"gpt-4o":"demo-echo"}}""");
        var key = (string)made["key"]!;

        var byAlias = await tool.Called(key, Call.Replace("demo-echo", "gpt-4o"));
        await tool.Post("/key/block", $$"""{"key":"{{key}}"}""");
        var blocked = await tool.Refused("/chat/completions", Call, key);
        var native = await tool.Called(key, path: "/v1/chat/completions");
        var shown = await tool.Post("/key/unblock", $$"""{"key":"{{key}}"}""");

        byAlias.StatusCode.ShouldBe(HttpStatusCode.OK);
        (blocked.Status, (string)blocked.Error["type"]!).ShouldBe((401, "auth_error"));
        native.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        ((bool)shown["blocked"]!).ShouldBeFalse();
        (await tool.Called(key)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Teams_and_users_are_listed_changed_and_deleted_with_their_keys()
    {
        var tool = await LiteLlmTool.Of(gateway);
        await tool.Post("/team/new", """{"team_id":"red","members_with_roles":[{"role":"admin","user_id":"ann"}]}""");
        await tool.Post("/team/member_add", """{"team_id":"red","member":{"role":"user","user_id":"ben"}}""");
        await tool.Post("/team/member_delete", """{"team_id":"red","user_id":"ann"}""");
        var user = await tool.Post("/user/new", """{"user_id":"ben","user_email":"ben@example.com","max_budget":7}""");
        await tool.Post("/key/generate", """{"team_id":"red"}""");

        var changed = await tool.Post("/team/update", """{"team_id":"red","max_budget":12.5}""");
        var teams = (await tool.Get("/team/list")).AsArray();
        var ben = await tool.Get("/user/info?user_id=ben");
        var page = await tool.Get("/key/list?team_id=red&return_full_object=true&size=5");
        var deleted = await tool.Post("/team/delete", """{"team_ids":["red"]}""");
        var users = await tool.Post("/user/delete", """{"user_ids":["ben"]}""");

        changed["data"]!["max_budget"]!.ToJsonString().ShouldBe("12.5");
        ((string)teams.Single()!["members"]![0]!, teams[0]!["admins"]!.AsArray().Count).ShouldBe(("ben", 0));
        ben["user_info"]!["max_budget"]!.ToJsonString().ShouldBe("7");
        ((string)ben["teams"]![0]!["team_id"]!, ben["keys"]!.AsArray().Count).ShouldBe(("red", 1));
        ((int)page["total_count"]!, (string)page["keys"]![0]!["team_id"]!).ShouldBe((1, "red"));
        ((string)deleted["deleted_teams"]![0]!, (int)users).ShouldBe(("red", 1));
        (await tool.Get("/team/list")).AsArray().ShouldBeEmpty();
        (await tool.Get("/key/list?team_id=red"))["keys"]!.AsArray().ShouldBeEmpty();
        gateway.Clock.Advance(TimeSpan.FromSeconds(2));
        (await tool.Called((string)user["key"]!)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (await tool.Refused("/team/new", """{"team_id":"red"}""")).Status.ShouldBe(400);
    }

    [Fact]
    public async Task What_was_spent_is_reported_exactly()
    {
        var tool = await LiteLlmTool.Of(gateway);
        await tool.Post("/team/new", """{"team_id":"sales","team_alias":"Sales"}""");
        var key = await tool.Post("/key/generate", """{"team_id":"sales","key_alias":"bot","user_id":"ann","tags":["night"]}""");
        var (token, day) = ((string)key["token"]!, gateway.Clock.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        (await tool.Called((string)key["key"]!)).EnsureSuccessStatusCode();
        (await tool.Called((string)key["key"]!)).EnsureSuccessStatusCode();

        var calls = (await tool.Get($"/spend/logs?api_key={token}")).AsArray();
        var days = (await tool.Get($"/spend/logs?start_date={day}&end_date={day}")).AsArray();
        var page = await tool.Get("/spend/logs/v2?page=2&page_size=1");
        var report = await tool.Get($"/global/spend/report?start_date={day}&end_date={day}&group_by=team");
        var byKey = await tool.Get("/global/spend/report?group_by=api_key");
        var teams = await tool.Get("/global/spend/teams");

        calls.Count.ShouldBe(2);
        var call = calls[0]!;
        call["spend"]!.ToJsonString().ShouldBe("0.000025");
        ((string)call["team_id"]!, (string)call["user"]!, (string)call["model"]!).ShouldBe(("sales", "ann", "demo-echo"));
        ((int)call["prompt_tokens"]!, (int)call["completion_tokens"]!, (int)call["total_tokens"]!).ShouldBe((2, 2, 4));
        ((string)call["request_tags"]![0]!, (string)call["status"]!).ShouldBe(("night", "success"));
        var sum = days.Single()!;
        ((string)sum["startTime"]!).ShouldBe(day);
        sum["spend"]!.ToJsonString().ShouldBe("0.00005");
        sum[token]!.ToJsonString().ShouldBe("0.00005");
        sum["users"]!["ann"]!.ToJsonString().ShouldBe("0.00005");
        ((int)page["total"]!, (int)page["total_pages"]!, page["data"]!.AsArray().Count).ShouldBe((2, 2, 1));
        ((string)report[0]!["teams"]![0]!["team_name"]!).ShouldBe("Sales");
        report[0]!["teams"]![0]!["total_spend"]!.ToJsonString().ShouldBe("0.00005");
        ((int)byKey[0]!["total_input_tokens"]!, (string)byKey[0]!["api_key"]!).ShouldBe((4, token));
        teams["total_spend_per_team"]![0]!["total_spend"]!.ToJsonString().ShouldBe("0.00005");
        (await tool.Get("/global/spend"))["spend"]!.ToJsonString().ShouldBe("0.00005");
        ((string)(await tool.Get("/global/spend/keys"))[0]!["key_alias"]!).ShouldBe("bot");
        ((string)(await tool.Get("/global/spend/models"))[0]!["model"]!).ShouldBe("demo-echo");
        ((string)(await tool.Get("/global/spend/tags"))[0]!["individual_request_tag"]!).ShouldBe("night");
        ((int)(await tool.Get("/global/activity"))["sum_total_tokens"]!).ShouldBe(8);
    }

    [Theory]
    [InlineData("start_date=0001-01-01")]
    [InlineData("end_date=0001-01-01")]
    [InlineData("end_date=9999-12-31")]
    [InlineData("start_date=9999-12-31&end_date=9999-12-31")]
    [InlineData("end_date=0001-01-01T00:00:00Z")]
    public async Task Dates_at_an_end_of_the_calendar_are_refused(string dates)
    {
        var tool = await LiteLlmTool.Of(gateway);

        foreach (var path in new[] { "/spend/logs", "/spend/logs/v2", "/global/spend/report", "/user/daily/activity", "/global/activity" })
        {
            (await tool.StatusOf($"{path}?{dates}")).ShouldBe(HttpStatusCode.BadRequest, path);
        }
    }

    [Fact]
    public async Task A_key_lives_longer_or_shorter_when_it_is_told_to()
    {
        var tool = await LiteLlmTool.Of(gateway);
        var made = await tool.Post("/key/generate", """{"duration":"1h"}""");

        var longer = await tool.Post("/key/update", $$"""{"key":"{{made["token"]}}","duration":"2h"}""");
        gateway.Clock.Advance(TimeSpan.FromMinutes(70));
        var still = await tool.Called((string)made["key"]!);
        var forEver = await tool.Post("/key/update", $$"""{"key":"{{made["token"]}}","duration":null}""");
        await tool.Post("/key/update", $$"""{"key":"{{made["token"]}}","duration":"1h"}""");
        gateway.Clock.Advance(TimeSpan.FromMinutes(61));
        var ended = await tool.Called((string)made["key"]!);
        var late = await tool.Refused("/key/update", $$"""{"key":"{{made["token"]}}","duration":"1h"}""");

        DateTimeOffset.Parse((string)longer["expires"]!, CultureInfo.InvariantCulture)
            .ShouldBe(DateTimeOffset.Parse((string)made["expires"]!, CultureInfo.InvariantCulture).AddHours(1));
        still.StatusCode.ShouldBe(HttpStatusCode.OK);
        forEver["expires"].ShouldBeNull();
        ended.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        (late.Status, (string)late.Error["message"]!).ShouldBe(
            (400, "'duration' cannot be changed: the key has ended or was replaced."));
    }

    [Fact]
    public async Task Keys_and_customers_are_held_to_limits_that_are_kept_once()
    {
        var tool = await LiteLlmTool.Of(gateway);
        await tool.Post("/budget/new", """{"budget_id":"trial","max_budget":2.5,"budget_duration":"30d","rpm_limit":60}""");
        var key = await tool.Post("/key/generate", """{"budget_id":"trial"}""");
        var customer = await tool.Post("/customer/new", """{"user_id":"shop","budget_id":"trial","alias":"The shop"}""");

        await tool.Post("/budget/update", """{"budget_id":"trial","max_budget":0,"rpm_limit":30}""");
        var changed = await tool.Get($"/key/info?key={key["token"]}");
        var shop = await tool.Get("/end_user/info?end_user_id=shop");
        var refused = await tool.Refused("/chat/completions", Call, (string)key["key"]!);
        var inUse = await tool.Refused("/budget/delete", """{"id":"trial"}""");
        var both = await tool.Refused("/key/generate", """{"budget_id":"trial","max_budget":1}""");
        var beside = await tool.Refused("/key/update", $$"""{"key":"{{key["token"]}}","max_budget":9}""");
        var parallel = await tool.Refused("/budget/update", """{"budget_id":"trial","max_parallel_requests":2}""");
        var own = await tool.Post("/key/update", $$"""{"key":"{{key["token"]}}","budget_id":null,"max_budget":7}""");
        await tool.Post("/customer/delete", """{"user_ids":["shop"]}""");
        var list = (await tool.Get("/budget/list")).AsArray();
        var info = (await tool.Post("/budget/info", """{"budgets":["trial","other"]}""")).AsArray();
        await tool.Post("/budget/delete", """{"id":"trial"}""");

        (key["max_budget"]!.ToJsonString(), (string)key["budget_id"]!, (int)key["rpm_limit"]!).ShouldBe(("2.5", "trial", 60));
        ((string)key["budget_duration"]!).ShouldBe("30d");
        customer["litellm_budget_table"]!["max_budget"]!.ToJsonString().ShouldBe("2.5");
        (changed["info"]!["max_budget"]!.ToJsonString(), (int)changed["info"]!["rpm_limit"]!).ShouldBe(("0", 30));
        shop["litellm_budget_table"]!["max_budget"]!.ToJsonString().ShouldBe("0");
        ((string)shop["alias"]!).ShouldBe("The shop");
        (refused.Status, (string)refused.Error["type"]!).ShouldBe((429, "budget_exceeded"));
        inUse.Status.ShouldBe(400);
        both.Status.ShouldBe(400);
        ((string)beside.Error["message"]!).ShouldContain("trial");
        ((string)parallel.Error["message"]!).ShouldContain("customers");
        (own["max_budget"]!.ToJsonString(), own["budget_id"], own["rpm_limit"]).ShouldBe(("7", null, null));
        ((string)list.Single()!["budget_id"]!, info.Count).ShouldBe(("trial", 1));
        (await tool.Get("/budget/list")).AsArray().ShouldBeEmpty();
        (await tool.Refused("/key/generate", """{"budget_id":"trial"}""")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task A_customer_is_held_to_a_budget_and_blocked_whosever_key_names_them()
    {
        var tool = await LiteLlmTool.Of(gateway);
        var key = (string)(await tool.Post("/key/generate", """{"user_id":"seller"}"""))["key"]!;
        var named = Call.Replace("\"max_tokens\"", "\"user\":\"buyer\",\"max_tokens\"");
        await tool.Post("/customer/new", """{"user_id":"buyer","max_budget":1,"budget_duration":"1d"}""");

        var answered = await tool.Called(key, named);
        var spent = await tool.Get("/customer/info?end_user_id=buyer");
        await tool.Post("/customer/update", """{"user_id":"buyer","max_budget":0}""");
        var broke = await tool.Refused("/chat/completions", named, key);
        await tool.Post("/customer/update", """{"user_id":"buyer","max_budget":null}""");
        await tool.Post("/customer/block", """{"user_ids":["buyer","stranger"]}""");
        gateway.Clock.Advance(TimeSpan.FromSeconds(2));
        var blocked = await tool.Refused("/chat/completions", named, key);
        var stranger = await tool.Refused("/chat/completions", named.Replace("buyer", "stranger"), key);
        var byHeader = await tool.Refused("/chat/completions", Call, key, customer: "stranger");
        var other = await tool.Called(key, named.Replace("buyer", "other"));
        await tool.Post("/customer/unblock", """{"user_ids":["buyer"]}""");
        var list = (await tool.Get("/customer/list")).AsArray();
        var deleted = await tool.Post("/customer/delete", """{"user_ids":["buyer","stranger"]}""");
        gateway.Clock.Advance(TimeSpan.FromSeconds(2));

        answered.StatusCode.ShouldBe(HttpStatusCode.OK);
        spent["spend"]!.ToJsonString().ShouldBe("0.000025");
        (broke.Status, (string)broke.Error["type"]!).ShouldBe((429, "budget_exceeded"));
        (blocked.Status, stranger.Status, byHeader.Status).ShouldBe((401, 401, 401));
        ((string)blocked.Error["message"]!).ShouldBe("The customer of this call is blocked.");
        other.StatusCode.ShouldBe(HttpStatusCode.OK);
        list.Select(one => ((string)one!["user_id"]!, (bool)one["blocked"]!)).ShouldBe([("buyer", false), ("stranger", true)]);
        ((int)deleted["deleted_customers"]!).ShouldBe(2);
        (await tool.Called(key, named.Replace("buyer", "stranger"))).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await tool.Post("/customer/new", """{"user_id":"buyer"}""")).ShouldNotBeNull("a customer may come back");
        (await tool.Refused("/customer/new", """{"user_id":"x","allowed_model_region":"eu"}""")).Status.ShouldBe(400);
        (await tool.Refused("/customer/new", "{}")).Status.ShouldBe(400);
    }

    [Fact]
    public async Task What_a_key_spent_before_it_was_replaced_and_after_is_its_teams()
    {
        var tool = await LiteLlmTool.Of(gateway);
        await tool.Post("/team/new", """{"team_id":"green"}""");
        var first = await tool.Post("/key/generate", """{"team_id":"green","user_id":"ann"}""");
        (await tool.Called((string)first["key"]!)).EnsureSuccessStatusCode();
        var second = await tool.Post($"/key/{first["token"]}/regenerate", "{}");
        (await tool.Called((string)second["key"]!)).EnsureSuccessStatusCode();

        (await tool.Get("/spend/logs?team_id=green")).AsArray().Count.ShouldBe(2);
        ((int)(await tool.Get("/spend/logs/v2?user_id=ann"))["total"]!).ShouldBe(2);
        (await tool.Get("/team/daily/activity?team_ids=green"))["metadata"]!["total_api_requests"]!.ToJsonString().ShouldBe("2");
    }

    [Fact]
    public async Task The_organisation_its_days_and_what_a_call_would_cost_are_shown()
    {
        var tool = await LiteLlmTool.Of(gateway);
        await tool.Post("/team/new", """{"team_id":"blue"}""");
        var key = await tool.Post("/key/generate", """{"team_id":"blue","user_id":"ann","key_alias":"bot"}""");
        (await tool.Called((string)key["key"]!)).EnsureSuccessStatusCode();
        var day = gateway.Clock.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

        var teams = await tool.Get($"/team/daily/activity?team_ids=blue,red&start_date={day}&end_date={day}");
        var users = await tool.Get($"/user/daily/activity?start_date={day}&end_date={day}");
        var nobody = await tool.Get("/user/daily/activity?user_id=ben");
        var organisation = await tool.Get("/organization/info");
        var listed = (await tool.Get("/organization/list")).AsArray().Single()!;
        var kept = await tool.Refused("/organization/new", """{"organization_alias":"other"}""");
        var ofAnswer = await tool.Post("/spend/calculate", """
            {"completion_response":{"model":"demo-echo","usage":{"prompt_tokens":100,"completion_tokens":10}}}
            """);
        var ofMessages = await tool.Post("/spend/calculate", Call);
        var unknown = await tool.Refused("/spend/calculate", Call.Replace("demo-echo", "nothing"));
        var empty = await tool.Refused("/spend/calculate", """{"model":"demo-echo"}""");

        var (sums, parts) = (teams["results"]!.AsArray().Single()!["metrics"]!, teams["results"]![0]!["breakdown"]!);
        ((string)teams["results"]![0]!["date"]!).ShouldBe(day);
        (sums["spend"]!.ToJsonString(), (int)sums["prompt_tokens"]!, (int)sums["api_requests"]!).ShouldBe(("0.000025", 2, 1));
        ((int)sums["successful_requests"]!, (int)sums["failed_requests"]!).ShouldBe((1, 0));
        parts["entities"]!["blue"]!["metrics"]!["total_tokens"]!.ToJsonString().ShouldBe("4");
        ((string)parts["api_keys"]![(string)key["token"]!]!["metadata"]!["key_alias"]!).ShouldBe("bot");
        parts["models"]!["demo-echo"].ShouldNotBeNull();
        users["metadata"]!["total_spend"]!.ToJsonString().ShouldBe("0.000025");
        users["results"]![0]!["breakdown"]!["entities"]!["ann"].ShouldNotBeNull();
        nobody["results"]!.AsArray().ShouldBeEmpty();
        ((string)organisation["organization_id"]!).ShouldBe(tool.Org.Id.ToString());
        (organisation["spend"]!.ToJsonString(), organisation["teams"]!.AsArray().Count).ShouldBe(("0.000025", 1));
        ((string)listed["organization_id"]!).ShouldBe(tool.Org.Id.ToString());
        (kept.Status, (string)kept.Error["type"]!).ShouldBe((400, "bad_request_error"));
        ofAnswer["cost"]!.ToJsonString().ShouldBe("0.00035", "100 in for 2.5, 10 out for 10");
        ((decimal)ofMessages["cost"]!).ShouldBeGreaterThan(0);
        unknown.Status.ShouldBe(404);
        empty.Status.ShouldBe(400);
    }

    [Fact]
    public async Task Tools_find_models_and_a_living_proxy()
    {
        var tool = await LiteLlmTool.Of(gateway);

        var models = (await tool.Get("/model/info"))["data"]!.AsArray();

        models.Select(model => (string)model!["model_name"]!).ShouldContain("demo-echo");
        (await tool.Get("/models"))["data"]!.AsArray().Count.ShouldBe(models.Count);
        ((string)(await tool.Get("/health/liveliness"))!).ShouldBe("I'm alive!");
        ((string)(await tool.Get("/health/readiness"))["db"]!).ShouldBe("connected");
    }
}
