using System.Text.Json.Serialization;
using Quoin.Kernel;

namespace Quoin.Inference;

/// <summary>A model at its provider: what usage is priced by.</summary>
/// <param name="Provider">The provider's name here, the dimension <c>provider</c>.</param>
/// <param name="Model">The provider's own name of the model, the dimension <c>model</c>.</param>
public sealed record ProviderModel(string Provider, string Model)
{
    private const string Own = "own";

    /// <summary>Whether it is called with the customer's own key, so that the operator pays nothing for it.</summary>
    [JsonIgnore]
    public bool IsOwn => Provider.EndsWith($"/{Own}", StringComparison.Ordinal);

    /// <summary>
    /// The same, called with the customer's own key: another <c>provider</c> and another <c>model</c>, so that no price or
    /// cost of the operator's own calls holds for it, whichever of the two that goes by.
    /// </summary>
    public ProviderModel AsOwn() => IsOwn ? this : new ProviderModel($"{Provider}/{Own}", $"{Own}/{Model}");
}

/// <summary>One call of a model by a customer, from its admission to its settlement.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Org">Whose it is.</param>
/// <param name="BillingAccount">Who pays for it.</param>
/// <param name="Actor">The key or person that called.</param>
/// <param name="Protocol">The language the client speaks.</param>
/// <param name="Model">The model as the client named it.</param>
/// <param name="Candidates">The models that may answer, the first choice first; never empty.</param>
/// <param name="IsStream">Whether the client wants the answer as it comes.</param>
/// <param name="StartedAt">When it came, by the system's clock.</param>
public sealed record ModelCall(
    CallId Id,
    OrgId Org,
    BillingAccountId BillingAccount,
    string Actor,
    Protocol Protocol,
    string Model,
    IReadOnlyList<ProviderModel> Candidates,
    bool IsStream,
    DateTimeOffset StartedAt)
{
    /// <summary>The agent session the client says it belongs to; null where it says none.</summary>
    public string? Session { get; init; }

    /// <summary>The end user the client names, opaque; null where it names none.</summary>
    public string? User { get; init; }
}

/// <summary>What a call can use at most, known before it is made.</summary>
/// <param name="InputTokensMost">No more input than this: a token is at least a byte of what is sent.</param>
/// <param name="OutputTokensMost">No more output than this: what the client or the model allows.</param>
/// <param name="OutputTokensLeast">
/// How little output is still worth calling for: a budget that pays for less refuses. Equal to the most where the
/// output cannot be cut, as the vectors of an embedding.
/// </param>
public sealed record UsageBounds(long InputTokensMost, long OutputTokensMost, long OutputTokensLeast);
