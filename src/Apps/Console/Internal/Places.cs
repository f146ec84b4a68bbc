using Quoin.Charging;
using Quoin.Ledger;
using Quoin.Metering;

namespace Quoin.ConsolePages;

/// <summary>The console's addresses, without their query.</summary>
public static class Places
{
    /// <summary>The overview of an organisation.</summary>
    public const string Overview = "/console";

    /// <summary>What the overview asks for news.</summary>
    public const string Live = "/console/live";

    /// <summary>Events, newest first.</summary>
    public const string Events = "/console/events";

    /// <summary>Rated lines, newest first.</summary>
    public const string Lines = "/console/rated-lines";

    /// <summary>Ledger entries, newest first.</summary>
    public const string Entries = "/console/entries";

    /// <summary>Organisations, to choose one.</summary>
    public const string Organisations = "/console/organisations";

    /// <summary>One event.</summary>
    public static string Of(EventPosition position) => $"{Events}/{position}";

    /// <summary>One rated line.</summary>
    public static string Of(RatedLineId line) => $"{Lines}/{line}";

    /// <summary>One transfer.</summary>
    public static string Of(TransferId transfer) => $"/console/transfers/{transfer}";
}
