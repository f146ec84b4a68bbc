using Quoin.Tests.EndToEnd.Foundation.Accounts;

namespace Quoin.Tests.EndToEnd.Agents;

/// <summary>
/// The vendors' libraries for Node.js against demo models and across translation: chat, streams, tools run by the library,
/// responses, messages, thoughts, embeddings, errors, streams that break off.
/// </summary>
[Collection(GatewayTests.Name)]
public sealed class CallingModelsFromNode(Gateway gateway)
{
    [Fact]
    public async Task Is_as_the_libraries_expect()
    {
        var said = await NodeProgram.Run("gateway.mjs", gateway.Host.Address.ToString(), gateway.Organisation.Key);

        said.Trim().ShouldBe("done");
    }
}
