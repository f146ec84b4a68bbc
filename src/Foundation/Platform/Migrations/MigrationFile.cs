using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Quoin.Platform;

/// <summary>One forward-only SQL file of a module.</summary>
/// <param name="Module">The module's schema.</param>
/// <param name="Number">Its place in the module's order.</param>
/// <param name="Name">The file's name: <c>0001-accounts.sql</c>.</param>
/// <param name="Sql">What it says.</param>
internal sealed partial record MigrationFile(string Module, int Number, string Name, string Sql)
{
    /// <summary>SHA-256 of the text with line feeds only, so a checkout on Windows is the same migration.</summary>
    public string Checksum { get; } = Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))));

    /// <summary>The files a module embeds, in order.</summary>
    /// <exception cref="InvalidOperationException">A name does not follow the pattern, or a number is used twice.</exception>
    public static IReadOnlyList<MigrationFile> Of(ModuleSchema schema)
    {
        const string Folder = ".Schema.";
        var files = new List<MigrationFile>();
        foreach (var resource in schema.Assembly.GetManifestResourceNames())
        {
            var at = resource.IndexOf(Folder, StringComparison.Ordinal);
            if (at < 0 || !resource.EndsWith(".sql", StringComparison.Ordinal))
            {
                continue;
            }

            files.Add(Read(schema, resource, resource[(at + Folder.Length)..]));
        }

        files.Sort((left, right) => left.Number.CompareTo(right.Number));
        for (var i = 1; i < files.Count; i++)
        {
            if (files[i].Number == files[i - 1].Number)
            {
                throw new InvalidOperationException(
                    $"{schema.Name}: {files[i - 1].Name} and {files[i].Name} have the same number.");
            }
        }

        return files;
    }

    private static MigrationFile Read(ModuleSchema schema, string resource, string name)
    {
        var match = NamePattern().Match(name);
        if (!match.Success)
        {
            throw new InvalidOperationException($"{schema.Name}: {name} is not named like 0001-what-it-does.sql.");
        }

        using var stream = schema.Assembly.GetManifestResourceStream(resource)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var number = int.Parse(match.Groups["number"].ValueSpan, CultureInfo.InvariantCulture);
        return new MigrationFile(schema.Name, number, name, reader.ReadToEnd());
    }

    [GeneratedRegex("^(?<number>[0-9]{4})-[a-z0-9-]+\\.sql$", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex NamePattern();
}
