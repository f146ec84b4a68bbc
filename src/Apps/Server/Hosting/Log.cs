namespace Quoin.Server.Hosting;

/// <summary>What the host itself logs. Ids are stable: alerts name them.</summary>
internal static partial class Log
{
    /// <summary>The replica takes requests. Scripts and tests read the addresses from this line.</summary>
    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "Quoin listens on {Addresses}")]
    public static partial void Listening(ILogger logger, string addresses);

    /// <summary>Test-mode organisations pay at a simulator.</summary>
    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "Test payments are simulated at {Address}")]
    public static partial void Simulating(ILogger logger, Uri address);
}
