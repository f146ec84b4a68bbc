namespace Quoin.Platform;

/// <summary>
/// A lock between processes: a file one of them holds open. The system gives it back when the process ends, however it
/// ends, so a lock never outlives its holder.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    // EWOULDBLOCK, which .NET passes on as it is: another holder. Any other failure is one.
    private const int WouldBlockOnLinux = 11;

    private const int WouldBlockOnMacOS = 35;

    private readonly FileStream file;

    private FolderLock(FileStream file) => this.file = file;

    /// <summary>Takes the lock if it is free.</summary>
    /// <returns>The lock; null while another process, or another holder in this one, has it.</returns>
    /// <exception cref="UnauthorizedAccessException">The file may not be opened.</exception>
    public static FolderLock? TryTake(string path)
    {
        try
        {
            return new FolderLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException failure) when (failure.HResult is WouldBlockOnLinux or WouldBlockOnMacOS)
        {
            return null;
        }
    }

    /// <summary>Waits for the lock.</summary>
    /// <exception cref="TimeoutException">Another process kept it for too long.</exception>
    public static async Task<FolderLock> Take(
        string path, TimeSpan timeout, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        while (true)
        {
            if (TryTake(path) is { } taken)
            {
                return taken;
            }

            if (time.GetElapsedTime(started) > timeout)
            {
                throw new TimeoutException($"Another process has held {path} for more than {timeout}.");
            }

            await Task.Delay(PostgresLimits.PollInterval, time, cancellationToken);
        }
    }

    /// <inheritdoc />
    public void Dispose() => file.Dispose();
}
