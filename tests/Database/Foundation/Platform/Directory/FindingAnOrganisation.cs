using Quoin.Kernel;
using Quoin.Platform;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Platform.Finding;

public sealed class FindingAnOrganisation(TestDatabase database) : IClassFixture<TestDatabase>
{
    private const string Kind = "tests.key";
    private readonly IdSource ids = new(TimeProvider.System);

    [Fact]
    public async Task Leads_from_a_key_to_its_row()
    {
        await using var replica = new TestReplica(database, TimeProvider.System);
        var place = new DirectoryPlace(ids.Next<OrgId>(), ids.Next());

        await Add(replica, "a secret", place);

        var directory = replica.Get<OrgDirectory>();
        (await directory.Find(Kind, OrgDirectory.HashOf("a secret"), default)).ShouldBe(place);
        (await directory.Find(Kind, OrgDirectory.HashOf("another"), default)).ShouldBeNull();
        (await directory.Find("tests.other", OrgDirectory.HashOf("a secret"), default)).ShouldBeNull();
    }

    [Fact]
    public async Task Finds_many_keys_at_once()
    {
        await using var replica = new TestReplica(database, TimeProvider.System);
        var places = Enumerable.Range(0, 3).Select(_ => new DirectoryPlace(ids.Next<OrgId>(), ids.Next())).ToList();
        for (var index = 0; index < 3; index++)
        {
            await Add(replica, $"many {index}", places[index]);
        }

        var found = await replica.Get<OrgDirectory>().Find(
            Kind, [OrgDirectory.HashOf("many 2"), OrgDirectory.HashOf("none"), OrgDirectory.HashOf("many 0")], default);

        found.Count.ShouldBe(2);
        found[OrgDirectory.HashOf("many 0")].ShouldBe(places[0]);
        found[OrgDirectory.HashOf("many 2")].ShouldBe(places[2]);
    }

    [Fact]
    public async Task Gives_a_key_to_one_row_only()
    {
        await using var replica = new TestReplica(database, TimeProvider.System);
        var first = new DirectoryPlace(ids.Next<OrgId>(), ids.Next());
        var second = new DirectoryPlace(ids.Next<OrgId>(), ids.Next());

        (await Add(replica, "wanted by two", first)).ShouldBeOfType<DirectoryOutcome.Added>();
        (await Add(replica, "wanted by two", second)).ShouldBe(new DirectoryOutcome.Taken(first));
        (await Add(replica, "wanted by two", first)).ShouldBeOfType<DirectoryOutcome.Added>("the same again is no conflict");
    }

    [Fact]
    public async Task Gives_a_key_to_one_row_also_when_many_try_at_once()
    {
        await using var replica = new TestReplica(database, TimeProvider.System);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 10)
            .Select(_ => Add(replica, "rush", new DirectoryPlace(ids.Next<OrgId>(), ids.Next()))));

        outcomes.OfType<DirectoryOutcome.Added>().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Comes_and_goes_with_the_transaction_of_the_row()
    {
        await using var replica = new TestReplica(database, TimeProvider.System);
        var place = new DirectoryPlace(ids.Next<OrgId>(), ids.Next());
        var hash = OrgDirectory.HashOf("rolled back");
        await using (var connection = await database.App.OpenConnectionAsync())
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            await replica.Get<OrgDirectory>().Add(transaction, Kind, hash, place.Org, place.RowId, default);
        }

        (await replica.Get<OrgDirectory>().Find(Kind, hash, default)).ShouldBeNull();
        await Add(replica, "rolled back", place);
        (await replica.InTransaction(transaction => replica.Get<OrgDirectory>().Remove(transaction, Kind, hash, default)))
            .ShouldBeTrue();
        (await replica.Get<OrgDirectory>().Find(Kind, hash, default)).ShouldBeNull();
    }

    private static Task<DirectoryOutcome> Add(TestReplica replica, string name, DirectoryPlace place) =>
        replica.InTransaction(transaction => replica.Get<OrgDirectory>().Add(
            transaction, Kind, OrgDirectory.HashOf(name), place.Org, place.RowId, default));
}
