namespace Quoin.Inference.Internal;

/// <summary>The words of kinds and protocols, in the table and in the API.</summary>
internal static class ProviderWords
{
    private static readonly (string Word, Protocol Protocol)[] Protocols =
    [
        ("openai_chat", Inference.Protocol.OpenAiChat),
        ("openai_responses", Inference.Protocol.OpenAiResponses),
        ("anthropic_messages", Inference.Protocol.AnthropicMessages),
        ("openai_completions", Inference.Protocol.OpenAiCompletions),
        ("openai_embeddings", Inference.Protocol.OpenAiEmbeddings),
        ("gemini_generate_content", Inference.Protocol.GeminiGenerateContent),
        ("bedrock_converse", Inference.Protocol.BedrockConverse),
    ];

    private static readonly (string Word, ProviderKind Kind)[] Kinds =
    [
        ("openai", ProviderKind.OpenAi),
        ("openai_compatible", ProviderKind.OpenAiCompatible),
        ("anthropic", ProviderKind.Anthropic),
        ("azure_openai", ProviderKind.AzureOpenAi),
        ("bedrock", ProviderKind.Bedrock),
        ("gemini", ProviderKind.Gemini),
        ("litellm", ProviderKind.LiteLlm),
        ("openrouter", ProviderKind.OpenRouter),
    ];

    public static IReadOnlyList<string> ProtocolNames { get; } = [.. Protocols.Select(one => one.Word)];

    public static IReadOnlyList<string> KindNames { get; } = [.. Kinds.Select(one => one.Word)];

    public static Protocol Protocol(string word) => Protocols.First(one => one.Word == word).Protocol;

    public static string Word(Protocol protocol) => Protocols.First(one => one.Protocol == protocol).Word;

    public static ProviderKind Kind(string word) => Kinds.First(one => one.Word == word).Kind;

    /// <summary>What a kind speaks where the operator does not say.</summary>
    public static IReadOnlyList<string> UsualProtocols(string kind) => Kind(kind) switch
    {
        ProviderKind.OpenAi or ProviderKind.AzureOpenAi =>
            ["openai_chat", "openai_responses", "openai_completions", "openai_embeddings"],
        ProviderKind.Anthropic => ["anthropic_messages"],
        ProviderKind.Bedrock => ["anthropic_messages", "bedrock_converse"],
        ProviderKind.Gemini => ["gemini_generate_content"],
        ProviderKind.LiteLlm =>
            ["openai_chat", "openai_responses", "anthropic_messages", "openai_completions", "openai_embeddings"],
        _ => ["openai_chat", "openai_completions", "openai_embeddings"],
    };
}
