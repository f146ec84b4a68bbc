namespace Quoin.Platform;

/// <summary>
/// The master key in a file that only its owner can read: one base64 text a line, the current one first, one it
/// replaces after it while keys are being re-wrapped.
/// </summary>
/// <param name="path">The file.</param>
internal sealed class MasterKeyFile(string path)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The file's keys, current first; the file is made with a new one if there is none.</summary>
    /// <exception cref="MasterKeyException">The file is malformed, or others may read it.</exception>
    public IReadOnlyList<MasterKey> ReadOrCreate()
    {
        if (!File.Exists(path))
        {
            Create();
        }

        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~OwnerOnly) != UnixFileMode.None)
        {
            throw new MasterKeyException(
                $"{path} holds the master key and may be read by others. "
                + $"Run 'chmod 600 {path}', and consider 'quoin admin rotate-master-key'.");
        }

        var lines = File.ReadAllLines(path).Where(line => line.Length > 0).ToList();
        return lines.Count > 0
            ? [.. lines.Select(line => MasterKey.Parse(line, path))]
            : throw new MasterKeyException($"{path} should hold the master key and is empty.");
    }

    /// <summary>Replaces the whole file at once: a reader sees the old or the new one.</summary>
    public void Write(IEnumerable<MasterKey> keys)
    {
        var written = WriteBeside(keys);
        File.Move(written, path, overwrite: true);
    }

    private void Create()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var written = WriteBeside([MasterKey.Create()]);
        try
        {
            // Two hosts may start on the folder at once; linking lets exactly one key win.
            File.Move(written, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(written);
        }
    }

    private string WriteBeside(IEnumerable<MasterKey> keys)
    {
        var temporary = $"{path}.{Environment.ProcessId}.{Path.GetRandomFileName()}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using var stream = new FileStream(temporary, options);
        using (var writer = new StreamWriter(stream, leaveOpen: true))
        {
            foreach (var key in keys)
            {
                writer.WriteLine(key.ToText());
            }
        }

        stream.Flush(flushToDisk: true);
        return temporary;
    }
}
