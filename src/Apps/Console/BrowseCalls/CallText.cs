using System.Globalization;
using Quoin.Inference;

namespace Quoin.ConsolePages.BrowseCalls;

/// <summary>Calls of models, in words.</summary>
public static class CallText
{
    /// <summary>The ways a call can end, with their names.</summary>
    public static IReadOnlyList<(string Status, string Text)> Statuses { get; } =
    [
        ("succeeded", "Succeeded"), ("client_gone", "Client left"), ("provider_failed", "Provider failed"),
        ("broken_off", "Broke off"), ("lost", "Lost"), ("waived", "Waived"),
    ];

    /// <summary>Whether a call was given the answer of an earlier one, so that nobody was asked.</summary>
    public static bool IsGivenAgain(RequestView call) => call is { Status: "succeeded", AnsweredBy: null, Attempts: 0 };

    /// <summary>How a call stands.</summary>
    public static string State(RequestView call) => call.Review is not null ? "In review"
        : IsGivenAgain(call) ? "Given again"
        : Of(call.Status);

    /// <summary>The tag's colour of how a call stands.</summary>
    public static string Colour(RequestView call) =>
        call is { Review: null, Status: "succeeded" } ? "next" : call.Status == "waived" ? string.Empty : "test";

    /// <summary>What that means; null where the word says all.</summary>
    public static string? Meaning(RequestView call) => (call.Review, call.Status) switch
    {
        ("lost", _) => "The host that made it died. The operator finds out what it used; nothing is charged until then.",
        ("no_price", _) => "Nothing prices what it used. The operator looks into it; nothing is charged until then.",
        ("not_recorded", _) => "Its usage was not taken. The operator looks into it; nothing is charged until then.",
        (_, "client_gone") => "The client left before the end. What it got is charged; the provider was told to stop.",
        (_, "provider_failed") => "No provider answered, and nothing is charged.",
        (_, "broken_off") => "The provider stopped in between. What was delivered is charged.",
        (_, "waived") => "It was looked into, and nothing is charged.",
        _ when IsGivenAgain(call) => "The same request was answered before. It was given that answer again, and nothing is charged.",
        _ => null,
    };

    /// <summary>A way to end.</summary>
    public static string Of(string status) => Statuses.FirstOrDefault(one => one.Status == status).Text ?? status;

    /// <summary>The language a client spoke.</summary>
    /// <param name="protocol">As the journal has it; rows of older releases write the vendor in two words.</param>
    public static string Protocol(string protocol) => protocol.Replace("open_ai", "openai", StringComparison.Ordinal) switch
    {
        "openai_chat" => "OpenAI chat",
        "openai_responses" => "OpenAI responses",
        "openai_completions" => "OpenAI completions",
        "openai_embeddings" => "OpenAI embeddings",
        "anthropic_messages" => "Anthropic messages",
        "gemini_generate_content" => "Gemini",
        "bedrock_converse" => "Bedrock Converse",
        _ => protocol,
    };

    /// <summary>A length of time at a glance: <c>0.4 ms</c>, <c>35 ms</c>, <c>1.23 s</c>, <c>2 min 5 s</c>.</summary>
    public static string Length(decimal milliseconds) => milliseconds switch
    {
        < 10 => milliseconds.ToString("0.0", CultureInfo.InvariantCulture) + " ms",
        < 1_000 => milliseconds.ToString("0", CultureInfo.InvariantCulture) + " ms",
        < 60_000 => (milliseconds / 1_000).ToString("0.00", CultureInfo.InvariantCulture) + " s",
        _ => string.Create(
            CultureInfo.InvariantCulture,
            $"{decimal.Floor(milliseconds / 60_000):0} min {decimal.Floor(milliseconds % 60_000 / 1_000):0} s"),
    };

    /// <summary>Input of all sorts.</summary>
    public static long Input(RequestUsage usage) =>
        usage.InputTokens + usage.CachedReadTokens + usage.CachedWriteTokens + usage.AudioInputTokens;

    /// <summary>Output of all sorts.</summary>
    public static long Output(RequestUsage usage) => usage.OutputTokens + usage.AudioOutputTokens;

    /// <summary>The sorts of tokens a call used, in the order they are shown; those it used none of are left out.</summary>
    public static IReadOnlyList<(string Name, long Count)> Sorts(RequestUsage usage) =>
    [
        .. new (string, long)[]
        {
            ("Input", usage.InputTokens),
            ("Read from cache", usage.CachedReadTokens),
            ("Written to cache", usage.CachedWriteTokens),
            ("Audio heard", usage.AudioInputTokens),
            ("Output", usage.OutputTokens - usage.ReasoningTokens),
            ("Reasoning", usage.ReasoningTokens),
            ("Audio spoken", usage.AudioOutputTokens),
        }.Where(sort => sort.Item2 > 0),
    ];
}
