using System.Net;
using Quoin.ConsolePages.Shell;
using Quoin.Tests.Support;

namespace Quoin.Tests.EndToEnd.Apps.ConsolePages;

public sealed class OpeningEveryPlace(TestDatabase database) : IClassFixture<TestDatabase>
{
    [Fact]
    public async Task Every_tab_of_the_menu_opens_for_whoever_may_see_it_in_an_organisation_and_without_one()
    {
        await using var host = await TestHost.Start(database, roles: "api");
        var acme = await host.CreateOrganisation();
        using var client = await host.OperatorClient();

        foreach (var tab in Menu.Sections.SelectMany(section => section.Tabs))
        {
            (await client.GetAsync(tab.Place)).StatusCode.ShouldBe(HttpStatusCode.OK, tab.Place);
            var named = tab.Place + (tab.Place.Contains('?', StringComparison.Ordinal) ? "&" : "?") + $"org={acme.Id}";
            (await client.GetAsync(named)).StatusCode.ShouldBe(HttpStatusCode.OK, named);
        }
    }
}
