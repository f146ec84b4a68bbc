using System.Xml.Linq;

namespace Quoin.Tests.Unit.Tidy;

/// <summary>One project of the product.</summary>
/// <param name="Name">Its name, which is its module's.</param>
/// <param name="Folder">Where it is, from the root.</param>
/// <param name="Knows">The projects it refers to, by name.</param>
/// <param name="Packages">The packages it refers to.</param>
internal sealed record SourceProject(string Name, string Folder, IReadOnlySet<string> Knows, IReadOnlySet<string> Packages)
{
    /// <summary>The module's PostgreSQL schema.</summary>
    public string Schema => Name.ToLowerInvariant();

    /// <summary>The files in its folder.</summary>
    public IEnumerable<SourceFile> Files =>
        Repository.Files.Where(file => file.Path.StartsWith(Folder + "/", StringComparison.Ordinal));

    /// <summary>Reads a project file.</summary>
    public static SourceProject Read(SourceFile file)
    {
        var project = XDocument.Parse(file.Text);
        return new SourceProject(
            Path.GetFileNameWithoutExtension(file.Path),
            Path.GetDirectoryName(file.Path)!.Replace('\\', '/'),
            Included(project, "ProjectReference").Select(path => Path.GetFileNameWithoutExtension(path)!).ToHashSet(),
            Included(project, "PackageReference").ToHashSet());
    }

    /// <summary>What a project file includes of one kind.</summary>
    public static IEnumerable<string> Included(XDocument project, string kind) =>
        project.Descendants(kind).Select(item => item.Attribute("Include")!.Value.Replace('\\', '/'));
}
