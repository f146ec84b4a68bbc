using System.Text.RegularExpressions;
using Quoin.Payments;
using Quoin.Payments.Stripe;

namespace Quoin.Tests.Unit.Tidy;

/// <summary>What an operator may set: one page lists every variable the programs read, and no text names another.</summary>
public sealed partial class NamingSettings
{
    private const string Page = "docs/reference/settings.md";

    // What only tests and their runner read.
    private static readonly string[] OfTests = ["QUOIN_TEST_", "QUOIN_UPDATE_SNAPSHOTS", "QUOIN_SCREENSHOTS"];

    [Fact]
    public void The_page_lists_every_variable_that_is_read_and_no_other()
    {
        var listed = Listed();

        listed.Count.ShouldBeGreaterThan(30);
        listed.ShouldBe(Read(), ignoreOrder: true);
    }

    [Fact]
    public void No_guide_names_a_variable_that_nobody_reads()
    {
        var known = Listed();
        var unknown = from file in Repository.Files
                      where file.Path.EndsWith(".md", StringComparison.Ordinal)
                          || file.Path.StartsWith("deploy/", StringComparison.Ordinal)
                      from name in Name().Matches(file.Text).Select(match => match.Value.TrimEnd('_'))
                      where !OfTests.Any(name.StartsWith) && !known.Any(one => IsMeant(name, one))
                      select $"{file}: {name}";

        unknown.ShouldBeEmpty();
    }

    // A name may be cut short where several begin with it, and stands for any issuer's where it is OpenID Connect's.
    private static bool IsMeant(string name, string known) =>
        known.StartsWith(Issuer().Replace(name, "QUOIN_OIDC_NAME_"), StringComparison.Ordinal);

    private static HashSet<string> Listed() =>
        [.. Name().Matches(string.Join('\n', Repository.File(Page).Lines.Where(line => line.StartsWith('|')))).Select(one => one.Value)];

    // What is read by name stands in the source; what is put together is asked for.
    private static HashSet<string> Read()
    {
        var read = Repository.Code
            .Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal))
            .SelectMany(file => Reading().Matches(file.Text))
            .Select(match => match.Groups["name"].Value)
            .Where(name => !name.EndsWith('_'))
            .ToHashSet(StringComparer.Ordinal);
        PaymentsSettings.Read(Ask, out _);
        StripeAccounts.Read(Ask, out _);
        foreach (var end in new[] { "ISSUER", "CLIENT_ID", "CLIENT_SECRET", "TITLE" })
        {
            Repository.File("src/Apps/Server/Hosting/ProofSettings.cs").Text.ShouldContain($"_{end}\"");
            read.Add($"QUOIN_OIDC_NAME_{end}");
        }

        return read;

        string? Ask(string name)
        {
            read.Add(name);
            return null;
        }
    }

    [GeneratedRegex("QUOIN_[A-Z_]+")]
    private static partial Regex Name();

    [GeneratedRegex(@"(?:Variable|Number)\(\s*""(?<name>QUOIN_[A-Z_]+)""")]
    private static partial Regex Reading();

    [GeneratedRegex("^QUOIN_OIDC_[A-Z]+_")]
    private static partial Regex Issuer();
}
