using System.CommandLine;
using Spectre.Console;

namespace Quoin.Cli;

/// <summary><c>quoin org</c>: in which organisation commands act.</summary>
internal static class OrgCommand
{
    private static readonly Argument<string> Which = new("organisation")
    {
        Description = "Its id, slug or name.",
    };

    private static readonly Argument<string> Name = new("name")
    {
        Description = "What people call it.",
    };

    private static readonly Option<string> Mode = new("--mode")
    {
        Description = "live or test; never changes.",
        HelpName = "MODE",
        DefaultValueFactory = _ => "test",
    };

    private static readonly Option<string?> Slug = new("--slug")
    {
        Description = "Its name in addresses.",
        HelpName = "SLUG",
    };

    public static Command Create()
    {
        var list = new Command("list", "List the organisations you can act in.");
        list.AddConnection();
        list.SetWork(List);
        var use = new Command("use", "Act in an organisation from now on.") { Which };
        use.AddConnection();
        use.SetWork(Use);
        var create = new Command("create", "Create an organisation and act in it; needs an operator's key.") { Name, Mode, Slug };
        create.AddConnection();
        create.SetWork(CreateOrganisation);
        return new Command("org", "List, choose and create organisations.") { list, use, create };
    }

    private static async Task<int> List(ParseResult parsed, CancellationToken cancellationToken)
    {
        var settings = parsed.Connection();
        using var api = new ApiClient(settings with { Org = null }, TimeProvider.System);
        var table = OutputTable.Of("", "organisation", "name", "mode");
        var caller = await api.Get<CallerAnswer>("/v1/caller", cancellationToken);
        var current = settings.Org ?? caller.Organisation?.Id;
        foreach (var org in await Known(api, caller, cancellationToken))
        {
            table.AddRow(new Text(org.Id == current ? "*" : ""), new Text(org.Id), new Text(org.Name), new Text(org.Mode));
        }

        OutputTable.Write(table, "There is no organisation yet.");
        return ExitCodes.Done;
    }

    private static async Task<int> Use(ParseResult parsed, CancellationToken cancellationToken)
    {
        var settings = parsed.Connection();
        using var api = new ApiClient(settings with { Org = null }, TimeProvider.System);
        var caller = await api.Get<CallerAnswer>("/v1/caller", cancellationToken);
        var which = parsed.GetRequiredValue(Which);
        var matching = (await Known(api, caller, cancellationToken))
            .Where(org => which == org.Id || which == org.Slug || which.Equals(org.Name, StringComparison.OrdinalIgnoreCase))
            .ToList();
        if (matching is not [var chosen])
        {
            await Console.Error.WriteLineAsync(matching.Count == 0
                ? $"quoin: there is no organisation '{which}' you can act in; quoin org list shows them."
                : $"quoin: {matching.Count} organisations are called '{which}'; name one by its id.");
            return ExitCodes.Failed;
        }

        if (caller.Realm != "operator" && caller.Organisation?.Id != chosen.Id)
        {
            await Console.Error.WriteLineAsync(
                $"quoin: this login acts in {caller.Organisation?.Name} only. Sign in there, too: "
                + $"quoin login --profile {chosen.Slug ?? "another"}, and choose {chosen.Name}.");
            return ExitCodes.Failed;
        }

        return Keep(parsed, chosen);
    }

    private static async Task<int> CreateOrganisation(ParseResult parsed, CancellationToken cancellationToken)
    {
        var settings = parsed.Connection();
        using var api = new ApiClient(settings with { Org = null }, TimeProvider.System);
        var caller = await api.Get<CallerAnswer>("/v1/caller", cancellationToken);
        if (!caller.Permissions.Contains("organisations.manage"))
        {
            await Console.Error.WriteLineAsync(
                $"quoin: this login may not create organisations. People do at {settings.Urls[0].GetLeftPart(UriPartial.Authority)}"
                + "/console/organisations, and then sign in there: quoin login");
            return ExitCodes.Failed;
        }

        var created = await api.PostOnce<OrganisationAnswer>(
            "/v1/organisations",
            new { name = parsed.GetRequiredValue(Name), mode = parsed.GetRequiredValue(Mode), slug = parsed.GetValue(Slug) },
            cancellationToken);
        Console.WriteLine($"{created.Id} {created.Name} was created.");
        return Keep(parsed, created);
    }

    // Without a profile there is nothing to remember it in: the key and the address came from elsewhere.
    private static int Keep(ParseResult parsed, OrganisationAnswer chosen)
    {
        var file = ProfileFile.Own();
        var name = parsed.ProfileToKeep();
        var all = file.Read();
        if (!all.Profiles.TryGetValue(name, out var profile))
        {
            Console.WriteLine($"There is no login to remember it in; pass --org {chosen.Id}.");
            return ExitCodes.Done;
        }

        file.Write(all.With(name, profile with { Org = chosen.Id, OrgName = chosen.Name }));
        Console.WriteLine($"Commands act in {chosen.Name} ({chosen.Id}) now.");
        return ExitCodes.Done;
    }

    private static async Task<IReadOnlyList<OrganisationAnswer>> Known(
        ApiClient api, CallerAnswer caller, CancellationToken cancellationToken)
    {
        if (caller.Realm != "operator")
        {
            return caller.Organisations;
        }

        var all = new List<OrganisationAnswer>();
        string? cursor = null;
        do
        {
            var at = cursor is null ? string.Empty : $"&cursor={Uri.EscapeDataString(cursor)}";
            var page = await api.Get<PageAnswer<OrganisationAnswer>>(
                $"/v1/organisations?limit={Limits.PageRows}{at}", cancellationToken);
            all.AddRange(page.Data);
            cursor = page.NextCursor;
        }
        while (cursor is not null && all.Count < Limits.OrganisationsListedMax);
        return all;
    }
}
