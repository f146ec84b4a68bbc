using System.Text.Json;

namespace Quoin.Cli;

/// <summary>
/// The configuration file: <c>config.json</c>, for its owner's eyes only (0600 in a folder with 0700), replaced as a whole so
/// that no crash leaves half of it. Nothing but signing out takes a login from it.
/// </summary>
/// <param name="folder">The folder; made when something is kept for the first time.</param>
public sealed class ProfileFile(string folder)
{
    private const string Name = "config.json";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnersFolder = OwnerOnly | UnixFileMode.UserExecute;

    private static readonly JsonSerializerOptions Form = new(ApiJson.Options) { WriteIndented = true };

    /// <summary>
    /// The file of whoever runs this program: in <c>QUOIN_CONFIG</c>, else in <c>quoin</c> below <c>XDG_CONFIG_HOME</c> or
    /// <c>~/.config</c>.
    /// </summary>
    public static ProfileFile Own() => new(
        Environment.GetEnvironmentVariable("QUOIN_CONFIG") is { Length: > 0 } given
            ? given
            : System.IO.Path.Combine(
                Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData, Environment.SpecialFolderOption.DoNotVerify),
                "quoin"));

    /// <summary>Where it is.</summary>
    public string Path => System.IO.Path.Combine(folder, Name);

    /// <summary>What it holds; nothing where it does not exist.</summary>
    /// <exception cref="InvalidDataException">It is damaged; it stays as it is.</exception>
    public ProfileSet Read()
    {
        if (!File.Exists(Path))
        {
            return ProfileSet.Empty;
        }

        Protect();
        try
        {
            var stored = JsonSerializer.Deserialize<Stored>(File.ReadAllText(Path), Form);
            return new ProfileSet(
                stored?.Current ?? ProfileSet.DefaultName,
                stored?.Profiles ?? new Dictionary<string, Profile>(StringComparer.Ordinal));
        }
        catch (JsonException failure)
        {
            throw new InvalidDataException($"{Path} is damaged ({failure.Message}). Mend it, or remove it and sign in again.", failure);
        }
    }

    /// <summary>Keeps what it shall hold from now on.</summary>
    public void Write(ProfileSet profiles)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OwnersFolder);
            File.SetUnixFileMode(folder, OwnersFolder);
        }

        // The file has its mode from the first moment, and its name only once it is whole.
        var draft = $"{Path}.{Environment.ProcessId}";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using (var file = new FileStream(draft, options))
        {
            JsonSerializer.Serialize(file, new Stored(profiles.Current, new(profiles.Profiles)), Form);
            file.Flush(flushToDisk: true);
        }

        File.Move(draft, Path, overwrite: true);
    }

    // Somebody copied it here or loosened it: a key that others can read is hardly one.
    private void Protect()
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(Path) & ~OwnerOnly) != UnixFileMode.None)
        {
            File.SetUnixFileMode(Path, OwnerOnly);
        }
    }

    private sealed record Stored(string Current, Dictionary<string, Profile> Profiles);
}
