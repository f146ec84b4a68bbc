namespace Quoin.Inference;

/// <summary>A language that clients and providers of models speak over HTTP.</summary>
public enum Protocol
{
    /// <summary>OpenAI's <c>POST /v1/chat/completions</c>, which most providers speak.</summary>
    OpenAiChat,

    /// <summary>OpenAI's <c>POST /v1/responses</c>.</summary>
    OpenAiResponses,

    /// <summary>Anthropic's <c>POST /v1/messages</c>.</summary>
    AnthropicMessages,

    /// <summary>OpenAI's older <c>POST /v1/completions</c>.</summary>
    OpenAiCompletions,

    /// <summary>OpenAI's <c>POST /v1/embeddings</c>.</summary>
    OpenAiEmbeddings,

    /// <summary>Gemini's <c>generateContent</c>; spoken by providers only.</summary>
    GeminiGenerateContent,

    /// <summary>Bedrock's Converse; spoken by providers only.</summary>
    BedrockConverse,
}
