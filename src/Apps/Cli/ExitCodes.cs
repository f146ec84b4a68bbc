namespace Quoin.Cli;

/// <summary>What the commands' exit codes mean; scripts may rely on them.</summary>
public static class ExitCodes
{
    /// <summary>All done.</summary>
    public const int Done = 0;

    /// <summary>The command could not do what it was asked; it said why.</summary>
    public const int Failed = 1;

    /// <summary>It ran to the end, but some events were rejected or in conflict; it named them.</summary>
    public const int SomeNotAccepted = 2;

    /// <summary>The server stayed busy or away for longer than the patience lasted; running it again goes on.</summary>
    public const int GaveUp = 3;

    /// <summary>All was sent, but not all of it rated in time.</summary>
    public const int NotSettled = 4;

    /// <summary>Stopped by Ctrl-C or SIGTERM.</summary>
    public const int Stopped = 130;
}
