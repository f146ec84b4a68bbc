using System.Diagnostics;
using System.Globalization;

namespace Quoin.Tests.Support;

/// <summary>
/// Tidies up after this process, however it ends: a test runner may end it without asking. A guardian is a shell that
/// reads a pipe only this process holds open; the pipe ends when the process does. It stands in the background of a
/// shell that has exited, so that nobody who ends a whole tree of processes finds it.
/// </summary>
internal static class Guardian
{
    // Keeps the pipes' ends from the garbage collector.
    private static readonly List<Process> Started = [];

    /// <summary>Later stops the server of a PostgreSQL cluster, if one runs, and deletes a folder.</summary>
    public static Task OfFolder(string folder, string cluster) => Start(
        """
        pid=$(head -n 1 "$2/postmaster.pid" 2>/dev/null) && kill -QUIT "$pid"
        tries=0
        while [ -n "$pid" ] && [ $tries -lt 100 ] && [ -f "$2/postmaster.pid" ]; do sleep 0.1; tries=$((tries + 1)); done
        rm -rf "$1"
        """,
        folder,
        cluster);

    /// <summary>Later ends a process this one started.</summary>
    public static Task OfProcess(Process process) => Start(
        """
        case "$(ps -p "$1" -o args= 2>/dev/null || tr '\0' ' ' < "/proc/$1/cmdline")" in *quoin*) kill -9 "$1" ;; esac
        """,
        process.Id.ToString(CultureInfo.InvariantCulture));

    private static async Task Start(string whenOver, params string[] arguments)
    {
        var script = $"""
            trap '' INT HUP TERM
            exec 3<&0
            (
            read -r _ <&3
            {whenOver}
            ) >/dev/null 2>&1 &
            """;
        var start = new ProcessStartInfo("/bin/sh")
        {
            RedirectStandardInput = true,
            UseShellExecute = false,
            WorkingDirectory = "/",
        };
        foreach (var argument in new[] { "-c", script, "guardian" }.Concat(arguments))
        {
            start.ArgumentList.Add(argument);
        }

        var guardian = Process.Start(start) ?? throw new InvalidOperationException("/bin/sh could not be started.");
        lock (Started)
        {
            Started.Add(guardian);
        }

        await guardian.WaitForExitAsync();
    }
}
