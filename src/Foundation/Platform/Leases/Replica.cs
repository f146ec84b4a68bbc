namespace Quoin.Platform;

/// <summary>This running host among all that share the database; a restart is another replica.</summary>
/// <param name="Name">Unique, and telling for a person: machine, process, start.</param>
public sealed record Replica(string Name);
