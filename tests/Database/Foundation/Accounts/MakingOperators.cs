using Quoin.Accounts;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

public sealed class MakingOperators(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Happens_once_whatever_the_capitals_of_the_address()
    {
        await using var replica = new AccountsReplica(database);

        var first = await replica.Operators.Create("Ada@Example.com", [OperatorRole.Admin], "system", default);
        var second = await replica.Operators.Create("ada@example.COM", [OperatorRole.Admin], "system", default);

        var created = first.ShouldBeOfType<CreateOperatorOutcome.Created>().Operator;
        var existing = second.ShouldBeOfType<CreateOperatorOutcome.AlreadyOperator>().Operator;
        existing.Id.ShouldBe(created.Id);
        existing.Email.ShouldBe("Ada@Example.com");
    }

    [Fact]
    public async Task Makes_one_when_many_try_at_once()
    {
        await using var replica = new AccountsReplica(database);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            replica.Operators.Create("rush@example.com", [OperatorRole.Admin], "system", default)));

        outcomes.OfType<CreateOperatorOutcome.Created>().Count().ShouldBe(1);
        outcomes.OfType<CreateOperatorOutcome.AlreadyOperator>().Count().ShouldBe(7);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nobody")]
    [InlineData("@example.com")]
    [InlineData("a b@example.com")]
    [InlineData("a@")]
    public async Task Is_refused_without_a_proper_address(string email)
    {
        await using var replica = new AccountsReplica(database);

        var outcome = await replica.Operators.Create(email, [OperatorRole.Admin], "system", default);

        outcome.ShouldBeOfType<CreateOperatorOutcome.Invalid>().Input.Errors.Keys.ShouldBe(["email"]);
    }

    [Fact]
    public async Task Gives_no_link_to_somebody_who_is_none()
    {
        await using var replica = new AccountsReplica(database);

        var outcome = await replica.Operators.CreateSignInLink("stranger@example.com", "system", default);

        outcome.ShouldBeOfType<CreateSignInLinkOutcome.NoSuchOperator>();
    }

    [Fact]
    public async Task Keeps_no_token_of_a_link()
    {
        await using var replica = new AccountsReplica(database);
        var link = await replica.Operators.CreateLink("hash@example.com");

        await using var command = database.Owner.CreateCommand("""
            select count(*)
            from accounts.sign_in_links
            where encode(secret_hash, 'escape') like '%qn_signin%'
                or octet_length(secret_hash) <> 32
            """);

        link.ShouldStartWith("/sign-in?token=qn_signin_");
        (await command.ExecuteScalarAsync()).ShouldBe(0L);
    }
}
