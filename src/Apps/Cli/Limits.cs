namespace Quoin.Cli;

/// <summary>Every size, rate and patience of the command line, with its reason.</summary>
public static class Limits
{
    /// <summary>Events in one request: what the server takes.</summary>
    public const int BatchMax = 10_000;

    /// <summary>Events in one request where nobody says: a request of about 100 kB, a flush of a few milliseconds.</summary>
    public const int BatchDefault = 500;

    /// <summary>Bytes of events in one request: below the server's 8 MiB, with room for the brackets.</summary>
    public const int BatchBytesMax = (8 * 1024 * 1024) - 1024;

    /// <summary>Requests at once: beyond this a client only queues in front of the server.</summary>
    public const int ConnectionsMax = 256;

    /// <summary>Requests at once where nobody says: the server gathers concurrent requests into one commit.</summary>
    public const int ConnectionsDefault = 4;

    /// <summary>Rows of a trace held in memory: about 40 bytes each.</summary>
    public const int TraceRowsMax = 10_000_000;

    /// <summary>Faults shown one by one; the rest is counted.</summary>
    public const int FaultsShownMax = 20;

    /// <summary>Rows of a page of the API.</summary>
    public const int PageRows = 500;

    /// <summary>How long one request may take before it counts as lost; it is sent again, which is harmless.</summary>
    public static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(60);

    /// <summary>How long a request is tried again while the server is busy, restarting or away.</summary>
    public static readonly TimeSpan PatienceDefault = TimeSpan.FromSeconds(120);

    /// <summary>How long signing in or out waits for a server that is away: somebody sits in front of it.</summary>
    public static readonly TimeSpan LoginPatience = TimeSpan.FromSeconds(10);

    /// <summary>Organisations listed at once: more are found in the console.</summary>
    public const int OrganisationsListedMax = 5_000;

    /// <summary>The first pause before trying again where the server names none; it doubles.</summary>
    public static readonly TimeSpan PauseShortest = TimeSpan.FromMilliseconds(200);

    /// <summary>The longest pause before trying again where the server names none.</summary>
    public static readonly TimeSpan PauseLongest = TimeSpan.FromSeconds(15);

    /// <summary>Between two looks at whether everything sent has been rated.</summary>
    public static readonly TimeSpan SettlePoll = TimeSpan.FromMilliseconds(250);

    /// <summary>How long to wait for everything sent to be rated.</summary>
    public static readonly TimeSpan SettlePatience = TimeSpan.FromSeconds(120);

    /// <summary>Between two lines of progress where the output is no terminal.</summary>
    public static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(5);

    /// <summary>When replaying at a pace, rows due within this time travel together.</summary>
    public static readonly TimeSpan PaceStep = TimeSpan.FromMilliseconds(50);
}
