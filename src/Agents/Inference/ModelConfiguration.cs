namespace Quoin.Inference;

/// <summary>Where a model is.</summary>
/// <param name="Provider">The provider's name.</param>
/// <param name="Model">What the provider calls it.</param>
/// <param name="InputTokensMax">How much input it takes: its context.</param>
/// <param name="OutputTokensMax">How much output it gives at most; no call can cost more than this.</param>
/// <param name="Tier">Lower tiers are asked first; its place in the list where left out, so that they are asked in order.</param>
/// <param name="Weight">Its share of the calls of its tier.</param>
/// <param name="Tags">What calls may ask for and rules may require; none where left out.</param>
/// <param name="Region">Where its machines stand; the provider's where left out.</param>
/// <param name="FirstByteSeconds">How long it may take to begin; the provider's where left out.</param>
/// <param name="TotalSeconds">How long it may take altogether; the provider's where left out.</param>
/// <param name="ShadowPercent">
/// Of a hundred plain calls, so many are copied to it once another deployment has answered. Nobody gets its answers, and
/// nobody is charged; zero for one that answers itself.
/// </param>
/// <param name="IdleSeconds">How long it may take between two pieces of an answer; the provider's where left out.</param>
public sealed record DeploymentInput(
    string Provider,
    string Model,
    long InputTokensMax,
    long OutputTokensMax,
    int? Tier = null,
    int Weight = 1,
    IReadOnlyList<string>? Tags = null,
    string? Region = null,
    int? FirstByteSeconds = null,
    int? TotalSeconds = null,
    int ShadowPercent = 0,
    int? IdleSeconds = null);

/// <summary>How a model is to be.</summary>
/// <param name="Model">As clients name it; an alias as well as a vendor's own name.</param>
/// <param name="Deployments">Where it is; in the order to try where no tiers are given.</param>
/// <param name="Reason">Why, for the audit log.</param>
public sealed record ModelRequestBody(string Model, IReadOnlyList<DeploymentInput> Deployments, string Reason);

/// <summary>A model.</summary>
/// <param name="Model">As clients name it.</param>
/// <param name="Deployments">Where it is; in the order to try where no tiers are given.</param>
public sealed record ModelRow(string Model, IReadOnlyList<DeploymentInput> Deployments);
