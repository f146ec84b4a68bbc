using System.Runtime.CompilerServices;

namespace Quoin.Tests.Unit.Tidy;

/// <summary>The files of the repository as text: what these tests read instead of running.</summary>
internal static class Repository
{
    private static readonly string[] Made = ["bin", "obj", "node_modules", "artifacts", "TestResults"];

    /// <summary>Its folder, found from this very file.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Every file that people write: nothing hidden, nothing built.</summary>
    public static IReadOnlyList<SourceFile> Files { get; } = [.. Under(new DirectoryInfo(Root))];

    /// <summary>The C# files, of the product, the tests and the bench.</summary>
    public static IEnumerable<SourceFile> Code => Files.Where(file => file.Path.EndsWith(".cs", StringComparison.Ordinal));

    /// <summary>The projects of the product.</summary>
    public static IReadOnlyList<SourceProject> Projects { get; } =
    [
        .. Files
            .Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal) && Path.GetExtension(file.Path) == ".csproj")
            .Select(SourceProject.Read)
            .OrderBy(project => project.Folder, StringComparer.Ordinal),
    ];

    /// <summary>The projects that are modules: all but the pure words below them and the programs above them.</summary>
    public static IEnumerable<SourceProject> Modules =>
        Projects.Where(project => project.Name != "Kernel" && !project.Folder.StartsWith("src/Apps/", StringComparison.Ordinal));

    /// <summary>One file.</summary>
    /// <param name="path">Where it is, from the root.</param>
    public static SourceFile File(string path) =>
        Files.SingleOrDefault(file => file.Path == path) ?? throw new InvalidOperationException($"There is no {path}.");

    private static IEnumerable<SourceFile> Under(DirectoryInfo folder)
    {
        foreach (var file in folder.EnumerateFiles().Where(file => !file.Name.StartsWith('.')))
        {
            yield return new SourceFile(Path.GetRelativePath(Root, file.FullName).Replace('\\', '/'));
        }

        var folders = folder.EnumerateDirectories().Where(inner => !inner.Name.StartsWith('.') && !Made.Contains(inner.Name));
        foreach (var file in folders.SelectMany(Under))
        {
            yield return file;
        }
    }

    private static string FindRoot([CallerFilePath] string here = "")
    {
        var folder = new DirectoryInfo(Path.GetDirectoryName(here)!);
        while (folder is not null && !System.IO.File.Exists(Path.Combine(folder.FullName, "Quoin.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"No Quoin.slnx above {here}.");
    }
}

/// <summary>One file of the repository.</summary>
/// <param name="Path">Where it is, from the root, with forward slashes.</param>
internal sealed record SourceFile(string Path)
{
    private readonly Lazy<string> text = new(() => System.IO.File.ReadAllText(System.IO.Path.Combine(Repository.Root, Path)));

    /// <summary>All it says.</summary>
    public string Text => text.Value;

    /// <summary>Its lines.</summary>
    public string[] Lines => Text.TrimEnd('\n').Split('\n');

    /// <inheritdoc />
    public override string ToString() => Path;
}
