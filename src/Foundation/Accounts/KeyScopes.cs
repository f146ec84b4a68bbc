using System.Collections.Frozen;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>
/// What a key of an organisation may do: some of the permissions that keys may hold at all. None of them manages keys,
/// people or the organisation itself, so a leaked key cannot make itself another one. The one exception makes keys that
/// call models and nothing else, and no key has it unless its maker names it.
/// </summary>
public static class KeyScopes
{
    /// <summary>The preset with every scope that a key has unless its maker says otherwise.</summary>
    public const string Full = "full";

    /// <summary>The preset of programs that only report usage.</summary>
    public const string Ingest = "ingest";

    /// <summary>The preset of dashboards and reports.</summary>
    public const string Read = "read";

    private static readonly Permission[] Reads =
    [
        Permission.UsageRead, Permission.LedgerRead, Permission.PricesRead, Permission.PlansRead,
        Permission.OrganisationRead,
    ];

    /// <summary>The scopes of a key whose maker names none.</summary>
    public static IReadOnlyList<Permission> Usual { get; } =
        [Permission.EventsWrite, Permission.InferenceCall, .. Reads, Permission.TestClockAdvance, Permission.WebhooksManage];

    /// <summary>Every scope a key may have.</summary>
    public static IReadOnlyList<Permission> All { get; } = [.. Usual, Permission.VirtualKeysManage];

    /// <summary>Scopes that go well together, by the name to ask for them.</summary>
    public static IReadOnlyList<KeyScopePreset> Presets { get; } =
    [
        new(Full, "Everything a key may do, but for making other keys.", [.. Usual.Select(scope => scope.Name)]),
        new(Ingest, "Send usage, and nothing else.", [Permission.EventsWrite.Name]),
        new(Read, "Read usage, balances, prices and plans.", [.. Reads.Select(scope => scope.Name)]),
    ];

    private static readonly FrozenDictionary<string, Permission> ByName =
        All.ToFrozenDictionary(scope => scope.Name, StringComparer.Ordinal);

    /// <summary>What some scopes allow. A scope this release does not know allows nothing.</summary>
    public static IReadOnlySet<Permission> PermissionsOf(IEnumerable<string> scopes) =>
        scopes.Where(ByName.ContainsKey).Select(name => ByName[name]).ToFrozenSet();

    /// <summary>The scopes asked for: those named, or the preset's; all that the asker holds where nothing is.</summary>
    internal static IReadOnlyList<string> Of(
        IReadOnlyList<string>? scopes, string? preset, IReadOnlySet<Permission>? held)
    {
        if (scopes is not null)
        {
            return [.. All.Select(scope => scope.Name).Where(scopes.Contains)];
        }

        var wanted = Presets.FirstOrDefault(one => one.Name == (preset ?? Full))?.Scopes ?? [];
        return [.. wanted.Where(name => preset is not null || held is null || held.Contains(ByName[name]))];
    }

    /// <summary>What is wrong with scopes asked for; null when nothing is.</summary>
    internal static string? Problem(IReadOnlyList<string>? scopes, string? preset, IReadOnlySet<Permission>? held)
    {
        if (scopes is not null && preset is not null)
        {
            return "must be left out where a preset is named";
        }

        if (scopes is not null
            && (scopes.Count == 0 || scopes.Distinct(StringComparer.Ordinal).Count() != scopes.Count || !scopes.All(ByName.ContainsKey)))
        {
            return $"must name at least one of {string.Join(", ", All)}, each once";
        }

        var beyond = Of(scopes, preset, held).Where(name => held?.Contains(ByName[name]) == false).ToList();
        return beyond.Count == 0 ? null : $"must not go beyond what you may do yourself: {string.Join(", ", beyond)}";
    }

    /// <summary>Every scope a key of a person's device may have: it stands for the person, who may manage keys.</summary>
    public static IReadOnlyList<Permission> OfPersons { get; } = [.. All, Permission.KeysManage];

    /// <summary>What a device's scopes allow a person with some role.</summary>
    internal static IReadOnlySet<Permission> PermissionsOf(IEnumerable<string> scopes, string role)
    {
        var allowed = MemberRole.PermissionsOf(role);
        return OfPersons.Where(scope => scopes.Contains(scope.Name) && allowed.Contains(scope)).ToFrozenSet();
    }

    /// <summary>What is wrong with scopes a device asks for; null when nothing is.</summary>
    internal static string? PersonsProblem(IReadOnlyList<string>? scopes) =>
        scopes is null || (scopes.Count > 0
            && scopes.Distinct(StringComparer.Ordinal).Count() == scopes.Count
            && scopes.All(name => OfPersons.Any(scope => scope.Name == name)))
            ? null
            : $"must name at least one of {string.Join(", ", OfPersons)}, each once";

    internal static string? PresetProblem(string? preset) =>
        preset is null || Presets.Any(one => one.Name == preset)
            ? null
            : $"must be one of {string.Join(", ", Presets.Select(one => one.Name))}";
}

/// <summary>Scopes that go well together.</summary>
/// <param name="Name">The name to ask for them.</param>
/// <param name="Description">What they are for.</param>
/// <param name="Scopes">The scopes.</param>
public sealed record KeyScopePreset(string Name, string Description, IReadOnlyList<string> Scopes);
