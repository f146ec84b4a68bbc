using System.Security.Cryptography;
using System.Text;

namespace Quoin.Platform;

/// <summary>
/// The layout of a data folder: <c>pg/</c> the cluster, <c>run/</c> its socket, <c>hosts/</c> a lock file per running
/// host, <c>secrets/</c> what nobody else may read, <c>turn.lock</c> held while a host starts, stops or joins.
/// </summary>
internal sealed class DataFolder(string root)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public string Root => root;

    public string Cluster => Path.Combine(root, "pg");

    /// <summary>A cluster in the making, renamed once it is whole, so that a crash leaves no half of one.</summary>
    public string UnfinishedCluster => Path.Combine(root, "pg.new");

    public string Hosts => Path.Combine(root, "hosts");

    public string TurnLock => Path.Combine(root, "turn.lock");

    public string PasswordFile => Path.Combine(Secrets, "postgres-password");

    public string StartLog => Path.Combine(Cluster, "log", "start.log");

    private string Secrets => Path.Combine(root, "secrets");

    private string SocketNote => Path.Combine(root, "socket-folder");

    /// <summary>What is free on its disk for this user.</summary>
    public long FreeBytes() => new DriveInfo(root).AvailableFreeSpace;

    /// <summary>The major version the cluster was made by; null before there is one.</summary>
    public int? ClusterMajor()
    {
        var file = Path.Combine(Cluster, "PG_VERSION");
        return File.Exists(file)
            ? int.Parse(File.ReadAllText(file).Trim(), System.Globalization.CultureInfo.InvariantCulture)
            : null;
    }

    /// <summary>Makes the folders that are not there yet and proves that they can be written.</summary>
    /// <exception cref="IOException">The folder cannot be made or written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder cannot be made or written.</exception>
    public void Create(ClusterUser user)
    {
        if (!Directory.Exists(root))
        {
            Directory.CreateDirectory(root, Private);
        }

        if (user.Name is not null)
        {
            // The server runs as another user and must pass through; it cannot look around.
            File.SetUnixFileMode(root, File.GetUnixFileMode(root) | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        }

        Directory.CreateDirectory(Hosts, Private);
        Directory.CreateDirectory(Secrets, Private);
        using var probe = new FileStream(
            Path.Combine(root, ".writable"), FileMode.Create, FileAccess.Write, FileShare.ReadWrite, 1, FileOptions.DeleteOnClose);
    }

    /// <summary>The password of the cluster's owner, made with the folder.</summary>
    public string Password()
    {
        if (!File.Exists(PasswordFile))
        {
            WritePrivately(PasswordFile, RandomNumberGenerator.GetHexString(64, lowercase: true));
        }

        return File.ReadAllText(PasswordFile).Trim();
    }

    /// <summary>Writes a file only this user can read; whole or not at all.</summary>
    public static void WritePrivately(string path, string text)
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = PrivateFile,
        };
        using (var file = new FileStream(path + ".new", options))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }

        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>
    /// The folder of the socket: inside the data folder where the path is short enough, else a private one under
    /// <c>/tmp</c>. It stays the same while hosts run, since their connections name it.
    /// </summary>
    public async Task<string> SocketFolder(ClusterUser user, CancellationToken cancellationToken)
    {
        var folder = File.Exists(SocketNote) ? (await File.ReadAllTextAsync(SocketNote, cancellationToken)).Trim() : null;
        if (folder is not null && Directory.Exists(folder))
        {
            return folder;
        }

        var inside = Path.Combine(root, "run");
        if (Encoding.UTF8.GetByteCount(Path.Combine(inside, ".s.PGSQL.5432")) <= PostgresLimits.SocketPathBytesMax)
        {
            folder = inside;
            Directory.CreateDirectory(folder, Private);
        }
        else if (folder is not null)
        {
            // Something cleaned /tmp under a running host: put the folder back where that host expects it.
            Directory.CreateDirectory(folder, Private);
        }
        else
        {
            folder = CreateShortFolder();
        }

        await user.Own(folder, cancellationToken);
        await File.WriteAllTextAsync(SocketNote, folder, cancellationToken);
        return folder;
    }

    /// <summary>
    /// Removes what a crashed server left in the socket's folder: its lock file names a process id that may be another
    /// program's by now, which PostgreSQL would take for a running server.
    /// </summary>
    public async Task ClearSocketFolder(ClusterUser user, CancellationToken cancellationToken)
    {
        foreach (var left in Directory.EnumerateFiles(await SocketFolder(user, cancellationToken), ".s.PGSQL.*"))
        {
            File.Delete(left);
        }
    }

    /// <summary>Removes the socket's folder, once the server is down.</summary>
    public void RemoveSocketFolder()
    {
        if (File.Exists(SocketNote))
        {
            var folder = File.ReadAllText(SocketNote).Trim();
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }

            File.Delete(SocketNote);
        }
    }

    // The name cannot be guessed, so nobody else can have put it there.
    private static string CreateShortFolder()
    {
        var name = Path.Combine("/tmp", "quoin-" + RandomNumberGenerator.GetHexString(16, lowercase: true));
        Directory.CreateDirectory(name, Private);
        return name;
    }
}
