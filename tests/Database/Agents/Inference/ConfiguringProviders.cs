using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Agents.Inference;

/// <summary>A provider's key goes where it was given for, and who adds something overwrites nothing.</summary>
public sealed class ConfiguringProviders(Gateway gateway) : IClassFixture<Gateway>
{
    [Theory]
    [InlineData("openai", "https://elsewhere.example/v1")]
    [InlineData("anthropic", "https://api.openai.com/v1")]
    public async Task A_key_is_asked_for_again_where_it_would_go_elsewhere(string kind, string address)
    {
        var path = await Provider($"moved-{kind}");

        var refused = await Put(path, new { kind, base_url = address, reason = "test" });
        var moved = await Put(path, new { kind, base_url = address, credential = "sk-new", reason = "test" });

        refused.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        var problem = JsonNode.Parse(await refused.Content.ReadAsStringAsync())!;
        ((string)problem["code"]!, (string)problem["errors"]![0]!["member"]!).ShouldBe(("invalid_model_configuration", "credential"));
        moved.StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_key_stays_where_only_other_things_change()
    {
        var path = await Provider("stays");

        var changed = await Put(
            path, new { kind = "openai", base_url = "https://API.openai.com/v1/", idle_seconds = 30, reason = "test" });

        ((bool)JsonNode.Parse(await changed.Content.ReadAsStringAsync())!["has_credential"]!).ShouldBeTrue();
    }

    [Fact]
    public async Task A_provider_that_is_added_overwrites_none_of_its_name()
    {
        await Provider("taken");

        var refused = await PostForm("/console/models/providers/edit", [
            ("act", "set"), ("name", "taken"), ("kind", "openai"), ("base_url", "https://elsewhere.example/v1"),
            ("credential", "sk-other"), ("first_byte", "30"), ("idle", "30"), ("total", "30"), ("enabled", "yes"), ("reason", "test")]);

        refused.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        var page = await refused.Content.ReadAsStringAsync();
        page.ShouldContain("There is a provider &#x27;taken&#x27; already");
        page.ShouldContain("Add a provider");
        (await BaseUrl("taken")).ShouldBe("https://api.openai.com/v1");
    }

    [Fact]
    public async Task A_providers_form_changes_it()
    {
        await Provider("changed");

        var saved = await PostForm("/console/models/providers/edit", [
            ("act", "set"), ("known", "yes"), ("name", "changed"), ("kind", "openai"), ("base_url", "https://elsewhere.example/v1"),
            ("credential", "sk-other"), ("first_byte", "30"), ("idle", "30"), ("total", "30"), ("enabled", "yes"), ("reason", "test")]);

        saved.IsSuccessStatusCode.ShouldBeTrue(await saved.Content.ReadAsStringAsync());
        (await BaseUrl("changed")).ShouldBe("https://elsewhere.example/v1");
    }

    [Fact]
    public async Task A_model_that_is_offered_overwrites_none_of_its_name()
    {
        await Provider("offering");
        var model = new { provider = "offering", model = "gpt-4o", input_tokens_max = 1_000, output_tokens_max = 100 };
        (await Put("/v1/inference/models", new { model = "fast", deployments = new[] { model }, reason = "test" }))
            .EnsureSuccessStatusCode();

        var refused = await PostForm("/console/models/edit", [
            ("act", "set"), ("known", ""), ("model", "fast"), ("provider", "offering"), ("name", "another"), ("input", "1000"),
            ("output", "100"), ("tier", ""), ("weight", "1"), ("shadow", "0"), ("tags", ""), ("region", ""), ("first_byte", ""),
            ("total", ""), ("idle", ""), ("reason", "test")]);

        refused.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        (await refused.Content.ReadAsStringAsync()).ShouldContain("There is a model &#x27;fast&#x27; already");
        (await gateway.Operator.GetStringAsync("/v1/inference/models")).ShouldNotContain("another");
    }

    private async Task<string> Provider(string name)
    {
        var path = $"/v1/inference/providers/{name}";
        var added = await Put(
            path, new { kind = "openai", base_url = "https://api.openai.com/v1", credential = "sk-first", reason = "test" });
        added.StatusCode.ShouldBe(HttpStatusCode.OK, await added.Content.ReadAsStringAsync());
        return path;
    }

    private async Task<string> BaseUrl(string provider) =>
        (string)(await gateway.Operator.GetJson("/v1/inference/providers"))["data"]!.AsArray()
            .Single(one => (string)one!["name"]! == provider)!["base_url"]!;

    private Task<HttpResponseMessage> Put(string path, object body) => gateway.Operator.PutAsJsonAsync(path, body);

    private async Task<HttpResponseMessage> PostForm(string path, (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.Select(one => KeyValuePair.Create(one.Name, one.Value)));
        return await gateway.Operator.PostAsync(path, form);
    }
}
