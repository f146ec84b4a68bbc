using System.Diagnostics.CodeAnalysis;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Ledger.Internal;

/// <summary>
/// Collects what is wrong with a request, member by member. What passes here passes <see cref="CommandChecks"/>, too,
/// where it would be a bug.
/// </summary>
internal sealed class InputCheck
{
    // Before any usage and any price; an earlier instant is a typing mistake.
    private static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly List<(string Member, string Detail)> errors = [];
    private ProblemCode code = LedgerProblems.InvalidLedgerInput;

    /// <summary>What was wrong so far.</summary>
    public IReadOnlyList<(string Member, string Detail)> Errors => errors;

    /// <summary>Whether something was wrong; the problem names all of it.</summary>
    public bool Failed([NotNullWhen(true)] out Problem? problem)
    {
        problem = errors.Count == 0 ? null : ProblemOf(code, errors);
        return problem is not null;
    }

    /// <summary>Mistakes as a problem.</summary>
    public static Problem ProblemOf(ProblemCode code, IReadOnlyList<(string Member, string Detail)> errors) => new(
        code,
        string.Join("; ", errors.Select(error => $"{error.Member} {error.Detail}")) + ".",
        members: new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["errors"] = errors.Select(error => new { member = error.Member, detail = error.Detail }).ToArray(),
        });

    /// <summary>Notes a mistake unless something holds.</summary>
    public void That(bool holds, string member, string detail)
    {
        if (!holds)
        {
            errors.Add((member, detail));
        }
    }

    /// <summary>A text that must be there.</summary>
    public void Text(string member, string? text, int lettersMax)
    {
        if (InputText.Problem(text ?? string.Empty, lettersMax) is { } wrong)
        {
            errors.Add((member, wrong));
        }
    }

    /// <summary>An amount of a billing account's currency, from one micro up to a limit.</summary>
    public void Positive(string member, Money amount, Currency currency, long microsMax)
    {
        if (amount.Currency != currency)
        {
            Amount(member, $"must be in {currency}, the billing account's currency");
        }

        if (amount.Micros <= 0 || amount.Micros > microsMax)
        {
            Amount(member, $"must be between 1 and {microsMax} micros");
        }
    }

    /// <summary>Notes a mistake in an amount.</summary>
    public void Amount(string member, string detail)
    {
        code = errors.Count == 0 ? LedgerProblems.InvalidAmount : code;
        errors.Add((member, detail));
    }

    /// <summary>An instant that arithmetic and people can work with.</summary>
    public void Instant(string member, DateTimeOffset? instant, DateTimeOffset now) => That(
        instant is null || (instant >= Earliest && instant - now <= Limits.FarthestAhead),
        member,
        $"must lie between {Earliest:yyyy} and {Limits.FarthestAhead.Days / 365} years from now");

    /// <summary>Opaque names a grant or a hold is restricted to.</summary>
    public void Scopes(string member, IReadOnlyList<string?>? scopes)
    {
        if (scopes is null)
        {
            return;
        }

        That(scopes.Count <= Limits.ScopesMax, member, $"may have at most {Limits.ScopesMax} names");
        That(scopes.Distinct(StringComparer.Ordinal).Count() == scopes.Count, member, "must name each once");
        foreach (var (index, scope) in scopes.Take(Limits.ScopesMax).Index())
        {
            Text($"{member}[{index}]", scope, Limits.ScopeLettersMax);
        }
    }

    /// <summary>Names and values kept with a transfer.</summary>
    public void Metadata(string member, IReadOnlyDictionary<string, string>? metadata)
    {
        if (metadata is null)
        {
            return;
        }

        That(metadata.Count <= Limits.MetadataNamesMax, member, $"may have at most {Limits.MetadataNamesMax} names");
        That(
            metadata.Sum(pair => pair.Key.Length + (pair.Value?.Length ?? 0)) <= Limits.MetadataLettersMax,
            member,
            $"may have at most {Limits.MetadataLettersMax} letters in all");
        var texts = metadata.Keys.Concat(metadata.Values);
        That(
            texts.All(text => InputText.Problem(text ?? string.Empty, Limits.MetadataLettersMax) is null),
            member,
            "must have names and values that are not empty and without control characters");
    }
}
