using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

public sealed class FindingOrganisations(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Gives_those_that_exist_and_leaves_out_the_others()
    {
        await using var replica = new AccountsReplica(database);
        var first = await replica.CreateOrganisation("First");
        var second = await replica.CreateOrganisation("Second");
        var nobody = new OrgId(Guid.Parse("00000000-0000-7000-8000-000000000001"));

        var found = await replica.Organisations.FindMany([first.Id, nobody, second.Id], default);

        found.Keys.ShouldBe([first.Id, second.Id], ignoreOrder: true);
        (await replica.Organisations.Find(nobody, default)).ShouldBeNull();
    }

    [Fact]
    public async Task Never_gives_a_billing_account_of_another_organisation()
    {
        await using var replica = new AccountsReplica(database);
        var mine = await replica.CreateOrganisation("Mine");
        var theirs = await replica.CreateOrganisation("Theirs");

        var found = await replica.Organisations.FindBillingAccount(mine.Id, theirs.DefaultBillingAccount.Id, default);

        found.ShouldBeNull();
    }

    [Fact]
    public async Task Sees_within_a_second_what_another_replica_opened()
    {
        await using var here = new AccountsReplica(database);
        await using var there = new AccountsReplica(database);
        var organisation = await here.CreateOrganisation();
        var account = await Open(there, organisation.Id);
        var nobody = new BillingAccountId(Guid.Parse("00000000-0000-7000-8000-000000000002"));
        var unknown = new BillingAccountKey(organisation.Id, nobody);
        (await here.Organisations.FindBillingAccounts([unknown], default)).ShouldBeEmpty();

        here.Clock.Advance(Limits.FreshFor);
        var found = await here.Organisations.FindBillingAccounts(
            [unknown, new BillingAccountKey(organisation.Id, account.Id)], default);

        found.Values.ShouldBe([account]);
    }

    private static async Task<BillingAccountProfile> Open(AccountsReplica replica, OrgId org)
    {
        var outcome = await replica.Organisations.OpenBillingAccount(
            org, new NewBillingAccount(BillingAccountKind.External, "Customer", Currency.Usd), "system", default);
        return outcome.ShouldBeOfType<OpenBillingAccountOutcome.Opened>().BillingAccount;
    }
}
