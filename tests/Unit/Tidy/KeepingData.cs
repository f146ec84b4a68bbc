using System.Text.RegularExpressions;

namespace Quoin.Tests.Unit.Tidy;

/// <summary>How long data is kept: the page decides it for every table, and what the code deletes is what the page says.</summary>
public sealed partial class KeepingData
{
    private const string Page = "docs/reference/retention.md";

    [Fact]
    public void Every_table_has_its_time_and_each_only_one()
    {
        var listed = new[] { "For ever", "For a time", "As long as they stand for something" }.SelectMany(Tables).ToArray();

        listed.ShouldBeUnique();
        listed.ShouldBe(Made(), ignoreOrder: true);
    }

    [Fact]
    public void Nothing_deletes_what_is_kept_for_ever() =>
        Tables("For ever").Intersect(Deleted()).ShouldBeEmpty();

    [Fact]
    public void Something_deletes_whatever_is_not_kept_for_ever() =>
        Tables("For a time").Concat(Tables("As long as they stand for something")).Except(Deleted()).ShouldBeEmpty();

    [Fact]
    public void What_is_kept_for_a_time_is_removed_by_work_that_is_there()
    {
        var jobs = Rows("For a time").Select(row => row.Split('|')[^2].Trim(' ', '`')).ToArray();

        jobs.Length.ShouldBeGreaterThan(10);
        jobs.ShouldAllBe(job => Source().Any(text => text.Contains($"\"{job}\"", StringComparison.Ordinal)));
    }

    private static IEnumerable<string> Rows(string section)
    {
        var text = Repository.File(Page).Text;
        var start = text.IndexOf($"## {section}\n", StringComparison.Ordinal);
        start.ShouldBeGreaterThan(0, section);
        var end = text.IndexOf("\n## ", start, StringComparison.Ordinal);
        return text[start..(end < 0 ? text.Length : end)].Split('\n')
            .Where(line => line.StartsWith('|'))
            .Skip(2);
    }

    private static IEnumerable<string> Tables(string section) => Rows(section)
        .SelectMany(row => TableName().Matches(row[..row.LastIndexOf(" | ", StringComparison.Ordinal)]))
        .Select(match => match.Groups["name"].Value);

    private static HashSet<string> Made()
    {
        var migrations = Repository.Files.Where(file => Path.GetExtension(file.Path) == ".sql"
            && file.Path.StartsWith("src/", StringComparison.Ordinal)).Select(file => file.Text).ToArray();
        var made = migrations.SelectMany(text => Create().Matches(text))
            .Where(match => !match.Groups["part"].Success)
            .Select(match => match.Groups["name"].Value)
            .ToHashSet(StringComparer.Ordinal);
        made.ExceptWith(migrations.SelectMany(text => Drop().Matches(text)).Select(match => match.Groups["name"].Value));
        return made;
    }

    private static HashSet<string> Deleted() =>
        [.. Source().SelectMany(text => Delete().Matches(text)).Select(match => match.Groups["name"].Value)];

    private static IEnumerable<string> Source() => Repository.Code
        .Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal))
        .Select(file => file.Text);

    [GeneratedRegex(@"`(?<name>[a-z]+\.[a-z_]+)`")]
    private static partial Regex TableName();

    [GeneratedRegex(@"create (?:unlogged )?table (?:if not exists )?(?<name>[a-z_]+\.[a-z_0-9]+)(?<part>\s+partition of)?")]
    private static partial Regex Create();

    [GeneratedRegex(@"drop table (?:if exists )?(?<name>[a-z_]+\.[a-z_0-9]+)")]
    private static partial Regex Drop();

    [GeneratedRegex(@"delete from (?<name>[a-z_]+\.[a-z_0-9]+)")]
    private static partial Regex Delete();
}
