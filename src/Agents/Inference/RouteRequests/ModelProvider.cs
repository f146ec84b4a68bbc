using Quoin.Kernel;

namespace Quoin.Inference.Internal;

/// <summary>What kind of provider it is: which addresses, headers and names it uses.</summary>
internal enum ProviderKind
{
    /// <summary>OpenAI itself.</summary>
    OpenAi,

    /// <summary>One of the many that speak OpenAI's chat completions: vLLM, Ollama …</summary>
    OpenAiCompatible,

    /// <summary>Anthropic, or whoever speaks its messages.</summary>
    Anthropic,

    /// <summary>Azure's OpenAI.</summary>
    AzureOpenAi,

    /// <summary>Amazon Bedrock.</summary>
    Bedrock,

    /// <summary>Google's Gemini, by its own protocol.</summary>
    Gemini,

    /// <summary>Another LiteLLM, which says what a call cost.</summary>
    LiteLlm,

    /// <summary>OpenRouter, which says what a call cost.</summary>
    OpenRouter,

    /// <summary>The built-in one of test-mode organisations.</summary>
    Demo,
}

/// <summary>How long a provider may take.</summary>
/// <param name="FirstByte">From the request to the first byte of the answer, and the first event of a stream.</param>
/// <param name="Idle">Between two pieces of an answer.</param>
/// <param name="Total">From the request to the end.</param>
internal sealed record ProviderTimeouts(TimeSpan FirstByte, TimeSpan Idle, TimeSpan Total);

/// <summary>Where calls go.</summary>
/// <param name="Name">Its name here: the dimension <c>provider</c> of usage.</param>
/// <param name="Kind">What kind it is.</param>
/// <param name="BaseUrl">Its address, to which the paths of its protocols are added.</param>
/// <param name="Protocols">What it speaks.</param>
/// <param name="Credential">What it wants to see; null where it wants nothing.</param>
/// <param name="Timeouts">How long it may take.</param>
internal sealed record ModelProvider(
    string Name,
    ProviderKind Kind,
    Uri BaseUrl,
    IReadOnlyList<Protocol> Protocols,
    string? Credential,
    ProviderTimeouts Timeouts)
{
    /// <summary>The version of its API to ask for; null where its addresses hold it.</summary>
    public string? ApiVersion { get; init; }

    /// <summary>Where its machines stand; null where nobody says.</summary>
    public string? Region { get; init; }

    private const string AnthropicModels = "anthropic.";

    /// <summary>Whether it is OpenAI's own models that answer, whose newer ones know only newer names.</summary>
    public bool IsOpenAi => Kind is ProviderKind.OpenAi or ProviderKind.AzureOpenAi;

    /// <summary>The protocol to call a model in; the client's own where it speaks that; null where nothing fits.</summary>
    public Protocol? ProtocolFor(Protocol client, string model)
    {
        if (client == Protocol.OpenAiEmbeddings && EmbeddingCalls.VendorOf(Kind, model) is not null)
        {
            return client;
        }

        // Bedrock has Anthropic's models speak their own, and all others Converse.
        if (Kind == ProviderKind.Bedrock)
        {
            var spoken = model.Contains(AnthropicModels, StringComparison.Ordinal)
                ? Protocol.AnthropicMessages
                : Protocol.BedrockConverse;
            return client == spoken || Translation.Exists(client, spoken) ? spoken : null;
        }

        if (Protocols.Contains(client))
        {
            return client;
        }

        return Protocols.Where(one => Translation.Exists(client, one)).Cast<Protocol?>().FirstOrDefault();
    }

    /// <summary>Never the credential: records print all they hold.</summary>
    public override string ToString() => Name;
}

/// <summary>A model at a provider.</summary>
/// <param name="Provider">Where it is.</param>
/// <param name="Model">What it is called there.</param>
/// <param name="InputTokensMax">How much input it takes.</param>
/// <param name="OutputTokensMax">How much output it gives.</param>
internal sealed record Deployment(ModelProvider Provider, string Model, long InputTokensMax, long OutputTokensMax)
{
    /// <summary>The tag by which an operator lets organisations in test mode call it, at the operator's cost.</summary>
    public const string TestModeTag = "test_mode";

    /// <summary>As usage names it.</summary>
    public ProviderModel Name { get; init; } = new(Provider.Name, Model);

    /// <summary>Lower tiers are asked first.</summary>
    public int Tier { get; init; }

    /// <summary>Its share of the calls of its tier.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>What calls may ask for, and rules may want.</summary>
    public IReadOnlyList<string> Tags { get; init; } = [];

    /// <summary>Whether organisations in test mode may call it: demo models, and what the operator says.</summary>
    public bool ServesTestMode => Provider.Kind == ProviderKind.Demo || Tags.Contains(TestModeTag);

    /// <summary>Where its machines stand; null where nobody says.</summary>
    public string? Region { get; init; }

    /// <summary>How long it may take.</summary>
    public ProviderTimeouts Timeouts { get; init; } = Provider.Timeouts;

    /// <summary>Of a hundred calls so many are copied to it, and its answers thrown away; zero where it answers itself.</summary>
    public int ShadowPercent { get; init; }

    /// <summary>What this replica sees of it; null for one that is never away.</summary>
    public DeploymentWatch? Watch { get; init; }
}
