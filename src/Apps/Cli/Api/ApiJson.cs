using System.Text.Json;
using System.Text.Json.Serialization;
using Quoin.Kernel;

namespace Quoin.Cli;

/// <summary>The API's answers as far as the command line reads them: unknown members are passed over.</summary>
public static class ApiJson
{
    /// <summary>snake_case; numbers may be text, as decimals are.</summary>
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowReadingFromString,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    internal static ProblemAnswer? ProblemOf(byte[] answer)
    {
        try
        {
            return JsonSerializer.Deserialize<ProblemAnswer>(answer, Options) is { Code.Length: > 0 } problem ? problem : null;
        }
        catch (JsonException)
        {
            // A proxy's page, or nothing at all: the status says enough.
            return null;
        }
    }
}

/// <summary>A page of a list.</summary>
/// <typeparam name="T">A row.</typeparam>
/// <param name="Data">The rows.</param>
/// <param name="NextCursor">Where to go on; null on the last page.</param>
public sealed record PageAnswer<T>(IReadOnlyList<T> Data, string? NextCursor);

/// <summary>An amount of money.</summary>
/// <param name="Currency">The currency's code.</param>
/// <param name="AmountMicros">Millionths.</param>
public sealed record MoneyAnswer(string Currency, long AmountMicros)
{
    /// <summary>In whole units with six decimals: <c>12.500000 USD</c>.</summary>
    public override string ToString() => new Money(AmountMicros, Kernel.Currency.Of(Currency)).ToString();
}

/// <summary>What a billing account has and owes.</summary>
public sealed record BalanceAnswer(
    string BillingAccount, MoneyAnswer Available, MoneyAnswer Overdraft, MoneyAnswer Receivable, MoneyAnswer Used);

/// <summary>Usage over a range of time.</summary>
public sealed record UsageListAnswer(IReadOnlyList<UsagePointAnswer> Data);

/// <summary>Usage in one step of time.</summary>
public sealed record UsagePointAnswer(
    DateTimeOffset WindowStart,
    string Meter,
    IReadOnlyDictionary<string, string> Dimensions,
    decimal Quantity,
    long EventCount);

/// <summary>Usage that is stored and not yet rated.</summary>
public sealed record UnratedAnswer(long FoldCount, DateTimeOffset? OldestRecordedAt);

/// <summary>Usage that waits for a price.</summary>
public sealed record UnpricedAnswer(
    string Reason, string Meter, IReadOnlyDictionary<string, string> Dimensions, decimal Quantity, long EventCount);

/// <summary>The verdicts of a batch of events.</summary>
public sealed record BatchAnswer(
    long Accepted, long Duplicate, long Conflict, long Rejected, IReadOnlyList<VerdictAnswer> Results);

/// <summary>The verdict of one event.</summary>
public sealed record VerdictAnswer(int Index, string? Id, string Verdict, string? Code, string? Detail);

/// <summary>What an organisation's clock shows, and how far a move of it has come.</summary>
public sealed record TestClockAnswer(DateTimeOffset Now, bool IsSettable, DateTimeOffset? MovingTo, int Steps);

/// <summary>A failed request's answer.</summary>
internal sealed record ProblemAnswer(string Code, string Title, string Detail, bool Retryable, string? RequestId);
