using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace Quoin.Tests.Support;

/// <summary>
/// A folder of a test's own with a short path that other users can pass through, as a data folder needs when the tests
/// run as root. It goes away with everything in it, including a PostgreSQL that runs in <see cref="Data"/>.
/// </summary>
internal sealed class TestFolder : IDisposable
{
    private TestFolder(string path) => Root = path;

    /// <summary>The folder.</summary>
    public string Root { get; }

    /// <summary>A data folder inside it, not created.</summary>
    public string Data => Path.Combine(Root, "data");

    /// <summary>Makes a folder.</summary>
    public static async Task<TestFolder> Create()
    {
        var path = Path.Combine(ScratchSpace.Folder, "quoin-test-" + RandomNumberGenerator.GetHexString(8, lowercase: true));
        Directory.CreateDirectory(path, (UnixFileMode)Convert.ToInt32("755", 8));
        var folder = new TestFolder(path);
        await Guardian.OfFolder(path, Path.Combine(folder.Data, "pg"));
        return folder;
    }

    /// <summary>
    /// The process id of the PostgreSQL that runs in <see cref="Data"/>, or was killed there; null when it was stopped,
    /// or when a host is about to start it again.
    /// </summary>
    public int? PostmasterId()
    {
        var note = Path.Combine(Data, "pg", "postmaster.pid");
        var first = File.Exists(note) ? File.ReadLines(note).FirstOrDefault() : null;
        return int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id != int.MaxValue
            ? id
            : null;
    }

    /// <summary>Kills that PostgreSQL with SIGKILL.</summary>
    public void KillPostgres()
    {
        using var process = Process.GetProcessById(PostmasterId()!.Value);
        process.Kill();
    }

    /// <inheritdoc />
    public void Dispose()
    {
        // Only a failed test leaves a server behind.
        const string StopServer = """
            pid=$(head -n 1 "$0/postmaster.pid") && kill -QUIT "$pid"
            tries=0
            while [ -f "$0/postmaster.pid" ] && [ $tries -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
            """;
        if (PostmasterId() is not null)
        {
            using var stop = Process.Start("/bin/sh", ["-c", StopServer, Path.Combine(Data, "pg")]);
            stop.WaitForExit();
        }

        Directory.Delete(Root, recursive: true);
    }
}
