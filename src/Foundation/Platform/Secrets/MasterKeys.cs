namespace Quoin.Platform;

/// <summary>
/// The master keys this replica has: the current one wraps; during a rotation the previous one still unwraps. Read when
/// first needed, from <c>QUOIN_MASTER_KEY</c> or from a file beside the embedded data.
/// </summary>
public sealed class MasterKeys
{
    private readonly Lock gate = new();
    private readonly MasterKeyFile? file;
    private IReadOnlyList<MasterKey> keys;

    private MasterKeys(IReadOnlyList<MasterKey> keys, MasterKeyFile? file) => (this.keys, this.file) = (keys, file);

    /// <summary>Keys given as text.</summary>
    /// <param name="current">The key in base64, <c>QUOIN_MASTER_KEY</c>.</param>
    /// <param name="previous">
    /// The one it replaces, <c>QUOIN_MASTER_KEY_PREVIOUS</c>; null when none is being replaced.
    /// </param>
    /// <exception cref="MasterKeyException">One of them is not a key.</exception>
    public static MasterKeys Given(string current, string? previous = null)
    {
        var first = MasterKey.Parse(current, "QUOIN_MASTER_KEY");
        return new MasterKeys(
            previous is null ? [first] : [first, MasterKey.Parse(previous, "QUOIN_MASTER_KEY_PREVIOUS")], file: null);
    }

    /// <summary>The keys of <c>master.key</c> in a folder; made there when first needed.</summary>
    public static MasterKeys InFolder(string folder) => new([], new MasterKeyFile(Path.Combine(folder, "master.key")));

    /// <summary>The key that wraps.</summary>
    internal MasterKey Current
    {
        get
        {
            lock (gate)
            {
                keys = keys.Count == 0 ? file!.ReadOrCreate() : keys;
                return keys[0];
            }
        }
    }

    /// <summary>The key with an id.</summary>
    /// <exception cref="MasterKeyException">This replica does not have it.</exception>
    internal MasterKey Get(string id) => TryGet(id) ?? Reread(id);

    /// <summary>
    /// Puts a new key first in the file; does nothing for keys given as text, which people replace themselves. The
    /// others stay: a rotation that was broken off has left keys wrapped with them.
    /// </summary>
    internal void ReplaceInFile()
    {
        if (file is not null)
        {
            lock (gate)
            {
                keys = [MasterKey.Create(), .. file.ReadOrCreate()];
                file.Write(keys);
            }
        }
    }

    /// <summary>Reads the file again: another process may have rotated it.</summary>
    internal void Refresh()
    {
        lock (gate)
        {
            keys = file?.ReadOrCreate() ?? keys;
        }
    }

    /// <summary>Forgets the replaced keys in the file.</summary>
    internal void DropPreviousFromFile()
    {
        if (file is not null)
        {
            lock (gate)
            {
                keys = [keys[0]];
                file.Write(keys);
            }
        }
    }

    private MasterKey? TryGet(string id)
    {
        var current = Current;
        lock (gate)
        {
            return current.Id == id ? current : keys.FirstOrDefault(key => key.Id == id);
        }
    }

    private MasterKey Reread(string id)
    {
        Refresh();
        lock (gate)
        {
            return keys.FirstOrDefault(key => key.Id == id) ?? throw new MasterKeyException(
                $"The database's keys are wrapped with master key {id}; "
                + $"this replica has {string.Join(", ", keys.Select(key => key.Id))}. "
                + "Give every replica of the database the same QUOIN_MASTER_KEY.");
        }
    }
}
