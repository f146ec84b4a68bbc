namespace Quoin.Inference.Internal;

/// <summary>
/// Says of thoughts of chat completions, in the place of a vendor's proof, by which name they came: those who think between
/// calls of tools want their thoughts back, each by its own name, and refuse the other's.
/// </summary>
internal static class ThoughtMark
{
    /// <summary>
    /// By <c>reasoning_content</c>, as DeepSeek's "Thinking mode" and Kimi's "Thinking models" have it: no mark, since most do.
    /// </summary>
    public const string ReasoningContent = "";

    /// <summary>By <c>reasoning</c>, as Groq, Cerebras, OpenRouter and newer vLLM have it.</summary>
    public const string Reasoning = "reasoning";

    /// <summary>In a list of parts, as Mistral has it; it answers as well without them.</summary>
    public const string Listed = "thinking";

    /// <summary>Whether what stands in the place of a proof is none.</summary>
    public static bool IsOne(string? signature) => signature is null or ReasoningContent or Reasoning or Listed;

    /// <summary>The member that thoughts go back by; null where they do not.</summary>
    public static string? MemberOf(Content.Reasoning thought) => thought.Signature switch
    {
        null or ReasoningContent => "reasoning_content",
        Reasoning => "reasoning",
        _ => null,
    };
}
