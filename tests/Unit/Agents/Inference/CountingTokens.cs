using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Quoin.Inference;
using Quoin.Tests.Support;

namespace Quoin.Tests.Unit.Agents.Inference;

/// <summary>The tokens of a text, as the vendor's own counter finds them.</summary>
public sealed class CountingTokens
{
    [Theory]
    [InlineData("o200k_base")]
    [InlineData("cl100k_base")]
    public void Every_text_has_as_many_as_the_vendors_counter_says(string vocabulary)
    {
        var counter = vocabulary == "o200k_base" ? TokenCounter.O200k : TokenCounter.Cl100k;

        var wrong = Known().Select(one => (Text: one.GetProperty("text").GetString()!, Tokens: one.GetProperty(vocabulary).GetInt32()))
            .Where(one => counter.Count(one.Text) != one.Tokens)
            .Select(one => $"{JsonSerializer.Serialize(one.Text)}: {counter.Count(one.Text)}, not {one.Tokens}")
            .ToList();

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void Bytes_that_are_no_text_count_as_signs_for_what_cannot_be_read()
    {
        byte[] broken = [.. "ab"u8, 0xFF, 0xC3, .. " cd"u8];

        TokenCounter.O200k.Count(broken).ShouldBe(TokenCounter.O200k.Count("ab\uFFFD\uFFFD cd"));
        TokenCounter.O200k.Count("ab\uD800 cd").ShouldBe(TokenCounter.O200k.Count("ab\uFFFD cd"));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("A")]
    [InlineData(" ")]
    [InlineData("\n")]
    [InlineData("!")]
    [InlineData("\u0301")]
    [InlineData("世")]
    [InlineData("aB")]
    [InlineData("\u0301A")]
    [InlineData(" \n ")]
    [InlineData("𐍈")]
    public void Ten_times_the_text_takes_about_ten_times_as_long(string pattern)
    {
        var (some, many) = (Repeated(pattern, 10_000), Repeated(pattern, 100_000));
        TokenCounter.O200k.Count(some);
        TokenCounter.Cl100k.Count(some);

        var (shortly, longly) = (Fastest(some), Fastest(many));

        // Quadratic would be a hundred times; a machine with other work to do is rarely five times slower than itself.
        longly.ShouldBeLessThan(50 * shortly + TimeSpan.FromMilliseconds(50));
        TokenCounter.O200k.Count(many).ShouldBeLessThanOrEqualTo(Encoding.UTF8.GetByteCount(many));
    }

    [Theory]
    [InlineData("gpt-4o-mini", 1)]
    [InlineData("openai/gpt-5.1", 1)]
    [InlineData("ft:gpt-4o:ours", 1)]
    [InlineData("o3", 1)]
    [InlineData("gpt-4-turbo", 2)]
    [InlineData("text-embedding-3-small", 2)]
    [InlineData("claude-opus-4", 0)]
    [InlineData("llama-3", 0)]
    public void A_models_name_says_which_vocabulary_is_its(string model, int vocabulary) => TokenCounter.Of(model).ShouldBe(
        vocabulary switch { 1 => TokenCounter.O200k, 2 => TokenCounter.Cl100k, _ => null });

    [Fact]
    public void What_a_stream_delivered_is_counted_from_its_beginning_and_never_above_its_bytes()
    {
        using var meter = new StreamMeter(Protocol.OpenAiChat, keepsText: true);
        using var none = new StreamMeter(Protocol.OpenAiChat);
        foreach (var word in Enumerable.Repeat("caf\\u00e9 ", 2_000))
        {
            Observe(meter, word);
            Observe(none, word);
        }

        // "café " again and again is two tokens each; of twenty thousand and more bytes eight thousand are kept.
        meter.DeliveredBytes.ShouldBe(20_000);
        ((double)meter.DeliveredTokens(TokenCounter.O200k)).ShouldBe(
            TokenCounter.O200k.Count(Repeated("café ", 10_000)), tolerance: 50);
        none.DeliveredTokens(TokenCounter.O200k).ShouldBe(5_000);
    }

    [Fact]
    public void A_plain_answer_without_usage_is_counted()
    {
        var answer = """{"choices":[{"message":{"role":"assistant","content":"Hello, world! caf\u00e9"}}]}"""u8;

        StreamMeter.TextTokens(answer, TokenCounter.O200k).ShouldBe(
            (TokenCounter.O200k.Count("Hello, world! café") * 23L + 22) / 23);
    }

    private static void Observe(StreamMeter meter, string word)
    {
        using var reader = new SseReader();
        var text = Encoding.UTF8.GetBytes($$$"""data: {"choices":[{"delta":{"content":"{{{word}}}"}}]}""" + "\n\n");
        text.CopyTo(reader.Free());
        reader.Filled(text.Length);
        reader.TryRead(out var one).ShouldBeTrue();
        meter.Observe(one);
    }

    private static IReadOnlyList<JsonElement> Known()
    {
        var file = Path.Combine(Snapshot.Repository, "tests/Unit/Agents/Inference/TokenCounts/token-counts.json");
        return JsonElement.Parse(File.ReadAllText(file)).EnumerateArray().ToList();
    }

    private static string Repeated(string pattern, int letters) =>
        string.Concat(Enumerable.Repeat(pattern, letters / pattern.Length));

    private static TimeSpan Fastest(string text) => Enumerable.Range(0, 3).Min(_ =>
    {
        var watch = Stopwatch.StartNew();
        TokenCounter.O200k.Count(text);
        TokenCounter.Cl100k.Count(text);
        return watch.Elapsed;
    });
}
