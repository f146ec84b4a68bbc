using System.Text.RegularExpressions;

namespace Quoin.Tests.Unit.Tidy;

/// <summary>What the compiler checks: no value of the product has a type that is known only when it runs.</summary>
public sealed partial class KeepingTypes
{
    [Fact]
    public void Nothing_has_a_type_that_is_known_only_when_it_runs() => Lines(".cs", ".razor")
        .Where(line => Untyped().IsMatch(line.Text))
        .Select(line => line.Place)
        .ShouldBeEmpty();

    [Fact]
    public void Rows_are_read_by_the_type_of_each_column() => Lines(".cs")
        .Where(line => UntypedColumn().IsMatch(line.Text))
        .Select(line => line.Place)
        .ShouldBeEmpty();

    [Fact]
    public void No_page_is_given_a_value_of_any_type() => Lines(".razor")
        .Where(line => AnyValue().IsMatch(line.Text))
        .Select(line => line.Place)
        .ShouldBeEmpty();

    [Theory]
    [InlineData("    dynamic row = reader.Read();", true)]
    [InlineData("    private static Task<dynamic> Ask(", true)]
    [InlineData("    void Show(dynamic? model)", true)]
    [InlineData("    var bag = new ExpandoObject();", true)]
    [InlineData("    builder.Append(\"a dynamic threshold\");", false)]
    public void Knows_such_a_type_when_it_sees_one(string line, bool isOne) => Untyped().IsMatch(line).ShouldBe(isOne);

    private static IEnumerable<(string Place, string Text)> Lines(params string[] endings) =>
        from file in Repository.Files
        where file.Path.StartsWith("src/", StringComparison.Ordinal) && endings.Contains(Path.GetExtension(file.Path))
        from line in file.Lines.Index()
        let text = line.Item.Trim()
        where !text.StartsWith("//", StringComparison.Ordinal) && !text.StartsWith("@*", StringComparison.Ordinal)
        select ($"{file}:{line.Index + 1} {text}", text);

    [GeneratedRegex(@"\bdynamic\b(?:[?\[\]>]|\s+@?\w+\s*(?:=|;|,|\)|\(|$))|\bExpandoObject\b")]
    private static partial Regex Untyped();

    [GeneratedRegex(@"\b(?:reader|row)\.GetValue\(|\breader\[|\bDataTable\b|\bDataRow\b")]
    private static partial Regex UntypedColumn();

    [GeneratedRegex(@"\b(?:object|JsonNode|JsonElement)\??\s+\w+\s*\{\s*get\b")]
    private static partial Regex AnyValue();
}
