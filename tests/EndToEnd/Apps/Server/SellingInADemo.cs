using System.Text.Json.Nodes;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Apps.Server;

/// <summary><c>quoin serve --demo</c>: hosts on one folder share a Stripe simulator, which outlives the host that ran it.</summary>
public sealed class SellingInADemo
{
    [Fact]
    public async Task The_simulator_of_a_killed_host_goes_on_in_another_with_all_that_was_sold()
    {
        using var folder = await TestFolder.Create();
        await using var second = await StartTwoAndKillTheFirst(folder.Data);
        var keys = Keys(folder.Data);
        using var stripe = Stripe(keys);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));

        string customers;
        while (true)
        {
            try
            {
                customers = await stripe.GetStringAsync("/v1/customers", patience.Token);
                break;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), patience.Token);
            }
        }

        customers.ShouldContain("kept@example.com");
        var endpoints = JsonNode.Parse(await stripe.GetStringAsync("/v1/webhook_endpoints", patience.Token))!["data"]!.AsArray();
        endpoints.Single()!["url"]!.GetValue<string>().ShouldBe(new Uri(second.Address, "/v1/webhooks/stripe").ToString());
        second.Output.ShouldContain("Test payments are simulated at");
        second.Output.ShouldNotContain(keys["SecretKey"]!.GetValue<string>());
    }

    private static async Task<QuoinProcess> StartTwoAndKillTheFirst(string folder)
    {
        await using var first = await QuoinProcess.ServeFolder(folder, "--demo");
        using (var stripe = Stripe(Keys(folder)))
        {
            using var form = new FormUrlEncodedContent([KeyValuePair.Create("email", "kept@example.com")]);
            (await stripe.PostAsync("/v1/customers", form)).EnsureSuccessStatusCode();
        }

        var second = await QuoinProcess.ServeFolder(folder, "--demo");
        first.Kill();
        return second;
    }

    private static JsonNode Keys(string folder) =>
        JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "stripe-simulator", "keys.json")))!;

    private static HttpClient Stripe(JsonNode keys)
    {
        var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{keys["Port"]}") };
        client.DefaultRequestHeaders.Authorization = new("Bearer", keys["SecretKey"]!.GetValue<string>());
        return client;
    }
}
