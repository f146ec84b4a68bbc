using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Quoin.Tests.Unit.Tidy;

/// <summary>The rooms and doors of the project, compared with what is written about them.</summary>
public sealed partial class KeepingTheShape
{
    private const int RootEntriesMax = 14;
    private const int ReadmeLinesMax = 120;

    [Fact]
    public void Projects_know_whom_the_table_says_and_nobody_else()
    {
        var table = Section(Repository.File("ARCHITECTURE.md").Text, "## Who may know whom")
            .Select(line => TableRow().Match(line))
            .Where(row => row.Success)
            .ToDictionary(
                row => row.Groups["project"].Value,
                row => row.Groups["known"].Value.Split(',', StringSplitOptions.TrimEntries).Where(name => name != "nothing").Order());

        table.Keys.Order().ShouldBe(Repository.Projects.Select(project => project.Name).Order());
        foreach (var project in Repository.Projects)
        {
            project.Knows.Order().ShouldBe(table[project.Name], project.Name);
        }
    }

    [Fact]
    public void Nothing_refers_upward()
    {
        string[] areas = ["src/Foundation/", "src/Billing/", "src/Agents/", "src/Apps/"];
        var heights = Repository.Projects.ToDictionary(
            project => project.Name,
            project => Array.FindIndex(areas, project.Folder.StartsWith));
        var upward = from project in Repository.Projects
                     from known in project.Knows
                     where heights[known] > heights[project.Name]
                     select $"{project.Name} refers to {known}";

        heights.Values.ShouldAllBe(height => height >= 0);
        upward.ShouldBeEmpty();
    }

    [Fact]
    public void Every_module_has_a_table_of_contents_and_a_readme()
    {
        foreach (var module in Repository.Modules)
        {
            Repository.File($"{module.Folder}/{module.Name}Module.cs").Text.ShouldContain($"Add{module.Name}(");
            Repository.File($"{module.Folder}/README.md").Lines.Length.ShouldBeLessThanOrEqualTo(ReadmeLinesMax, module.Name);
        }
    }

    [Fact]
    public void The_root_stays_small()
    {
        Directory.EnumerateFileSystemEntries(Repository.Root)
            .Select(Path.GetFileName)
            .Where(name => !name!.StartsWith('.') && name is not ("artifacts" or "TestResults"))
            .Count()
            .ShouldBeLessThanOrEqualTo(RootEntriesMax);
    }

    [Fact]
    public void Every_dependency_is_used_and_has_its_reason()
    {
        var chosen = SourceProject.Included(XDocument.Parse(Repository.File("Directory.Packages.props").Text), "PackageVersion").ToList();
        var reasons = Repository.File("docs/decisions/dependencies.md").Lines
            .Select(line => DependencyRow().Match(line))
            .Where(row => row.Success)
            .Select(row => row.Groups["name"].Value)
            .ToList();
        var referred = Repository.Files
            .Where(file => Path.GetExtension(file.Path) == ".csproj" || Path.GetFileName(file.Path) == "Directory.Build.props")
            .SelectMany(file => SourceProject.Included(XDocument.Parse(file.Text), "PackageReference"))
            .ToHashSet();

        reasons.Order().ShouldBe(chosen.Order());
        var pins = Section(Repository.File("docs/decisions/dependencies.md").Text, "## Pinned, because others bring them")
            .Select(line => DependencyRow().Match(line))
            .Where(row => row.Success)
            .Select(row => row.Groups["name"].Value);
        chosen.Where(name => !referred.Contains(name)).Order().ShouldBe(pins.Order());
    }

    [Fact]
    public void Every_link_between_documents_leads_somewhere()
    {
        var broken = from file in Repository.Files
                     where file.Path.EndsWith(".md", StringComparison.Ordinal)
                     from link in Link().Matches(file.Text).Select(match => match.Groups["target"].Value.Split('#')[0])
                     where link.Length > 0 && !link.Contains(':') && !link.StartsWith('/')
                     let target = Path.GetFullPath(Path.Combine(Repository.Root, Path.GetDirectoryName(file.Path)!, link))
                     where !Path.Exists(target)
                     select $"{file} → {link}";

        broken.ShouldBeEmpty();
    }

    private static IEnumerable<string> Section(string markdown, string heading)
    {
        var lines = markdown.Split('\n').SkipWhile(line => line != heading).Skip(1).ToList();
        lines.ShouldNotBeEmpty($"There is no section '{heading}'.");
        return lines.TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal));
    }

    [GeneratedRegex(@"^\| (?<project>[A-Z]\w+) \| (?<known>[\w, ]+) \|")]
    private static partial Regex TableRow();

    [GeneratedRegex(@"^\| `(?<name>[^`]+)` \|")]
    private static partial Regex DependencyRow();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();
}
