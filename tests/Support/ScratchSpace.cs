namespace Quoin.Tests.Support;

/// <summary>
/// Where tests keep what nobody needs afterwards: in memory where there is room. Each test class has databases of its own, a
/// thousand files each; on a disk's file system, finding inodes for them that were not freed a moment ago took most of the
/// tests' time.
/// </summary>
internal static class ScratchSpace
{
    private const string Memory = "/dev/shm";

    /// <summary>What all databases of a run and their journal can come to, with room to spare.</summary>
    private const long BytesLeast = 8L << 30;

    /// <summary>The folder to make others in; short, because a socket's path may have no more than a hundred letters.</summary>
    public static string Folder { get; } = HasRoom() ? Memory : "/tmp";

    private static bool HasRoom()
    {
        if (!Directory.Exists(Memory) || GC.GetGCMemoryInfo().TotalAvailableMemoryBytes < 2 * BytesLeast)
        {
            return false;
        }

        try
        {
            return new DriveInfo(Memory).AvailableFreeSpace >= BytesLeast;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
