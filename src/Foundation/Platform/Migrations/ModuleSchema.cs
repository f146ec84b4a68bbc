using System.Reflection;

namespace Quoin.Platform;

/// <summary>
/// A module's own PostgreSQL schema: its numbered SQL files (<c>Schema/0001-accounts.sql</c>), embedded in its assembly.
/// Registered in the order in which modules may know each other, which is the order they are migrated in.
/// </summary>
/// <param name="Name">The schema, and the module's name in lower case.</param>
/// <param name="Assembly">The assembly that embeds the files.</param>
public sealed record ModuleSchema(string Name, Assembly Assembly);
