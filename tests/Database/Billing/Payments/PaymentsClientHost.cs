using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Quoin.Accounts;
using Quoin.Payments;
using Quoin.Payments.Stripe;
using Quoin.Platform;
using Quoin.StripeSimulator;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Billing.Payments;

/// <summary>A host whose test-mode organisations pay through a simulator, with a client that may do anything for one.</summary>
public sealed class PaymentsClientHost : IAsyncDisposable
{
    private static int seeds = 1_000;

    private PaymentsClientHost(TestHost host, TestOrganisation org, HttpClient operatorClient) =>
        (Host, Org, Operator) = (host, org, operatorClient);

    /// <summary>The host; nothing runs in its background.</summary>
    public TestHost Host { get; }

    /// <summary>The customer's organisation.</summary>
    public TestOrganisation Org { get; }

    /// <summary>A client of the operator that names the organisation, and may buy for it: machines of customers may not.</summary>
    public HttpClient Operator { get; }

    /// <summary>A simulator whose ids no other one of this run has made: databases are shared by a class.</summary>
    public static Task<SimulatorFixture> StartStripe(TimeProvider? clock = null) => SimulatorFixture.Start(
        new SimulatorOptions { Seed = Interlocked.Increment(ref seeds), Time = clock ?? TimeProvider.System });

    /// <summary>Starts it.</summary>
    /// <param name="database">Where it keeps what it knows.</param>
    /// <param name="stripe">Through which test-mode organisations pay.</param>
    /// <param name="clock">Its system clock.</param>
    /// <param name="provider">
    /// Talks to the simulator in both modes: with a clock that stands still, calls must still end in time.
    /// </param>
    public static async Task<PaymentsClientHost> Start(
        TestDatabase database, SimulatorFixture stripe, TimeProvider? clock = null, IPaymentProvider? provider = null)
    {
        var host = await TestHost.Start(database, "api", clock, configure: services =>
        {
            services.AddSingleton(new StripeAccounts(Live: null, TalkingToTheSimulator.SettingsOf(stripe)));
            if (provider is not null)
            {
                services.AddSingleton<IPaymentProviders>(built =>
                    new ScriptedProviders(provider, built.GetRequiredService<Organisations>()));
            }
        });
        var org = await host.CreateOrganisation(Settlement.Prepaid);
        var operatorClient = await host.OperatorClient();
        operatorClient.DefaultRequestHeaders.Add("Quoin-Org", org.Id.ToString());
        await host.Get<JobRunner>().StartingAsync(default);
        return new PaymentsClientHost(host, org, operatorClient);
    }

    /// <summary>Runs what is due of jobs, on this thread, until nothing is: a replica takes only so many at once.</summary>
    public async Task RunDueJobs()
    {
        while (await Host.Get<JobRunner>().RunDue(default) > 0)
        {
        }
    }

    /// <summary>The body of an answer that went well.</summary>
    public static async Task<JsonNode> Ok(Task<HttpResponseMessage> call)
    {
        using var answer = await call;
        var text = await answer.Content.ReadAsStringAsync();
        return answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Created
            ? JsonNode.Parse(text)!
            : throw new InvalidOperationException($"{(int)answer.StatusCode}: {text}");
    }

    /// <summary>The problem of an answer that went wrong.</summary>
    public static async Task<string> Problem(Task<HttpResponseMessage> call)
    {
        using var answer = await call;
        return (string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"]!;
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Operator.Dispose();
        await Host.DisposeAsync();
    }
}
