using System.Security.Cryptography;
using System.Text;

namespace Quoin.ConsolePages.Overview;

/// <summary>
/// Which colour stands for what. It follows from the name, so that it stays while others come, go and overtake. Where two
/// want the same one, the larger has it.
/// </summary>
public static class ChartColors
{
    /// <summary>A place among the colours for each name; null for those that are drawn together as one.</summary>
    /// <param name="largestFirst">The names.</param>
    public static IReadOnlyList<int?> Of(IEnumerable<string> largestFirst)
    {
        var free = Enumerable.Range(0, Limits.ModelsCharted).ToList();
        return [.. largestFirst.Select(name =>
        {
            var wanted = free.FindIndex(color => color >= Wanted(name));
            var place = free.Count == 0 ? (int?)null : free[Math.Max(0, wanted)];
            free.Remove(place ?? -1);
            return place;
        })];
    }

    private static int Wanted(string name) => SHA256.HashData(Encoding.UTF8.GetBytes(name))[0] % Limits.ModelsCharted;
}
