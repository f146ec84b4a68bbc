namespace Quoin.Platform;

/// <summary>Every way writing or reading a backup can end, in the order they are checked.</summary>
public abstract record BackupOutcome
{
    private BackupOutcome()
    {
    }

    /// <summary>One or two sentences for the person who asked: what happened, and what to do about it.</summary>
    public abstract string Message { get; }

    /// <summary>The programs that do it are not installed.</summary>
    public sealed record NoPrograms : BackupOutcome
    {
        /// <inheritdoc />
        public override string Message =>
            "pg_dump and pg_restore are not installed here. Install PostgreSQL's client programs: "
            + "apt-get install postgresql-client (Debian, Ubuntu), brew install libpq (macOS).";
    }

    /// <summary>Hosts or people are connected; restoring under them would give them half of two databases.</summary>
    /// <param name="Connections">How many.</param>
    public sealed record InUse(long Connections) : BackupOutcome
    {
        /// <inheritdoc />
        public override string Message =>
            $"{Connections} other connections use the database. Stop every host first, then restore.";
    }

    /// <summary>The database holds tables already.</summary>
    /// <param name="Tables">How many.</param>
    public sealed record NotEmpty(long Tables) : BackupOutcome
    {
        /// <inheritdoc />
        public override string Message =>
            $"The database is not empty: it has {Tables} tables. Restore into a new one, "
            + "or add --force to delete everything in it first.";
    }

    /// <summary>The programs refused; their words say why. A failed restore leaves the database empty.</summary>
    /// <param name="Words">What they wrote.</param>
    public sealed record Failed(string Words) : BackupOutcome
    {
        /// <inheritdoc />
        public override string Message => Words;
    }

    /// <summary>The backup is written, whole.</summary>
    /// <param name="File">Where.</param>
    /// <param name="Bytes">Its size.</param>
    public sealed record Written(string File, long Bytes) : BackupOutcome
    {
        /// <inheritdoc />
        public override string Message =>
            $"Wrote {File} ({Bytes} bytes). The master key is not in it: keep that too, elsewhere.";
    }

    /// <summary>The backup is restored, whole.</summary>
    /// <param name="File">From where.</param>
    public sealed record Restored(string File) : BackupOutcome
    {
        /// <inheritdoc />
        public override string Message => $"Restored {File}.";
    }
}
