namespace Quoin.Platform;

/// <summary>One thing a replica needs before it takes work; registered by whoever needs it.</summary>
public interface IReadinessCheck
{
    /// <summary>Its name in the answer, in snake case: <c>database</c>.</summary>
    string Name { get; }

    /// <summary>Looks, within a second or two.</summary>
    /// <returns>Null when all is well, or what is missing: one sentence without secrets.</returns>
    Task<string?> Check(CancellationToken cancellationToken);
}
