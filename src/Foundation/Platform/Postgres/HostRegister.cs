using System.Globalization;
using System.Security.Cryptography;

namespace Quoin.Platform;

/// <summary>
/// The hosts that use a data folder: one lock file each, held while the host lives. Whoever reads or changes the
/// register holds the folder's turn lock.
/// </summary>
internal sealed class HostRegister(DataFolder folder)
{
    private (string Path, FolderLock Held)? self;

    /// <summary>Adds this host.</summary>
    public void Join()
    {
        var name = string.Create(
            CultureInfo.InvariantCulture, $"{Environment.ProcessId}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}.lock");
        var path = Path.Combine(folder.Hosts, name);
        var held = FolderLock.TryTake(path) ?? throw new InvalidOperationException($"{path} is taken though it is new.");
        self = (path, held);
    }

    /// <summary>Removes this host.</summary>
    public void Leave()
    {
        if (self is var (path, held))
        {
            File.Delete(path);
            held.Dispose();
            self = null;
        }
    }

    /// <summary>How many hosts live; files of dead ones are removed on the way.</summary>
    public int CountLiving()
    {
        var living = 0;
        foreach (var path in Directory.EnumerateFiles(folder.Hosts, "*.lock"))
        {
            if (path == self?.Path || FolderLock.TryTake(path) is not { } left)
            {
                living++;
                continue;
            }

            File.Delete(path);
            left.Dispose();
        }

        return living;
    }
}
