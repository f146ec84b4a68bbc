using System.Diagnostics.CodeAnalysis;
using Quoin.Platform;

namespace Quoin.Limiting.Internal;

/// <summary>Collects what is wrong with a request, member by member.</summary>
internal sealed class LimitInput
{
    private readonly List<(string Member, string Detail)> errors = [];

    /// <summary>Whether something was wrong so far.</summary>
    public bool HasFailed => errors.Count > 0;

    public void That(bool holds, string member, string detail)
    {
        if (!holds)
        {
            errors.Add((member, detail));
        }
    }

    public void Text(string member, string? text, int lettersMax)
    {
        if (InputText.Problem(text ?? string.Empty, lettersMax) is { } wrong)
        {
            errors.Add((member, wrong));
        }
    }

    /// <summary>An amount that is asked for.</summary>
    public void Amount(string member, decimal amount, bool mayBeZero) => That(
        (mayBeZero ? amount >= 0 : amount > 0) && amount <= Limits.AmountMax && amount.Scale <= Limits.AmountScaleMax,
        member,
        $"must be {(mayBeZero ? "0" : "more than 0")} to {Limits.AmountMax} with at most {Limits.AmountScaleMax} decimals");

    /// <summary>A time to hold for, in seconds.</summary>
    public void Seconds(string member, int? seconds) => That(
        seconds is not { } some
            || (some >= Limits.HeldShortest.TotalSeconds && some <= Limits.HeldLongest.TotalSeconds),
        member,
        $"must be {Limits.HeldShortest.TotalSeconds} to {Limits.HeldLongest.TotalSeconds} seconds");

    /// <summary>Whether something was wrong; the problem names all of it.</summary>
    public bool Failed([NotNullWhen(true)] out Problem? problem)
    {
        problem = errors.Count == 0
            ? null
            : new Problem(
                LimitsProblems.InvalidLimitInput,
                string.Join("; ", errors.Select(error => $"{error.Member} {error.Detail}")) + ".",
                members: new Dictionary<string, object?>(StringComparer.Ordinal)
                {
                    ["errors"] = errors.Select(error => new { member = error.Member, detail = error.Detail }).ToArray(),
                });
        return problem is not null;
    }
}
