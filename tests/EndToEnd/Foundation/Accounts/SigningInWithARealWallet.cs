using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Quoin.Accounts;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Foundation.Accounts;

/// <summary>The reference library for ERC-4361 with a real wallet's signatures, against the running host.</summary>
public sealed class SigningInWithARealWallet(TestDatabase database) : IClassFixture<TestDatabase>
{
    // web3.js's documentation gives this key away.
    private const string Key = "0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318";

    [Fact]
    public async Task Works_with_siwe_and_viem_and_fails_where_it_must()
    {
        await using var host = await TestHost.Start(database, "api", configure: services =>
            services.AddSingleton(new AccountsOptions { SignUp = SignUpPolicy.Open }));

        var printed = await NodeProgram.Run("sign-in-with-ethereum.mjs", host.Address.ToString(), Key);

        var answers = JsonNode.Parse(printed)!;
        answers["state"]!.ToString().ShouldBe("signed_in", printed);
        answers["wallets"]![0]!["address"]!.ToString().ShouldBe(answers["address"]!.ToString());
        answers["reused"]!.ToString().ShouldBe("siwe_nonce_used");
        answers["domain"]!.ToString().ShouldBe("siwe_wrong_domain");
        answers["chain"]!.ToString().ShouldBe("siwe_other_chain");
        answers["expired"]!.ToString().ShouldBe("siwe_expired");
        answers["early"]!.ToString().ShouldBe("siwe_not_yet_valid");
        answers["tampered"]!.ToString().ShouldBe("siwe_bad_signature");
    }
}
