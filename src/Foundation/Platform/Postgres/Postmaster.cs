using System.Diagnostics;
using System.Globalization;

namespace Quoin.Platform;

/// <summary>The server process a cluster's <c>postmaster.pid</c> names.</summary>
/// <param name="ProcessId">Its id.</param>
internal sealed record Postmaster(int ProcessId)
{
    /// <summary>The running server of a cluster; null when none runs.</summary>
    public static Postmaster? Of(string clusterFolder) =>
        Read(clusterFolder) is ({ } named, var note) && named.IsServerOf(clusterFolder, note) ? named : null;

    /// <summary>
    /// Frees a cluster whose file, left by a crash, names a process that is by now another program: PostgreSQL would
    /// take that program for its server and refuse to start. Only the id is replaced, by one no process has; the rest
    /// of the file lets PostgreSQL find its own orphans, which deleting the file would prevent.
    /// </summary>
    public static void ForgetStranger(string clusterFolder)
    {
        if (Read(clusterFolder) is not ({ } named, var note)
            || !named.Exists()
            || named.IsServerOf(clusterFolder, note))
        {
            return;
        }

        var lines = note.Split('\n');
        lines[0] = int.MaxValue.ToString(CultureInfo.InvariantCulture);
        File.WriteAllText(NotePath(clusterFolder), string.Join('\n', lines));
    }

    private static string NotePath(string clusterFolder) => Path.Combine(clusterFolder, "postmaster.pid");

    private static (Postmaster? Named, string Note) Read(string clusterFolder)
    {
        try
        {
            var note = File.ReadAllText(NotePath(clusterFolder));
            var first = note.Split('\n')[0];
            return int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var id)
                ? (new Postmaster(id), note)
                : (null, note);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            return (null, string.Empty);
        }
    }

    private bool Exists() =>
        OperatingSystem.IsLinux() ? Directory.Exists($"/proc/{ProcessId}") : CommandLine() is not null;

    private bool IsServerOf(string clusterFolder, string note)
    {
        if (!OperatingSystem.IsLinux())
        {
            return CommandLine() is { } command && command.Contains(clusterFolder, StringComparison.Ordinal);
        }

        try
        {
            // A server stands in its cluster's folder, so there lies the same note. Nothing lies there for a process
            // that has ended and only waits to be collected.
            return File.ReadAllText($"/proc/{ProcessId}/cwd/postmaster.pid").Split('\n')[0] == note.Split('\n')[0];
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private string? CommandLine()
    {
        var id = ProcessId.ToString(CultureInfo.InvariantCulture);
        var start = new ProcessStartInfo("ps", ["-p", id, "-o", "command="])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        using var process = Process.Start(start);
        var output = process?.StandardOutput.ReadToEnd();
        process?.WaitForExit();
        return string.IsNullOrWhiteSpace(output) ? null : output;
    }
}
