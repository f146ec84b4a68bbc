using System.Text.RegularExpressions;

namespace Quoin.Tests.Unit.Tidy;

/// <summary>What text alone can tell about code. Limits are there to be noticed, not to be reached.</summary>
public sealed partial class WritingCode
{
    private const int LineLettersMax = 140;
    private const int FileLinesMax = 600;
    private const int BlockLinesMax = 70;

    // Words that say nothing: a type that needs one has not found its name yet.
    private static readonly string[] EmptyWords = ["Helper", "Helpers", "Util", "Utils", "Utility", "Manager", "Common", "Base"];

    [Fact]
    public void No_line_is_longer_than_140_letters()
    {
        // What stands in a raw string is data: a JSON body cannot be broken where we like.
        var tooLong = from file in Repository.Code
                      from line in WithoutRawStrings(file.Lines).Index()
                      where line.Item.Length > LineLettersMax
                      select $"{file}:{line.Index + 1} has {line.Item.Length}";

        tooLong.ShouldBeEmpty();
    }

    [Fact]
    public void No_file_is_longer_than_600_lines()
    {
        Repository.Code.Where(file => file.Lines.Length > FileLinesMax).ShouldBeEmpty();
    }

    [Fact]
    public void No_method_is_longer_than_70_lines()
    {
        Repository.Code.SelectMany(LongBlocks).ShouldBeEmpty();
    }

    [Fact]
    public void No_file_is_empty()
    {
        Repository.Files.Where(file => string.IsNullOrWhiteSpace(file.Text)).ShouldBeEmpty();
    }

    [Fact]
    public void No_type_or_file_is_named_by_an_empty_word()
    {
        var names = from file in Repository.Code
                    from name in TypeDeclaration().Matches(file.Text).Select(match => match.Groups["name"].Value)
                        .Append(Path.GetFileNameWithoutExtension(file.Path))
                    where NameParts().Matches(name).Any(part => EmptyWords.Contains(part.Value))
                    select $"{file}: {name}";

        names.ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_is_left_for_later_without_an_issue_and_nothing_is_folded_away()
    {
        var left = from file in Repository.Code
                   where !file.Path.StartsWith("tests/Unit/Tidy/", StringComparison.Ordinal)
                   from line in file.Lines.Index()
                   where LeftOver().IsMatch(line.Item)
                   select $"{file}:{line.Index + 1} {line.Item.Trim()}";

        left.ShouldBeEmpty();
    }

    [Fact]
    public void Each_log_message_has_an_id_of_its_own()
    {
        var ids = Repository.Code
            .Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal))
            .SelectMany(file => LogId().Matches(file.Text))
            .Select(match => match.Groups["id"].Value)
            .ToList();

        ids.Count.ShouldBeGreaterThan(20);
        ids.ShouldBeUnique();
    }

    [Fact]
    public void Nothing_opens_its_insides_to_tests()
    {
        var open = Repository.Files.Where(file =>
            file.Path.StartsWith("src/", StringComparison.Ordinal)
            && file.Text.Contains("InternalsVisible" + "To", StringComparison.Ordinal));

        open.ShouldBeEmpty();
    }

    // Our formatting puts a block's braces on lines of their own, in one column. What stands above the opening one
    // tells types, which may be long, from code, which may not.
    private static IEnumerable<string> LongBlocks(SourceFile file)
    {
        var lines = WithoutRawStrings(file.Lines);
        var open = new Stack<(int Line, int Column, bool IsType)>();
        for (var index = 0; index < lines.Length; index++)
        {
            var (line, column) = (lines[index].Trim(), lines[index].Length - lines[index].TrimStart().Length);
            if (line == "{")
            {
                open.Push((index, column, IsType(lines, index)));
            }
            else if (line.StartsWith('}') && open.TryPeek(out var block) && block.Column == column)
            {
                open.Pop();
                if (!block.IsType && index - block.Line - 1 > BlockLinesMax)
                {
                    yield return $"{file}:{block.Line} has a block of {index - block.Line - 1} lines";
                }
            }
        }
    }

    private static bool IsType(string[] lines, int brace)
    {
        for (var index = brace - 1; index >= 0 && lines[index].Trim() is not ("" or "{" or "}"); index--)
        {
            if (TypeDeclaration().IsMatch(lines[index]))
            {
                return true;
            }
        }

        return false;
    }

    private static string[] WithoutRawStrings(string[] lines)
    {
        var isInside = false;
        return
        [
            .. lines.Select(line =>
            {
                var wasInside = isInside;
                isInside ^= RawQuotes().Count(line) % 2 == 1;
                return wasInside ? "" : line;
            }),
        ];
    }

    [GeneratedRegex(@"LoggerMessage\(\s*(EventId = )?(?<id>[0-9]+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LogId();

    [GeneratedRegex(@"\b(class|record|struct|record struct|interface|enum)\s+(?<name>[A-Z]\w*)")]
    private static partial Regex TypeDeclaration();

    [GeneratedRegex("[A-Z][a-z0-9]*")]
    private static partial Regex NameParts();

    [GeneratedRegex(@"\b(TODO|FIXME|HACK|XXX)\b(?!\(#\d+\))|^\s*#region")]
    private static partial Regex LeftOver();

    [GeneratedRegex("\"{3,}")]
    private static partial Regex RawQuotes();
}
