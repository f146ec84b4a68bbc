using System.Reflection;

namespace Quoin.Platform;

/// <summary>The assemblies this program is made of.</summary>
internal static class QuoinAssemblies
{
    private const string Prefix = "Quoin.";

    /// <summary>Those that are loaded, and all they refer to; without tests.</summary>
    public static IReadOnlyList<Assembly> All()
    {
        var found = new Dictionary<string, Assembly>(StringComparer.Ordinal);
        var waiting = new Queue<Assembly>(AppDomain.CurrentDomain.GetAssemblies());
        while (waiting.TryDequeue(out var assembly))
        {
            if (!IsOurs(assembly.GetName()) || !found.TryAdd(assembly.GetName().Name!, assembly))
            {
                continue;
            }

            foreach (var name in assembly.GetReferencedAssemblies().Where(IsOurs))
            {
                waiting.Enqueue(Assembly.Load(name));
            }
        }

        return [.. found.Values.OrderBy(assembly => assembly.GetName().Name, StringComparer.Ordinal)];
    }

    /// <summary>The module's name: <c>Ledger</c>.</summary>
    public static string ModuleOf(Assembly assembly) =>
        assembly.GetName().Name is { } name && name.StartsWith(Prefix, StringComparison.Ordinal) ? name[Prefix.Length..] : "Server";

    private static bool IsOurs(AssemblyName name) =>
        name.Name is { } text
        && (text == "quoin" || text.StartsWith(Prefix, StringComparison.Ordinal))
        && !text.StartsWith("Quoin.Tests.", StringComparison.Ordinal);
}
