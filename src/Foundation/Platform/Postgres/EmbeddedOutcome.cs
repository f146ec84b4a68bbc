namespace Quoin.Platform;

/// <summary>Every way starting the embedded PostgreSQL can end, in the order they are checked.</summary>
public abstract record EmbeddedOutcome
{
    private EmbeddedOutcome()
    {
    }

    /// <summary>One or two sentences for the person who started the program: what is wrong, and what to do.</summary>
    public abstract string Message { get; }

    /// <summary>No PostgreSQL of a usable version is installed.</summary>
    public sealed record NoBinaries : EmbeddedOutcome
    {
        /// <inheritdoc />
        public override string Message =>
            $"No PostgreSQL {PostgresBinaries.MajorMin} or later is installed here. {PostgresBinaries.HowToInstall}";
    }

    /// <summary>The data folder, or something in it, cannot be created or written.</summary>
    /// <param name="Path">What could not be written.</param>
    /// <param name="Reason">The system's words.</param>
    public sealed record NotWritable(string Path, string Reason) : EmbeddedOutcome
    {
        /// <inheritdoc />
        public override string Message =>
            $"The data folder cannot be used: {Path} is not writable ({Reason}). "
            + "Make it writable for this user, or choose another folder with --data or QUOIN_DATA.";
    }

    /// <summary>The host is root, so PostgreSQL runs as another user, and that user cannot reach the data folder.</summary>
    /// <param name="Path">The first folder on the way that is closed to the user.</param>
    /// <param name="User">The user.</param>
    public sealed record NotTraversable(string Path, string User) : EmbeddedOutcome
    {
        /// <inheritdoc />
        public override string Message =>
            $"PostgreSQL does not run as root, and the user {User} it runs as instead cannot enter {Path}. "
            + $"Choose a data folder elsewhere, such as /var/lib/quoin, with --data or QUOIN_DATA, or allow it: chmod o+x {Path}";
    }

    /// <summary>The host is root, and no user to run PostgreSQL as exists or could be created.</summary>
    /// <param name="Reason">The system's words.</param>
    public sealed record NoUser(string Reason) : EmbeddedOutcome
    {
        /// <inheritdoc />
        public override string Message =>
            $"PostgreSQL does not run as root, and a user for it could not be created ({Reason}). "
            + "Create one: useradd --system quoin. Or start quoin as an ordinary user.";
    }

    /// <summary>The disk of the data folder has too little room to start.</summary>
    /// <param name="Path">The data folder.</param>
    /// <param name="FreeBytes">What is free.</param>
    public sealed record DiskFull(string Path, long FreeBytes) : EmbeddedOutcome
    {
        /// <inheritdoc />
        public override string Message =>
            $"The disk of {Path} is full ({FreeBytes / (1024 * 1024)} MB free). Nothing is lost. "
            + "Free some space and start again; never delete files inside the data folder.";
    }

    /// <summary>The cluster was made by a major version newer than any installed.</summary>
    /// <param name="Path">The cluster's folder.</param>
    /// <param name="Major">Its version.</param>
    /// <param name="NewestInstalled">The newest installed.</param>
    public sealed record DataIsNewer(string Path, int Major, int NewestInstalled) : EmbeddedOutcome
    {
        /// <inheritdoc />
        public override string Message =>
            $"{Path} was made by PostgreSQL {Major}, but the newest installed is {NewestInstalled}. "
            + $"Install PostgreSQL {Major}, or choose another data folder and restore a backup into it.";
    }

    /// <summary>The cluster was made by a major version that is no longer installed.</summary>
    /// <param name="Path">The cluster's folder.</param>
    /// <param name="Major">Its version.</param>
    /// <param name="OldestInstalled">The oldest installed.</param>
    public sealed record DataIsOlder(string Path, int Major, int OldestInstalled) : EmbeddedOutcome
    {
        /// <inheritdoc />
        public override string Message =>
            $"{Path} was made by PostgreSQL {Major}, which is no longer installed (the oldest here is {OldestInstalled}). "
            + $"Install PostgreSQL {Major} beside it and start again; to move on, run `quoin backup` with it and "
            + "`quoin restore` into a new data folder, or use pg_upgrade.";
    }

    /// <summary>The cluster exists but the file with its password does not fit it.</summary>
    /// <param name="Path">The file.</param>
    public sealed record PasswordRefused(string Path) : EmbeddedOutcome
    {
        /// <inheritdoc />
        public override string Message =>
            $"The cluster refuses the password in {Path}. Put back the file that was made together with the data folder.";
    }

    /// <summary>PostgreSQL did not start, for a reason only its own words explain.</summary>
    /// <param name="LastWords">The end of its log.</param>
    /// <param name="LogFolder">Where the rest is.</param>
    public sealed record DidNotStart(string LastWords, string LogFolder) : EmbeddedOutcome
    {
        /// <summary>Whether waiting can help: a killed server's processes are still leaving, or it recovers.</summary>
        public bool IsTransient { get; init; }

        /// <inheritdoc />
        public override string Message => $"PostgreSQL did not start: {LastWords} (its log is in {LogFolder})";
    }

    /// <summary>It runs. Dispose it to leave; the last to leave stops it.</summary>
    /// <param name="Postgres">The running server.</param>
    public sealed record Running(EmbeddedPostgres Postgres) : EmbeddedOutcome
    {
        /// <inheritdoc />
        public override string Message => "PostgreSQL runs.";
    }
}
