using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Quoin.Cli;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Apps.Cli;

public sealed class ImportingPricesFromAFile(TwoReplicas replicas) : IClassFixture<TwoReplicas>, IAsyncLifetime
{
    // Of the shape of the public file: prices that change with a request's size, none at all, and one nobody can say here.
    private const string Models = """
        [{"id":"acme","name":"Acme","models":[
          {"id":"small","match":{"equals":"small"},"prices":{"input_mtok":2.5,"output_mtok":10}},
          {"id":"large","match":{"equals":"large"},
           "prices":{"input_mtok":{"base":1.25,"tiers":[{"start":200000,"price":2.5}]}}},
          {"id":"secret","match":{"equals":"secret"},"prices":{}},
          {"id":"painter","match":{"equals":"painter"},"prices":{"image_kcount":3}}]}]
        """;

    private readonly string folder = Directory.CreateTempSubdirectory("quoin-test-").FullName;
    private readonly HttpClient client = new();
    private string key = null!;

    public async Task InitializeAsync()
    {
        key = await replicas.NewOperatorKey();
        client.BaseAddress = new Uri(replicas.Urls[0]);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
    }

    public Task DisposeAsync()
    {
        client.Dispose();
        Directory.Delete(folder, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Makes_a_draft_and_says_what_became_of_each_model()
    {
        var imported = await Import(Models, "--markup", "0.2");

        imported.ExitCode.ShouldBe(ExitCodes.Done, imported.Output);
        imported.Output.ShouldMatch("^pd_[0-9a-z]{26}: 7 prices of 2 models, of 4\n");
        imported.Output.ShouldContain("unpriced: 1\n  acme/secret: usage waits for a price\n");
        imported.Output.ShouldContain("unsupported: 1\n  acme/painter: 'image_kcount' has no meter\n");
        imported.Output.ShouldMatch("notes: 0: GET /v1/price-drafts/pd_[0-9a-z]{26}\n");
        imported.Output.ShouldContain("bands begin beyond: 200000\n");
        var draft = await client.GetJson($"/v1/price-drafts/{imported.Output.Split(':')[0]}/diff?limit=100");
        var small = draft["data"]!.AsArray().Single(price =>
            (string)price!["meter"]! == "llm.input_tokens" && (string)price["match"]!["model"]! == "small")!;
        small["after"]!.ToJsonString().ShouldContain("2.5");
        small["after"]!.ToJsonString().ShouldContain("0.2");
    }

    [Fact]
    public async Task Says_in_one_line_what_is_wrong_with_a_file()
    {
        var imported = await Import("""{"no":"list"}""");

        imported.ExitCode.ShouldBe(ExitCodes.Failed, imported.Output);
        imported.Output.Trim().Split('\n').Length.ShouldBeLessThanOrEqualTo(2, imported.Output);
        imported.Output.ShouldContain("The file is no list of providers.");
    }

    private async Task<(int ExitCode, string Output)> Import(string text, params string[] more)
    {
        var book = await client.PostAsJsonAsync(
            "/v1/price-books", new { name = Path.GetFileName(folder), currency = "USD", is_default = false });
        var id = (string)(await book.Json())["id"]!;
        var file = Path.Combine(folder, "models.json");
        await File.WriteAllTextAsync(file, text);
        return await replicas.Quoin(key, ["prices", "import", file, "--format", "genai", "--book", id, .. more]);
    }
}
