using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Tests.Support;

namespace Quoin.Tests.Database.Foundation.Accounts;

public sealed class CreatingAnOrganisation(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Gives_it_a_default_billing_account_on_the_asked_terms()
    {
        await using var replica = new AccountsReplica(database);

        var asked = new NewOrganisation(
            "Acme", OrganisationMode.Live, Currency: Currency.Of("EUR"), Settlement: Settlement.Postpaid);
        var outcome = await replica.Organisations.Create(asked, "usr_x", default);

        var created = outcome.ShouldBeOfType<CreateOrganisationOutcome.Created>().Organisation;
        (await replica.Organisations.Find(created.Id, default)).ShouldBe(created);
        created.Mode.ShouldBe(OrganisationMode.Live);
        created.DefaultBillingAccount.IsDefault.ShouldBeTrue();
        created.DefaultBillingAccount.Kind.ShouldBe(BillingAccountKind.Organisation);
        created.DefaultBillingAccount.Currency.ShouldBe(Currency.Of("EUR"));
        created.DefaultBillingAccount.Settlement.ShouldBe(Settlement.Postpaid);
        var accounts = await replica.Organisations.BillingAccountsOf(created.Id, default);
        accounts.ShouldBe([created.DefaultBillingAccount]);
    }

    [Fact]
    public async Task Bills_in_dollars_and_prepaid_where_nothing_is_said()
    {
        await using var replica = new AccountsReplica(database);

        var created = await replica.CreateOrganisation();

        created.DefaultBillingAccount.Currency.ShouldBe(Currency.Usd);
        created.DefaultBillingAccount.Settlement.ShouldBe(Settlement.Prepaid);
    }

    [Fact]
    public async Task Gives_a_slug_to_one_only_however_many_ask_at_once()
    {
        await using var replica = new AccountsReplica(database);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(number => replica.Organisations.Create(
            new NewOrganisation($"Acme {number}", OrganisationMode.Test, "acme"), "system", default)));

        outcomes.OfType<CreateOrganisationOutcome.Created>().Count().ShouldBe(1);
        outcomes.OfType<CreateOrganisationOutcome.SlugTaken>().Count().ShouldBe(7);
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("line\nbreak")]
    [InlineData("nul\0")]
    public async Task Is_refused_without_a_proper_name(string name)
    {
        await using var replica = new AccountsReplica(database);

        var outcome = await replica.Organisations.Create(
            new NewOrganisation(name, OrganisationMode.Test), "system", default);

        outcome.ShouldBeOfType<CreateOrganisationOutcome.Invalid>().Input.Errors.Keys.ShouldBe(["name"]);
    }

    [Theory]
    [InlineData("Upper")]
    [InlineData("-begins")]
    [InlineData("ends-")]
    [InlineData("ends\n")]
    [InlineData("")]
    public async Task Is_refused_with_an_improper_slug(string slug)
    {
        await using var replica = new AccountsReplica(database);

        var outcome = await replica.Organisations.Create(
            new NewOrganisation("Acme", OrganisationMode.Test, slug), "system", default);

        outcome.ShouldBeOfType<CreateOrganisationOutcome.Invalid>().Input.Errors.Keys.ShouldBe(["slug"]);
    }
}
