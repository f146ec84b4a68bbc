using Quoin.Accounts;

namespace Quoin.Tests.Unit.Foundation.Accounts;

/// <summary>ERC-4361's grammar; the texts were written by the reference library.</summary>
public sealed class ReadingASignInMessage
{
    private const string Address = "0x2c7536E3605D9C16a7a3D7b1898e529396a65c23";

    private const string Ends = "Expiration Time: 2026-01-01T00:05:00Z";
    private const string Begins = "Not Before: 2025-12-31T23:59:00Z";

    private const string Whole = $"""
        quoin.example wants you to sign in with your Ethereum account:
        {Address}

        Sign in to Quoin.

        URI: https://quoin.example
        Version: 1
        Chain ID: 1
        Nonce: 0123456789abcdef
        Issued At: 2026-01-01T00:00:00.000Z
        Expiration Time: 2026-01-01T00:05:00Z
        Not Before: 2025-12-31T23:59:00Z
        Request ID: some-id
        Resources:
        - ipfs://bafybeiemxf5abjwjbikoz4mc3a3dla6ual3jsgpdr4cjr3oz3evfyavhwq/
        - https://example.com/my-web2-claim.json
        """;

    private const string Short = $"""
        quoin.example wants you to sign in with your Ethereum account:
        {Address}


        URI: https://quoin.example
        Version: 1
        Chain ID: 1
        Nonce: 0123456789abcdef
        Issued At: 2026-01-01T00:00:00.000Z
        """;

    private static readonly Uri Origin = new("https://quoin.example");
    private static readonly DateTimeOffset Then = new(2026, 1, 1, 0, 1, 0, TimeSpan.Zero);

    [Fact]
    public void Reads_every_part()
    {
        var message = Read(Whole).ShouldNotBeNull();

        message.Domain.ShouldBe("quoin.example");
        message.Address.ToString().ShouldBe(Address);
        message.Statement.ShouldBe("Sign in to Quoin.");
        message.Uri.ShouldBe(new Uri("https://quoin.example"));
        message.ChainId.ShouldBe(1);
        message.Nonce.ShouldBe("0123456789abcdef");
        message.IssuedAt.ShouldBe(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        message.ExpirationTime.ShouldBe(new DateTimeOffset(2026, 1, 1, 0, 5, 0, TimeSpan.Zero));
        message.NotBefore.ShouldBe(new DateTimeOffset(2025, 12, 31, 23, 59, 0, TimeSpan.Zero));
    }

    [Fact]
    public void Reads_the_shortest_there_is()
    {
        var message = Read(Short).ShouldNotBeNull();

        message.Statement.ShouldBeNull();
        message.ExpirationTime.ShouldBeNull();
        message.NotBefore.ShouldBeNull();
    }

    [Fact]
    public void Reads_what_it_writes()
    {
        var message = Read(Whole)! with { };

        Read(message.ToString()).ShouldBe(message);
        Read(Short)!.ToString().ShouldBe(Short.Replace(".000Z", "Z", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Version: 1", "Version: 2")]
    [InlineData("Version: 1\n", "")]
    [InlineData("Nonce: 0123456789abcdef", "Nonce: 0123456")]
    [InlineData("Nonce: 0123456789abcdef", "Nonce: 0123456789abcde_")]
    [InlineData("Chain ID: 1", "Chain ID: one")]
    [InlineData("Chain ID: 1", "Chain ID: 99999999999999999999")]
    [InlineData("https://quoin.example", "quoin.example/login")]
    [InlineData("account:", "account")]
    [InlineData("2026-01-01T00:00:00.000Z", "2026-13-01T00:00:00.000Z")]
    [InlineData("2026-01-01T00:00:00.000Z", "2026-01-01 00:00:00")]
    [InlineData("2026-01-01T00:05:00Z", "soon")]
    [InlineData("Sign in to Quoin.", "Sign in\nto Quoin.")]
    [InlineData("Sign in to Quoin.", "Ünsigned")]
    [InlineData("\n", "\r\n")]
    [InlineData($"{Ends}\n{Begins}", $"{Begins}\n{Ends}")]
    [InlineData("0x2c7536E3605D9C16a7a3D7b1898e529396a65c23", "0x2c7536e3605d9c16a7a3d7b1898e529396a65c23")]
    [InlineData("- ipfs://", "* ipfs://")]
    [InlineData("claim.json", "claim.json\n")]
    public void Refuses_what_departs_from_the_grammar(string part, string other) =>
        Read(Whole.Replace(part, other, StringComparison.Ordinal)).ShouldBeNull();

    [Theory]
    [InlineData("https://quoin.example", 1, "2026-01-01T00:01:00Z", SiweVerdict.Good)]
    [InlineData("https://evil.example", 1, "2026-01-01T00:01:00Z", SiweVerdict.WrongDomain)]
    [InlineData("https://quoin.example:8443", 1, "2026-01-01T00:01:00Z", SiweVerdict.WrongDomain)]
    [InlineData("http://quoin.example", 1, "2026-01-01T00:01:00Z", SiweVerdict.WrongUri)]
    [InlineData("https://quoin.example", 10, "2026-01-01T00:01:00Z", SiweVerdict.OtherChain)]
    [InlineData("https://quoin.example", 1, "2025-12-31T23:58:00Z", SiweVerdict.NotYetValid)]
    [InlineData("https://quoin.example", 1, "2026-01-01T00:05:00Z", SiweVerdict.Expired)]
    public void Holds_only_here_and_now(string origin, long chain, string now, SiweVerdict verdict) =>
        Read(Whole)!.Judge(new Uri(origin), [chain], DateTimeOffset.Parse(now, null)).ShouldBe(verdict);

    [Fact]
    public void Is_old_after_six_minutes_even_where_it_names_no_end()
    {
        var message = Read(Short)!;

        message.Judge(Origin, [1], Then.AddMinutes(4)).ShouldBe(SiweVerdict.Good);
        message.Judge(Origin, [1], Then.AddMinutes(6)).ShouldBe(SiweVerdict.Expired);
    }

    private static SiweMessage? Read(string text) => SiweMessage.TryParse(text, out var message) ? message : null;
}
