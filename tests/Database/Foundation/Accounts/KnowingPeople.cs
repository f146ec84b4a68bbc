using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

public sealed class KnowingPeople(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Finds_a_person_by_id_and_by_address_whatever_its_capitals()
    {
        await using var replica = new AccountsReplica(database);

        var created = await Create(replica, new NewUser("Ada", "Ada@Example.com"));

        var user = created.ShouldBeOfType<CreateUserOutcome.Created>().User;
        (await replica.Users.Find(user.Id, default)).ShouldBe(user);
        (await replica.Users.FindByEmail("ADA@example.com", default)).ShouldBe(user);
        user.DisplayName.ShouldBe("Ada");
    }

    [Fact]
    public async Task Gives_an_address_to_one_person_only()
    {
        await using var replica = new AccountsReplica(database);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            Create(replica, new NewUser(null, "rush@example.com"))));

        var created = outcomes.OfType<CreateUserOutcome.Created>().ShouldHaveSingleItem();
        outcomes.OfType<CreateUserOutcome.AddressTaken>().ShouldAllBe(taken => taken.User.Id == created.User.Id);
        outcomes.OfType<CreateUserOutcome.AddressTaken>().Count().ShouldBe(7);
    }

    [Fact]
    public async Task Believes_an_address_only_once_somebody_vouched_for_it()
    {
        await using var replica = new AccountsReplica(database);

        var said = ((CreateUserOutcome.Created)await Create(replica, new NewUser(null, "said@example.com"))).User;
        var vouched = ((CreateUserOutcome.Created)await Create(
            replica, new NewUser(null, "vouched@example.com", EmailIsVerified: true))).User;

        (await replica.Users.ConfirmedEmail(said.Id, default)).ShouldBeNull();
        (await replica.Users.ConfirmedEmail(vouched.Id, default)).ShouldBe("vouched@example.com");
    }

    [Fact]
    public async Task Knows_people_without_an_address()
    {
        await using var replica = new AccountsReplica(database);

        var first = await Create(replica, new NewUser(null, null));
        var second = await Create(replica, new NewUser(null, null));

        var user = first.ShouldBeOfType<CreateUserOutcome.Created>().User;
        user.DisplayName.ShouldBe(user.Id.ToString());
        second.ShouldBeOfType<CreateUserOutcome.Created>();
        (await replica.Users.Find(new UserId(Guid.Empty), default)).ShouldBeNull();
    }

    [Fact]
    public async Task Refuses_what_is_no_address_and_no_name()
    {
        await using var replica = new AccountsReplica(database);

        var outcome = await Create(replica, new NewUser("", "nobody"));

        outcome.ShouldBeOfType<CreateUserOutcome.Invalid>().Input.Errors.Keys.ShouldBe(["name", "email"]);
    }

    private async Task<CreateUserOutcome> Create(AccountsReplica replica, NewUser user)
    {
        await using var connection = await database.App.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var outcome = await replica.Users.Create(transaction, user, actor: null, default);
        await transaction.CommitAsync();
        return outcome;
    }
}
