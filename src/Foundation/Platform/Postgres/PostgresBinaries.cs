using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Quoin.Platform;

/// <summary>One installed PostgreSQL: where its programs are and which major version they belong to.</summary>
/// <param name="Folder">The folder with <c>postgres</c>, <c>initdb</c>, <c>pg_ctl</c>, <c>pg_dump</c> and <c>pg_restore</c>.</param>
/// <param name="Major">The major version: 15 and up.</param>
public sealed partial record PostgresBinaries(string Folder, int Major)
{
    /// <summary>The oldest major version Quoin runs on.</summary>
    public const int MajorMin = 15;

    /// <summary>What to tell a person on a machine without PostgreSQL.</summary>
    public static string HowToInstall { get; } = OperatingSystem.IsMacOS()
        ? $"Install PostgreSQL {MajorMin} or later: brew install postgresql@17. Or set QUOIN_DATABASE to a server's connection string."
        : $"Install PostgreSQL {MajorMin} or later: apt-get install postgresql (Debian, Ubuntu), dnf install postgresql-server (Fedora). "
          + "Or set QUOIN_DATABASE to a server's connection string.";

    private static readonly string[] ServerPrograms = ["postgres", "initdb", "pg_ctl"];

    private static readonly string[] ClientPrograms = ["pg_dump", "pg_restore"];

    /// <summary>The path of one of its programs.</summary>
    public string Program(string name) => Path.Combine(Folder, name);

    /// <summary>
    /// Every usable server, newest major first: those on the search path, then where Debian, Red Hat, Homebrew
    /// and Postgres.app put theirs (they keep the server's programs off the path).
    /// </summary>
    public static IReadOnlyList<PostgresBinaries> FindAll() => FindIn([.. OnPath(), .. WellKnown()], ServerPrograms);

    /// <summary>
    /// Every installation that can back up, newest major first. A newer one can back up an older server, not the other
    /// way round.
    /// </summary>
    public static IReadOnlyList<PostgresBinaries> FindClients() => FindIn([.. OnPath(), .. WellKnown()], ClientPrograms);

    private static IReadOnlyList<PostgresBinaries> FindIn(IEnumerable<string> folders, string[] programs)
    {
        var found = new List<PostgresBinaries>();
        foreach (var folder in folders.Distinct(StringComparer.Ordinal))
        {
            if (programs.All(name => File.Exists(Path.Combine(folder, name)))
                && MajorOf(Path.Combine(folder, programs[0])) is { } major
                && major >= MajorMin)
            {
                found.Add(new PostgresBinaries(folder, major));
            }
        }

        return [.. found.OrderByDescending(binaries => binaries.Major)];
    }

    private static IEnumerable<string> OnPath() =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty)
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static IEnumerable<string> WellKnown() =>
    [
        .. Children("/usr/lib/postgresql", "*"),
        .. Children("/usr", "pgsql-*"),
        .. Children("/opt/homebrew/opt", "postgresql*"),
        .. Children("/usr/local/opt", "postgresql*"),
        .. Children("/home/linuxbrew/.linuxbrew/opt", "postgresql*"),
        .. Children("/Applications/Postgres.app/Contents/Versions", "*"),
    ];

    private static IEnumerable<string> Children(string parent, string pattern) =>
        Directory.Exists(parent)
            ? Directory.EnumerateDirectories(parent, pattern).Select(child => Path.Combine(child, "bin"))
            : [];

    // Asked of the program itself, since a folder's name proves nothing: "postgres (PostgreSQL) 15.20 (Debian …)".
    private static int? MajorOf(string program)
    {
        using var process = Process.Start(new ProcessStartInfo(program, "--version")
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        });
        var output = process?.StandardOutput.ReadToEnd() ?? string.Empty;
        process?.WaitForExit();
        var match = VersionPattern().Match(output);
        return match.Success ? int.Parse(match.Groups["major"].ValueSpan, CultureInfo.InvariantCulture) : null;
    }

    [GeneratedRegex(@"\(PostgreSQL\) (?<major>[0-9]+)", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant, 1000)]
    private static partial Regex VersionPattern();
}
