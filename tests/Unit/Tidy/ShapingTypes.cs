using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Quoin.Kernel;

namespace Quoin.Tests.Unit.Tidy;

/// <summary>What reflection can tell about the modules' types.</summary>
public sealed partial class ShapingTypes
{
    private static readonly IReadOnlyList<Assembly> Assemblies =
    [
        .. Directory.GetFiles(AppContext.BaseDirectory, "Quoin.*.dll")
            .Where(file => !Path.GetFileName(file).StartsWith("Quoin.Tests.", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(Assembly.LoadFrom),
    ];

    [Fact]
    public void Every_id_has_a_prefix_of_its_own()
    {
        var ids = Assemblies.SelectMany(assembly => assembly.GetTypes())
            .Where(IsId)
            .ToDictionary(type => type, type => (string)type.GetProperty("Prefix")!.GetValue(null)!);

        ids.Count.ShouldBeGreaterThan(3);
        ids.Values.ShouldBeUnique();
        ids.ShouldAllBe(id => Prefix().IsMatch(id.Value));
        ids.Keys.ShouldAllBe(type => type.Name.EndsWith("Id", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_outcome_is_closed()
    {
        var outcomes = Assemblies.SelectMany(assembly => assembly.GetTypes())
            .Where(type => type.IsClass && type.IsAbstract && !type.IsSealed && type.Name.EndsWith("Outcome", StringComparison.Ordinal))
            .ToList();

        outcomes.ShouldNotBeEmpty();
        foreach (var outcome in outcomes)
        {
            var constructors = outcome.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic);
            constructors.Where(one => one.GetParameters().Length == 0).ShouldAllBe(one => one.IsPrivate, outcome.FullName);
            var endings = outcome.Assembly.GetTypes().Where(type => type.BaseType == outcome).ToList();
            endings.ShouldNotBeEmpty(outcome.FullName);
            endings.ShouldAllBe(ending => ending.IsSealed && ending.DeclaringType == outcome, outcome.FullName);
        }
    }

    [Fact]
    public void Classes_are_sealed_unless_they_are_made_to_be_extended()
    {
        var open = from assembly in Assemblies
                   from type in assembly.GetTypes()
                   where type is { IsClass: true, IsSealed: false, IsAbstract: false } && !IsGenerated(type)
                   select type.FullName;

        open.ShouldBeEmpty();
    }

    [Fact]
    public void Every_public_type_and_member_says_what_it_is()
    {
        var silent = new List<string>();
        foreach (var assembly in Assemblies)
        {
            var said = Documented(assembly);
            foreach (var type in assembly.GetExportedTypes().Where(type => !IsGenerated(type)))
            {
                var name = type.FullName!.Replace('+', '.');
                if (!said.Contains("T:" + name))
                {
                    silent.Add(name);
                }

                silent.AddRange(MembersOf(type)
                    .Where(member => !said.Any(one => Names(one, name, member)))
                    .Select(member => $"{name}.{member}"));
            }
        }

        silent.ShouldBeEmpty();
    }

    private static bool IsId(Type type) =>
        type.IsValueType
        && type.GetInterfaces().Any(face => face.IsGenericType && face.GetGenericTypeDefinition() == typeof(IId<>));

    // Methods, properties and fields that a person wrote here. Overrides and interfaces' members have their comment
    // where they were first declared; a record's members have theirs on its parameters.
    private static IEnumerable<string> MembersOf(Type type)
    {
        const BindingFlags declared =
            BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        if (type.IsSubclassOf(typeof(Delegate)))
        {
            return [];
        }

        const BindingFlags hidden = BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly;
        var isRecord = type.GetMethod("PrintMembers", hidden) is not null;
        var parameters = isRecord
            ? type.GetConstructors().SelectMany(one => one.GetParameters()).Select(one => one.Name).ToHashSet()
            : [];
        var properties = type.GetProperties(declared).Where(one => !parameters.Contains(one.Name) && !Implements(type, one.GetMethod));
        var methods = type.GetMethods(declared)
            .Where(one => !one.IsSpecialName && !IsGenerated(one) && one.GetBaseDefinition() == one && !Implements(type, one))
            .Where(one => one.Name is not ("Deconstruct" or "ToString" or "Equals" or "GetHashCode" or "<Clone>$"));
        var fields = type.GetFields(declared).Where(one => !one.IsSpecialName);
        return properties.Select(one => one.Name)
            .Concat(methods.Select(one => one.Name))
            .Concat(fields.Select(one => one.Name))
            .Distinct();
    }

    private static bool Implements(Type type, MethodInfo? method) =>
        method is not null && !type.IsInterface
        && type.GetInterfaces().Any(face => type.GetInterfaceMap(face).TargetMethods.Contains(method));

    private static bool IsGenerated(MemberInfo member) =>
        member.Name.Contains('<')
        || member.IsDefined(typeof(CompilerGeneratedAttribute))
        || member.IsDefined(typeof(System.CodeDom.Compiler.GeneratedCodeAttribute))
        || (member.DeclaringType is { } outer && IsGenerated(outer));

    private static HashSet<string> Documented(Assembly assembly) =>
        XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml"))
            .Descendants("member")
            .Where(member => member.Elements().Any())
            .Select(member => member.Attribute("name")!.Value)
            .ToHashSet(StringComparer.Ordinal);

    private static bool Names(string documented, string type, string member)
    {
        var start = $"{type}.{member}";
        return documented.AsSpan(2).StartsWith(start, StringComparison.Ordinal)
            && (documented.Length == start.Length + 2 || documented[start.Length + 2] is '(' or '`');
    }

    [GeneratedRegex("^[a-z]{2,6}$")]
    private static partial Regex Prefix();
}
