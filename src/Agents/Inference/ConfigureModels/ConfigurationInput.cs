using System.Diagnostics.CodeAnalysis;
using Quoin.Platform;

namespace Quoin.Inference.Internal;

/// <summary>Collects what is wrong with a configuration, member by member.</summary>
internal sealed class ConfigurationInput
{
    private readonly List<(string Member, string Detail)> errors = [];

    public void That(bool holds, string member, string detail)
    {
        if (!holds)
        {
            errors.Add((member, detail));
        }
    }

    public void Text(string member, string? text)
    {
        if (InputText.Problem(text ?? "", Limits.NameLettersMax) is { } wrong)
        {
            errors.Add((member, wrong));
        }
    }

    /// <summary>Tags or regions, which clients send in headers: separated by commas, and compared as they are.</summary>
    public void Names(string member, IReadOnlyList<string>? names) => That(
        names is null
            || (names.Count <= Limits.RoutingNamesMax
                && names.All(name => name is { Length: > 0 and <= Limits.RoutingLettersMax }
                    && name.All(letter => letter is > ' ' and < '\u007f' and not ','))),
        member,
        $"must be at most {Limits.RoutingNamesMax} of 1 to {Limits.RoutingLettersMax} printable ASCII letters without comma");

    /// <summary>A provider's key; null where none is given.</summary>
    public void Credential(string? credential) => That(
        credential is null
            || (credential.Length is > 0 and <= Limits.CredentialLettersMax
                && credential.All(letter => letter is > ' ' and < '\u007f')),
        "credential",
        $"must be 1 to {Limits.CredentialLettersMax} printable ASCII letters");

    public void Seconds(string member, int seconds) =>
        That(seconds is > 0 and <= Limits.TimeoutSecondsMax, member, $"must be 1 to {Limits.TimeoutSecondsMax}");

    /// <summary>What is wrong, for a person; null where nothing is.</summary>
    public string? Sentence =>
        errors.Count == 0 ? null : string.Join("; ", errors.Select(error => $"{error.Member} {error.Detail}")) + ".";

    /// <summary>Whether something was wrong; the problem names all of it.</summary>
    public bool Failed([NotNullWhen(true)] out Problem? problem)
    {
        problem = errors.Count == 0 ? null : ToProblem();
        return problem is not null;
    }

    /// <summary>What was wrong, all of it; something was.</summary>
    public Problem ToProblem() => new(
        InferenceProblems.InvalidModelConfiguration,
        string.Join("; ", errors.Select(error => $"{error.Member} {error.Detail}")) + ".",
        members: new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["errors"] = errors.Select(error => new { member = error.Member, detail = error.Detail }).ToArray(),
        });
}
