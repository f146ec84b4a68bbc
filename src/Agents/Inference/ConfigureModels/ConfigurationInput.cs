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

    public void Seconds(string member, int seconds) =>
        That(seconds is > 0 and <= Limits.TimeoutSecondsMax, member, $"must be 1 to {Limits.TimeoutSecondsMax}");

    /// <summary>Whether something was wrong; the problem names all of it.</summary>
    public bool Failed([NotNullWhen(true)] out Problem? problem)
    {
        problem = errors.Count == 0
            ? null
            : new Problem(
                InferenceProblems.InvalidModelConfiguration,
                string.Join("; ", errors.Select(error => $"{error.Member} {error.Detail}")) + ".",
                members: new Dictionary<string, object?>(StringComparer.Ordinal)
                {
                    ["errors"] = errors.Select(error => new { member = error.Member, detail = error.Detail }).ToArray(),
                });
        return problem is not null;
    }
}
