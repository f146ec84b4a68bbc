using System.Globalization;
using System.Text.RegularExpressions;

namespace Quoin.Tests.Unit.Tidy;

public sealed partial class WritingSql
{
    [Fact]
    public void No_module_names_another_modules_schema()
    {
        // "accounts.id" may be a column of one's own table; "accounts.keys" is a table of Accounts.
        var owners = Repository.Modules
            .SelectMany(module => SqlOf(module).SelectMany(sql => Created().Matches(sql.Text)))
            .Select(made => (Schema: made.Groups["schema"].Value, Name: made.Groups["name"].Value))
            .ToHashSet();
        var strays = from project in Repository.Projects
                     from sql in SqlOf(project)
                     from name in QualifiedName().Matches(sql.Text)
                     let schema = name.Groups["schema"].Value
                     where schema != project.Schema && owners.Contains((schema, name.Groups["name"].Value))
                     select $"{sql.File} names {name.Value}";

        owners.Count.ShouldBeGreaterThan(10);
        strays.ShouldBeEmpty();
    }

    [Fact]
    public void Instants_ids_and_chance_come_from_the_program()
    {
        var own = from project in Repository.Projects
                  from sql in SqlOf(project)
                  from call in OwnWill().Matches(WithoutComments(sql.Text))
                  select $"{sql.File} calls {call.Value}";

        own.ShouldBeEmpty();
    }

    [Fact]
    public void Statements_are_sent_in_one_way()
    {
        string[] others = ["CreateCommand(", "new NpgsqlCommand(", "new NpgsqlBatch(", "new NpgsqlBatchCommand("];
        var strays = from file in Repository.Code
                     where file.Path.StartsWith("src/", StringComparison.Ordinal)
                     where !file.Path.EndsWith("/SqlCommands.cs", StringComparison.Ordinal)
                     from other in others
                     where file.Text.Contains(other, StringComparison.Ordinal)
                     select $"{file} has {other} where Sql(…) would do";

        strays.ShouldBeEmpty();
    }

    [Fact]
    public void Migrations_are_numbered_without_gaps_and_say_why()
    {
        foreach (var module in Repository.Modules)
        {
            var files = module.Files.Where(file => file.Path.StartsWith($"{module.Folder}/Schema/", StringComparison.Ordinal)).ToList();
            var numbers = files.Select(file => MigrationName().Match(file.Path)).ToList();
            numbers.ShouldAllBe(name => name.Success, module.Name);

            var sorted = numbers.Select(name => int.Parse(name.Groups["number"].Value, CultureInfo.InvariantCulture)).Order().ToList();
            sorted.ShouldBe(Enumerable.Range(sorted.FirstOrDefault(), sorted.Count), module.Name);
            files.ShouldAllBe(file => file.Text.StartsWith("-- ", StringComparison.Ordinal), $"{module.Name}: the first line says why");
        }
    }

    private static IEnumerable<(SourceFile File, string Text)> SqlOf(SourceProject project)
    {
        foreach (var file in project.Files)
        {
            if (file.Path.EndsWith(".sql", StringComparison.Ordinal))
            {
                yield return (file, file.Text);
            }
            else if (file.Path.EndsWith(".cs", StringComparison.Ordinal))
            {
                foreach (var text in Strings().Matches(file.Text).Select(match => match.Value).Where(text => Statement().IsMatch(text)))
                {
                    yield return (file, text);
                }
            }
        }
    }

    private static string WithoutComments(string sql) => Comment().Replace(sql, "");

    // Raw strings and ordinary ones.
    [GeneratedRegex("\"\"\"[\\s\\S]*?\"\"\"|\"(?:[^\"\\\\\\n]|\\\\.)*\"")]
    private static partial Regex Strings();

    [GeneratedRegex(
        @"^\W*(select|insert|update|delete|with|create|alter|grant|truncate|copy|lock|do|merge)\s",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Statement();

    [GeneratedRegex(
        @"\bcreate (or replace )?(unlogged )?(table|view|function|procedure|sequence) (if not exists )?"
        + @"(?<schema>[a-z]+)\.(?<name>[a-z_]+)",
        RegexOptions.ExplicitCapture)]
    private static partial Regex Created();

    [GeneratedRegex(@"\b(?<schema>[a-z]+)\.(?<name>[a-z_]+)")]
    private static partial Regex QualifiedName();

    [GeneratedRegex(
        @"\b(now|random|gen_random_uuid|clock_timestamp|uuid_generate_v\d)\(\)|\bcurrent_(timestamp|date|time)\b",
        RegexOptions.ExplicitCapture)]
    private static partial Regex OwnWill();

    [GeneratedRegex("--.*")]
    private static partial Regex Comment();

    [GeneratedRegex(@"/Schema/(?<number>\d{4})-[a-z0-9-]+\.sql$")]
    private static partial Regex MigrationName();
}
