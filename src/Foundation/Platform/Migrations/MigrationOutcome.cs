namespace Quoin.Platform;

/// <summary>Every way migrating a database can end, in the order they are checked.</summary>
public abstract record MigrationOutcome
{
    private MigrationOutcome()
    {
    }

    /// <summary>One sentence for the person who started the program: what happened, and what to do about it.</summary>
    public abstract string Message { get; }

    /// <summary>The database holds a migration this program does not know: a newer release migrated it.</summary>
    /// <param name="Module">The module.</param>
    /// <param name="File">The file this program lacks.</param>
    public sealed record DatabaseIsNewer(string Module, string File) : MigrationOutcome
    {
        /// <inheritdoc />
        public override string Message =>
            $"The database was migrated by a newer release: it has {Module}/{File}, which this program does not know. "
            + "Start the newer release, or restore a backup taken before the upgrade.";
    }

    /// <summary>A migration that was already applied has been edited since.</summary>
    /// <param name="Module">The module.</param>
    /// <param name="File">The edited file.</param>
    public sealed record Edited(string Module, string File) : MigrationOutcome
    {
        /// <inheritdoc />
        public override string Message =>
            $"{Module}/{File} was edited after it had been applied to this database. "
            + "Put the file back as it was, and make the change in a new file.";
    }

    /// <summary>A new migration has a smaller number than one already applied, so databases would differ by history.</summary>
    /// <param name="Module">The module.</param>
    /// <param name="File">The late file.</param>
    /// <param name="Applied">The file that was applied before it.</param>
    public sealed record OutOfOrder(string Module, string File, string Applied) : MigrationOutcome
    {
        /// <inheritdoc />
        public override string Message =>
            $"{Module}/{File} is new but {Applied}, which comes after it, is already applied. "
            + "Give the new file the next free number.";
    }

    /// <summary>The database is as this program needs it.</summary>
    /// <param name="Applied">The files applied just now, <c>module/file</c>; none when it was up to date.</param>
    public sealed record Migrated(IReadOnlyList<string> Applied) : MigrationOutcome
    {
        /// <inheritdoc />
        public override string Message => Applied.Count == 0
            ? "The database is up to date."
            : $"Applied {Applied.Count} migrations: {string.Join(", ", Applied)}.";
    }
}

/// <summary>PostgreSQL refused a migration's SQL; nothing of that file was kept.</summary>
public sealed class MigrationFailedException(string message, Exception innerException)
    : Exception(message, innerException);
