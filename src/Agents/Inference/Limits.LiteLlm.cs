namespace Quoin.Inference;

/// <content>The bounds of what LiteLLM's tools keep and read.</content>
public static partial class Limits
{
    /// <summary>The largest budget that LiteLLM's tools may set, in units of currency: what budgets can hold.</summary>
    public const decimal LiteLlmAmountMax = 1_000_000_000m;

    /// <summary>Changes of keys that a replica makes at once, of different organisations: each holds two connections or three.</summary>
    public const int TurnsAtOnce = 4;

    /// <summary>How long a change waits for others of its organisation; tools ask again after less.</summary>
    public static readonly TimeSpan TurnWait = TimeSpan.FromSeconds(10);

    /// <summary>Letters of the metadata of a key, a team or a user: a page of notes, read with each of its calls' policies.</summary>
    public const int LiteLlmMetadataLettersMax = 16_384;

    /// <summary>Members of a team: names, which nobody here checks.</summary>
    public const int LiteLlmMembersMax = 1_000;

    /// <summary>Rows of one page for LiteLLM's tools: what their own proxy answers at most.</summary>
    public const int LiteLlmRowsMax = 100;

    /// <summary>Pages of keys that are revoked with their team: more than an organisation may have keys.</summary>
    public const int LiteLlmPagesMax = 1_000;

    /// <summary>Shared budgets of an organisation, which tools list all at once.</summary>
    public const int LiteLlmBudgetsMax = 1_000;

    /// <summary>Keys and customers that name one shared budget: when it changes, each of them does.</summary>
    public const int LiteLlmHoldersMax = 1_000;

    /// <summary>Calls in one answer of <c>/spend/logs</c>, whose tools know no pages: some hundred kilobytes.</summary>
    public const int LiteLlmLogsMax = 1_000;

    /// <summary>
    /// Keys whose calls a search by user or team looks for, and the lines they are of: those of tens of tools that replace
    /// theirs each day for a year. The newest come first; what older ones called is left out.
    /// </summary>
    public const int LiteLlmCallersMax = 10_000;

    /// <summary>
    /// How often a line of keys is looked through again while it ends: each time, somebody replaced a key of it meanwhile.
    /// </summary>
    public const int LineEndingTurnsMax = 10;

    /// <summary>How far into a list of calls pages go: each skips those before it.</summary>
    public const int LiteLlmOffsetMax = 100_000;

    /// <summary>Sums a report is made of, by day, key and model: a quarter of a year of hundreds of keys.</summary>
    public const int LiteLlmSumsMax = 50_000;

    /// <summary>Rows of a ranking where nobody says: as in LiteLLM.</summary>
    public const int LiteLlmRankedUsually = 10;
}
