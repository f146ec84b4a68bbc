namespace Quoin.Inference;

/// <summary>How a provider is to be.</summary>
/// <param name="Kind">
/// <c>openai</c>, <c>openai_compatible</c>, <c>anthropic</c>, <c>azure_openai</c>, <c>bedrock</c>, <c>gemini</c> or
/// <c>litellm</c>: which headers and names it wants.
/// </param>
/// <param name="BaseUrl">Its address as the vendor's own clients take it: <c>https://api.openai.com/v1</c>.</param>
/// <param name="Reason">Why, for the audit log.</param>
/// <param name="Protocols">What it speaks; what its kind usually does where it is left out.</param>
/// <param name="Credential">
/// Its key; kept encrypted and never shown. The one it has stays where it is left out, which it may not be where the kind or
/// the address changes: a key goes nowhere it was not given for. For Bedrock
/// <c>access-key:secret-key</c>, with <c>:session-token</c> behind it where there is one, or one of Bedrock's own keys.
/// </param>
/// <param name="FirstByteSeconds">How long it may take to begin.</param>
/// <param name="IdleSeconds">How long it may take between two pieces of an answer.</param>
/// <param name="TotalSeconds">How long it may take altogether.</param>
/// <param name="IsEnabled">Whether calls go there.</param>
/// <param name="ApiVersion">The version of its API, which Azure's older addresses ask for; none where left out.</param>
/// <param name="Region">Where its machines stand, which rules may require; nobody knows where left out.</param>
public sealed record ProviderRequestBody(
    string Kind,
    string BaseUrl,
    string Reason,
    IReadOnlyList<string>? Protocols = null,
    string? Credential = null,
    int FirstByteSeconds = Limits.FirstByteSeconds,
    int IdleSeconds = Limits.IdleSeconds,
    int TotalSeconds = Limits.TotalSeconds,
    bool IsEnabled = true,
    string? ApiVersion = null,
    string? Region = null);

/// <summary>A provider.</summary>
/// <param name="Name">Its name: the dimension <c>provider</c> of usage.</param>
/// <param name="Kind">Which headers and names it wants.</param>
/// <param name="BaseUrl">Its address.</param>
/// <param name="Protocols">What it speaks.</param>
/// <param name="HasCredential">Whether a key is kept for it.</param>
/// <param name="FirstByteSeconds">How long it may take to begin.</param>
/// <param name="IdleSeconds">How long it may take between two pieces of an answer.</param>
/// <param name="TotalSeconds">How long it may take altogether.</param>
/// <param name="IsEnabled">Whether calls go there.</param>
/// <param name="ApiVersion">The version of its API; null where none is named.</param>
/// <param name="Region">Where its machines stand; null where nobody says.</param>
public sealed record ProviderRow(
    string Name,
    string Kind,
    string BaseUrl,
    IReadOnlyList<string> Protocols,
    bool HasCredential,
    int FirstByteSeconds,
    int IdleSeconds,
    int TotalSeconds,
    bool IsEnabled,
    string? ApiVersion,
    string? Region);
