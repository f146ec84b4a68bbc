using Quoin.Inference.Internal;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>Which part of the history.</summary>
/// <param name="Limit">How many: at most 100.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="From">The first instant; thirty days before <c>to</c> where left out.</param>
/// <param name="To">The first instant after, at most ninety days later; now where left out.</param>
/// <param name="Model">Only of this model, as clients named it.</param>
/// <param name="Key">Only by this key or person.</param>
/// <param name="Status">Only with this status.</param>
internal sealed record HistoryRequest(
    PageLimit Limit,
    Cursor<(DateTimeOffset OccurredAt, CallId Id)>? Cursor = null,
    DateTimeOffset? From = null,
    DateTimeOffset? To = null,
    string? Model = null,
    string? Key = null,
    string? Status = null);

/// <summary>Which part of the history, in which form.</summary>
/// <param name="Format"><c>csv</c> or <c>json</c>.</param>
/// <param name="From">The first instant; thirty days before <c>to</c> where left out.</param>
/// <param name="To">The first instant after, at most ninety days later; now where left out.</param>
/// <param name="Model">Only of this model, as clients named it.</param>
/// <param name="Key">Only by this key or person.</param>
/// <param name="Status">Only with this status.</param>
internal sealed record ExportRequest(
    HistoryFormat Format = HistoryFormat.Csv,
    DateTimeOffset? From = null,
    DateTimeOffset? To = null,
    string? Model = null,
    string? Key = null,
    string? Status = null);

/// <summary>The form of an export.</summary>
internal enum HistoryFormat
{
    /// <summary>Comma-separated values, one line a call.</summary>
    Csv,

    /// <summary>A JSON array of calls.</summary>
    Json,
}

/// <summary>A call in the history.</summary>
/// <param name="RequestId">Its id; <c>/v1/requests</c> shows the parts of its cost.</param>
/// <param name="CreatedAt">When it was over, by the organisation's clock.</param>
/// <param name="Model">The model as the client named it.</param>
/// <param name="PromptTokens">All input, whatever its sort.</param>
/// <param name="CompletionTokens">All output, whatever its sort.</param>
/// <param name="Currency">Of the cost; null where it is not known.</param>
/// <param name="CostMicros">What it costs, in micros, unrounded; null where that is not known yet.</param>
/// <param name="Status">How it ended.</param>
/// <param name="BillingStatus">
/// <c>charged</c>; <c>free</c>, it costs nothing; <c>in_review</c>, somebody looks into it; <c>waived</c>.
/// </param>
/// <param name="IsEstimated">Whether a number was made from what went through.</param>
/// <param name="Key">The key or person that called.</param>
/// <param name="Session">The session it belongs to; null for none.</param>
internal sealed record HistoryItem(
    CallId RequestId,
    DateTimeOffset CreatedAt,
    string Model,
    long PromptTokens,
    long CompletionTokens,
    Currency? Currency,
    decimal? CostMicros,
    string Status,
    string BillingStatus,
    bool IsEstimated,
    string Key,
    string? Session)
{
    /// <summary>A call as the history has it.</summary>
    public static HistoryItem Of(StoredRequest stored)
    {
        var row = stored.Row;
        return new HistoryItem(
            row.Call.Id,
            row.OccurredAt,
            row.Call.Model,
            row.Usage.AllInputTokens,
            row.Usage.AllOutputTokens,
            row.Currency,
            row.QuotedMicros,
            row.Status,
            row.Review is not null ? "in_review"
                : row.Status == RequestRow.Waived ? "waived"
                : row.QuotedMicros == 0 ? "free"
                : "charged",
            row.Usage.IsEstimated,
            row.Call.Actor,
            row.Call.Session);
    }
}

/// <summary>What calls are told apart by.</summary>
public enum SummaryGroup
{
    /// <summary>By nothing: one group.</summary>
    None,

    /// <summary>By the model as clients named it.</summary>
    Model,

    /// <summary>By the key or person that called.</summary>
    Key,

    /// <summary>By the project of the key.</summary>
    Project,

    /// <summary>By the session.</summary>
    Session,

    /// <summary>By the end user the client names.</summary>
    User,

    /// <summary>By the team that the key belongs to now.</summary>
    Team,

    /// <summary>By tag; a call with several is in each group, and once in the totals.</summary>
    Tag,
}

/// <summary>How long each step of a summary is.</summary>
public enum SummaryStep
{
    /// <summary>Five minutes, over at most twenty hours.</summary>
    Minutes5,

    /// <summary>A quarter of an hour, over at most sixty hours.</summary>
    Minutes15,

    /// <summary>An hour, over at most ten days.</summary>
    Hour,

    /// <summary>Six hours, over at most sixty days.</summary>
    Hours6,

    /// <summary>A day, UTC, over at most ninety days.</summary>
    Day,
}

/// <summary>A summary of calls.</summary>
/// <param name="From">The first instant; thirty days before <c>to</c> where left out.</param>
/// <param name="To">The first instant after; now where left out.</param>
/// <param name="Step">How long each step is; the shortest that the range allows where left out.</param>
/// <param name="GroupBy">What to tell apart.</param>
/// <param name="Model">Only of this model, as clients named it.</param>
/// <param name="Key">Only by this key or person.</param>
/// <param name="Session">Only of this session.</param>
/// <param name="Tag">Only those marked with this tag.</param>
/// <param name="Team">Only by keys that belong to this team now.</param>
public sealed record SummaryRequest(
    DateTimeOffset? From = null,
    DateTimeOffset? To = null,
    SummaryStep? Step = null,
    SummaryGroup GroupBy = SummaryGroup.None,
    string? Model = null,
    string? Key = null,
    string? Session = null,
    string? Tag = null,
    string? Team = null);

/// <summary>What some calls come to.</summary>
/// <param name="Requests">How many.</param>
/// <param name="PromptTokens">All their input.</param>
/// <param name="CompletionTokens">All their output.</param>
/// <param name="Costs">What they cost, by currency.</param>
public sealed record SummaryTotals(
    long Requests, long PromptTokens, long CompletionTokens, IReadOnlyList<SummaryCost> Costs);

/// <summary>A cost in one currency.</summary>
/// <param name="Currency">The currency.</param>
/// <param name="Micros">In micros, unrounded.</param>
public sealed record SummaryCost(Currency Currency, decimal Micros);

/// <summary>One step of a summary.</summary>
/// <param name="Start">Its first instant.</param>
/// <param name="Totals">What its calls come to; zeros where there are none.</param>
public sealed record SummaryPoint(DateTimeOffset Start, SummaryTotals Totals);

/// <summary>One group of calls.</summary>
/// <param name="Name">
/// What it is told apart by; null where that is nothing. The groups beyond the largest are one, <c>(others)</c>.
/// </param>
/// <param name="Totals">What its calls come to.</param>
/// <param name="Points">Every step of the range, the earliest first.</param>
public sealed record SummarySeries(string? Name, SummaryTotals Totals, IReadOnlyList<SummaryPoint> Points);

/// <summary>Calls over a range of time.</summary>
/// <param name="From">The first instant, at the start of a step.</param>
/// <param name="To">The first instant after.</param>
/// <param name="Step">How long each step is.</param>
/// <param name="Totals">What they come to.</param>
/// <param name="AveragePerDay">The same for a day of the range, on average; counts rounded down.</param>
/// <param name="Previous">What the calls of the range of the same length before come to.</param>
/// <param name="Series">The groups, the dearest first.</param>
public sealed record UsageSummary(
    DateTimeOffset From,
    DateTimeOffset To,
    SummaryStep Step,
    SummaryTotals Totals,
    SummaryTotals AveragePerDay,
    SummaryTotals Previous,
    IReadOnlyList<SummarySeries> Series);
