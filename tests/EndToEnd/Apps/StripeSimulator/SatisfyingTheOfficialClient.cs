using Quoin.Tests.EndToEnd.Foundation.Accounts;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Apps.Simulating;

/// <summary>The simulator under Stripe's own library for Node.js: what satisfies it is near enough to Stripe for us.</summary>
public sealed class SatisfyingTheOfficialClient(SimulatorFixture stripe) : IClassFixture<SimulatorFixture>
{
    [Fact]
    public async Task Calls_pages_errors_keys_and_webhooks_are_what_the_library_expects()
    {
        var said = await NodeProgram.Run("stripe-simulator.mjs", stripe.Address.ToString());

        said.Trim().ShouldBe("done");
    }
}
