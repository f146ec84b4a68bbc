using System.Globalization;
using System.Text.RegularExpressions;

namespace Quoin.Tests.Unit.Tidy;

/// <summary>
/// The cases a payment kernel must stand, numbered in the contract it was built to: each is named in the summary of the test
/// that shows it, <c>Case T7.</c>
/// </summary>
public sealed partial class NamingTheCases
{
    private const int CasesMax = 74;

    [Fact]
    public void All_of_them_are_named_by_a_test_and_no_other()
    {
        var named = from file in Repository.Code
                    where file.Path.StartsWith("tests/", StringComparison.Ordinal)
                    where !file.Path.StartsWith("tests/Unit/Tidy/", StringComparison.Ordinal)
                    from summary in Summary().Matches(file.Text)
                    from number in Number().Matches(summary.Value)
                    select int.Parse(number.Groups["number"].Value, CultureInfo.InvariantCulture);

        named.Distinct().Order().ShouldBe(Enumerable.Range(1, CasesMax));
    }

    // "Case T7.", "Case T6. Case T8", "Cases T65 and T66: …", "Case T73 and, of what is written, case T74".
    [GeneratedRegex("/// <summary>.*?[Cc]ases? T[0-9].*")]
    private static partial Regex Summary();

    [GeneratedRegex(@"\bT(?<number>[0-9]+)\b")]
    private static partial Regex Number();
}
