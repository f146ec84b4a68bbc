namespace Quoin.Accounts;

/// <summary>What is wrong with a request, member by member.</summary>
/// <param name="Errors">The member's name in snake case, and what is wrong with it.</param>
public sealed record InvalidInput(IReadOnlyDictionary<string, string> Errors)
{
    /// <summary>Collects the members whose check found something; null when all are right.</summary>
    internal static InvalidInput? Of(params ReadOnlySpan<(string Member, string? Problem)> checks)
    {
        var errors = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (member, problem) in checks)
        {
            if (problem is not null)
            {
                errors[member] = problem;
            }
        }

        return errors.Count == 0 ? null : new InvalidInput(errors);
    }

    /// <summary>All of it in one sentence.</summary>
    public override string ToString() =>
        string.Join("; ", Errors.Select(error => $"{error.Key} {error.Value}")) + ".";
}
