namespace Quoin.Tests.Unit.Tidy;

/// <summary>The page that maps the source documents stays true where a test can tell.</summary>
public sealed class CoveringTheSources
{
    private const string Page = "docs/coverage.md";
    private const int StatusColumn = 5;

    private static readonly string[] Statuses = ["works", "partial", "missing"];

    private static readonly HashSet<string> TestClasses =
    [
        .. Repository.Files
            .Where(file => file.Path.StartsWith("tests/", StringComparison.Ordinal) && file.Path.EndsWith(".cs", StringComparison.Ordinal))
            .Select(file => Path.GetFileNameWithoutExtension(file.Path)),
    ];

    [Fact]
    public void Every_row_ends_with_its_status() =>
        Rows().Where(row => row.Length != StatusColumn || !Statuses.Contains(row[^1])).ShouldBeEmpty();

    [Fact]
    public void Every_row_has_an_id_of_its_own() => Rows().Select(row => row[0]).ShouldBeUnique();

    [Fact]
    public void What_is_said_to_work_names_a_test_that_is_there()
    {
        var unproved = from row in Rows()
                       where row[^1] is "works" or "partial"
                       where row[^2] != "-" || row[^1] == "works"
                       from test in row[^2].Split(", ")
                       where !TestClasses.Contains(test.Trim('`'))
                       select string.Join(" | ", row);

        unproved.ShouldBeEmpty();
    }

    [Fact]
    public void The_sums_are_those_of_the_rows()
    {
        var sums = Repository.File(Page).Lines.Single(line => line.StartsWith("| all |", StringComparison.Ordinal));

        Cells(sums)[1..4].ShouldBe(Statuses.Select(status => $"{Rows().Count(row => row[^1] == status)}"));
    }

    // Rows of the sources begin with their id: source, section, row.
    private static string[][] Rows() =>
    [
        .. Repository.File(Page).Lines
            .Where(line => line.StartsWith("| 00", StringComparison.Ordinal))
            .Select(Cells)
            .Where(cells => cells[0].Contains('.')),
    ];

    private static string[] Cells(string line) => [.. line.Trim('|').Split('|').Select(cell => cell.Trim())];
}
