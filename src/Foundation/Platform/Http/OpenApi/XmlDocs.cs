using System.Collections.Concurrent;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Quoin.Platform;

/// <summary>
/// The doc comments of our types, read from the XML files the compiler puts beside the assemblies: what a record's
/// parameter means is said once, in the code, and shown in the API's documentation.
/// </summary>
internal static partial class XmlDocs
{
    private static readonly ConcurrentDictionary<Assembly, IReadOnlyDictionary<string, XElement>> Files = new();

    /// <summary>What a type is.</summary>
    public static string? Of(Type type) => Text(Member(type.Assembly, "T:" + NameOf(type))?.Element("summary"));

    /// <summary>What a property holds: its own comment, or that of the record's parameter it comes from.</summary>
    public static string? OfMember(Type type, string member) =>
        Text(Member(type.Assembly, $"P:{NameOf(type)}.{member}")?.Element("summary"))
        ?? Text(Member(type.Assembly, "T:" + NameOf(type))?.Elements("param")
            .FirstOrDefault(param => param.Attribute("name")?.Value == member));

    /// <summary>What a value of an enumeration means.</summary>
    public static string? OfValue(Type enumeration, string name) =>
        Text(Member(enumeration.Assembly, $"F:{NameOf(enumeration)}.{name}")?.Element("summary"));

    private static string NameOf(Type type) =>
        (type.IsGenericType ? type.GetGenericTypeDefinition() : type).FullName!.Replace('+', '.');

    private static XElement? Member(Assembly assembly, string id) =>
        Files.GetOrAdd(assembly, Read).GetValueOrDefault(id);

    private static IReadOnlyDictionary<string, XElement> Read(Assembly assembly)
    {
        var file = Path.ChangeExtension(assembly.Location, ".xml");
        return assembly.Location.Length == 0 || !File.Exists(file)
            ? new Dictionary<string, XElement>()
            : XDocument.Load(file).Descendants("member").ToDictionary(member => member.Attribute("name")!.Value, StringComparer.Ordinal);
    }

    private static string? Text(XElement? element)
    {
        if (element is null)
        {
            return null;
        }

        var text = Spaces().Replace(string.Concat(element.Nodes().Select(Text)), " ").Trim();
        return text.Length == 0 ? null : text;
    }

    private static string Text(XNode node) => node switch
    {
        XText text => text.Value,
        XElement { Name.LocalName: "c" } code => $"`{code.Value}`",
        XElement { Name.LocalName: "see" } see => Reference(see),
        XElement { Name.LocalName: "paramref" } reference => $"`{reference.Attribute("name")?.Value}`",
        XElement other => string.Concat(other.Nodes().Select(Text)),
        _ => "",
    };

    private static string Reference(XElement see) =>
        see.Attribute("langword")?.Value ?? see.Attribute("cref")?.Value.Split('.', ':')[^1].Split('`')[0] ?? see.Value;

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Spaces();
}
