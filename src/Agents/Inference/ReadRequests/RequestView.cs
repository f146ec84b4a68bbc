using System.Text.Json.Serialization;
using Quoin.Inference.Internal;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>A call as the API shows it.</summary>
/// <param name="Id">Its id: the answer's <c>x-request-id</c>.</param>
/// <param name="StartedAt">When it came.</param>
/// <param name="OccurredAt">When it was over, by the organisation's clock.</param>
/// <param name="Status">
/// <c>succeeded</c>; <c>client_gone</c>, the client left before the end; <c>provider_failed</c>, nothing was delivered;
/// <c>broken_off</c>, the provider stopped in between; <c>lost</c>, a host died while it ran; <c>waived</c>, nothing is charged.
/// </param>
/// <param name="Review">
/// Why somebody looks into it, so that it is not charged yet: <c>lost</c>, <c>no_price</c> or <c>not_recorded</c>; null where
/// nobody need.
/// </param>
/// <param name="BillingAccount">Who pays for it.</param>
/// <param name="Key">The key or person that called.</param>
/// <param name="Project">The project of the key; null for none.</param>
/// <param name="Session">The session it belongs to; null for none.</param>
/// <param name="User">The end user it was made for; null where none was named.</param>
/// <param name="Tags">What it is marked with.</param>
/// <param name="Protocol">The language the client spoke.</param>
/// <param name="Stream">Whether the answer was streamed.</param>
/// <param name="Model">The model as the client named it.</param>
/// <param name="AnsweredBy">The model that answered, as <c>provider/model</c>; null where none did.</param>
/// <param name="Usage">What was used.</param>
/// <param name="Currency">Of the money; null where it is not known.</param>
/// <param name="CostMicros">What it costs, in micros, unrounded; null where that is not known yet.</param>
/// <param name="ReservedMicros">What was reserved for it, in micros.</param>
/// <param name="Parts">What each part of the usage costs.</param>
/// <param name="Unpriced">Meters that counted and had no price.</param>
/// <param name="AdmittedMs">Milliseconds until the call was admitted, its money reserved; null where that is not known.</param>
/// <param name="AskedMs">Milliseconds until the provider that answered was asked; null where none answered.</param>
/// <param name="RespondedMs">Milliseconds until that provider began to respond; null where none answered.</param>
/// <param name="FirstByteMs">Milliseconds to the first byte of the answer; null where none came.</param>
/// <param name="TotalMs">Milliseconds to the end.</param>
/// <param name="SettledAt">When what it came to was written down.</param>
/// <param name="FailedAttempts">The providers that were asked before and failed, the first one first.</param>
/// <param name="Attempts">How often a provider was asked.</param>
/// <param name="ProviderStatus">The provider's HTTP status; null where it sent none.</param>
/// <param name="ProviderRequestId">The provider's own id of the call; null where it gave none.</param>
/// <param name="ProviderCostMicros">What the provider asks for it, in micros, unrounded. Operators only.</param>
/// <param name="OverMicros">What it came to beyond the reservation, in micros. Operators only.</param>
/// <param name="ReviewedAt">
/// When somebody last looked into it and said what it used or costs, which was written down then; null where nobody did.
/// </param>
public sealed record RequestView(
    CallId Id,
    DateTimeOffset StartedAt,
    DateTimeOffset OccurredAt,
    string Status,
    string? Review,
    BillingAccountId BillingAccount,
    string Key,
    ProjectId? Project,
    string? Session,
    string? User,
    IReadOnlyList<string> Tags,
    string Protocol,
    bool Stream,
    string Model,
    string? AnsweredBy,
    RequestUsage Usage,
    Currency? Currency,
    decimal? CostMicros,
    long ReservedMicros,
    IReadOnlyList<RequestPart> Parts,
    IReadOnlyList<string> Unpriced,
    decimal? AdmittedMs,
    decimal? AskedMs,
    decimal? RespondedMs,
    decimal? FirstByteMs,
    decimal TotalMs,
    DateTimeOffset SettledAt,
    IReadOnlyList<FailedAttempt> FailedAttempts,
    int Attempts,
    int? ProviderStatus,
    string? ProviderRequestId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] decimal? ProviderCostMicros,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] decimal? OverMicros,
    DateTimeOffset? ReviewedAt = null)
{
    /// <summary>A call as somebody may see it.</summary>
    internal static RequestView Of(StoredRequest stored, Realm realm)
    {
        var (row, isOperator) = (stored.Row, realm == Realm.Operator);
        return new RequestView(
            row.Call.Id,
            row.Call.StartedAt,
            row.OccurredAt,
            row.Status,
            row.Review,
            row.Call.BillingAccount,
            row.Call.Actor,
            row.Project,
            row.Call.Session,
            row.Call.User,
            row.Tags,
            ProviderWords.Word(row.Call.Protocol),
            row.Call.IsStream,
            row.Call.Model,
            row.Answered is { } model ? $"{model.Provider}/{model.Model}" : null,
            RequestUsage.Of(row.Usage),
            row.Currency,
            row.QuotedMicros,
            row.ReservedMicros,
            [.. row.Parts.Select(part => new RequestPart(part.Meter, part.Quantity, part.CostMicros, part.PriceVersion))],
            row.Unpriced,
            Milliseconds(row.Admitted),
            Milliseconds(row.Asked),
            Milliseconds(row.Responded),
            Milliseconds(row.FirstByte),
            Milliseconds(row.Total)!.Value,
            stored.RecordedAt,
            row.FailedAttempts,
            row.Attempts,
            row.ProviderStatus,
            row.ProviderRequestId,
            isOperator ? row.ProviderMicros : null,
            isOperator ? row.OverMicros : null,
            stored.ReviewedAt);
    }

    private static decimal? Milliseconds(TimeSpan? time) => time?.Ticks / (decimal)TimeSpan.TicksPerMillisecond;
}

/// <summary>What a call used, in sorts that share no token.</summary>
/// <param name="InputTokens">Text and images read, without what a cache held or took.</param>
/// <param name="CachedReadTokens">Read from the provider's cache.</param>
/// <param name="CachedWriteTokens">Written to the provider's cache.</param>
/// <param name="OutputTokens">Text written, reasoning included.</param>
/// <param name="ReasoningTokens">How many of those were reasoning.</param>
/// <param name="AudioInputTokens">Audio heard, cached or not.</param>
/// <param name="AudioOutputTokens">Audio spoken.</param>
/// <param name="IsEstimated">Whether a number was made from what went through, because the provider told none.</param>
public sealed record RequestUsage(
    long InputTokens,
    long CachedReadTokens,
    long CachedWriteTokens,
    long OutputTokens,
    long ReasoningTokens,
    long AudioInputTokens,
    long AudioOutputTokens,
    bool IsEstimated)
{
    /// <summary>Usage as it is shown.</summary>
    public static RequestUsage Of(ModelUsage usage) => new(
        usage.InputTokens,
        usage.CachedReadTokens,
        usage.CachedWriteTokens + usage.CachedWriteHourTokens,
        usage.OutputTokens,
        usage.ReasoningTokens,
        usage.AudioInputTokens + usage.AudioCachedReadTokens,
        usage.AudioOutputTokens,
        usage.IsEstimated);
}

/// <summary>A part of what a call used, and what it costs.</summary>
/// <param name="Meter">The meter that counts it.</param>
/// <param name="Quantity">How much.</param>
/// <param name="CostMicros">What it costs, in micros, unrounded.</param>
/// <param name="PriceVersion">The version of the price.</param>
public sealed record RequestPart(string Meter, decimal Quantity, decimal CostMicros, string PriceVersion);
