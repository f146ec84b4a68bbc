using System.Runtime.CompilerServices;
using Shouldly;

namespace Quoin.Tests.Support;

/// <summary>
/// Stable text kept in the repository and compared with what the code makes of it today. A difference is a question to
/// the reviewer; <c>QUOIN_UPDATE_SNAPSHOTS=1</c> answers it by writing the file anew.
/// </summary>
internal static class Snapshot
{
    /// <summary>The folder of the repository, found from this very file.</summary>
    public static string Repository { get; } = FindRepository();

    /// <summary>Compares, or writes.</summary>
    /// <param name="path">The file, from the repository's root.</param>
    /// <param name="actual">What the code makes now.</param>
    public static void Matches(string path, string actual)
    {
        var file = Path.Combine(Repository, path);
        if (Environment.GetEnvironmentVariable("QUOIN_UPDATE_SNAPSHOTS") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, actual);
        }

        var kept = File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n") : "";
        if (kept != actual)
        {
            var (old, now) = (kept.Split('\n'), actual.Split('\n'));
            var line = Enumerable.Range(0, Math.Max(old.Length, now.Length))
                .First(index => old.ElementAtOrDefault(index) != now.ElementAtOrDefault(index));
            throw new ShouldAssertException(
                $"{path} differs from line {line + 1}:\n- {old.ElementAtOrDefault(line)}\n+ {now.ElementAtOrDefault(line)}\n"
                + "If the change is meant, run these tests with QUOIN_UPDATE_SNAPSHOTS=1 and commit the file.");
        }
    }

    private static string FindRepository([CallerFilePath] string here = "")
    {
        var folder = new DirectoryInfo(Path.GetDirectoryName(here)!);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Quoin.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"No Quoin.slnx above {here}.");
    }
}
