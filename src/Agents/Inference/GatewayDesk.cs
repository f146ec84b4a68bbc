using Quoin.Inference.Internal;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Inference;

/// <summary>The operator's door to the gateway, for pages: what is left over, and what somebody has to look into.</summary>
public sealed class GatewayDesk
{
    private readonly ReadMargins margins;
    private readonly ReviewCalls reviews;
    private readonly ConfigureProviders providers;
    private readonly ConfigureModels models;
    private readonly SetUnpricedModels unpriced;

    internal GatewayDesk(
        ReadMargins margins,
        ReviewCalls reviews,
        ConfigureProviders providers,
        ConfigureModels models,
        SetUnpricedModels unpriced)
    {
        (this.margins, this.reviews) = (margins, reviews);
        (this.providers, this.models, this.unpriced) = (providers, models, unpriced);
    }

    /// <summary>The kinds of provider there are.</summary>
    public static IReadOnlyList<string> ProviderKinds => ProviderWords.KindNames;

    /// <summary>The protocols that providers may speak.</summary>
    public static IReadOnlyList<string> Protocols => ProviderWords.ProtocolNames;

    /// <summary>All providers, by name; none with its credential.</summary>
    public Task<IReadOnlyList<ProviderRow>> Providers(CancellationToken cancellationToken) =>
        providers.List(cancellationToken);

    /// <summary>
    /// Adds a provider or, unless it must be new, changes it. A credential that is left out stays, unless it would go to
    /// another address or vendor.
    /// </summary>
    /// <returns>What is wrong with it; null where it stands so.</returns>
    public async Task<string?> SetProvider(
        string name, ProviderRequestBody wanted, bool mustBeNew, string actor, CancellationToken cancellationToken)
    {
        if (ConfigureProviders.Check(name, wanted).Sentence is { } wrong)
        {
            return wrong;
        }

        return await providers.Set(name, wanted, mustBeNew, actor, cancellationToken) switch
        {
            SetProviderOutcome.AlreadyThere => $"There is a provider '{name}' already. Change that one, or choose another name.",
            SetProviderOutcome.CredentialNeeded => ConfigureProviders.CredentialAgain().Sentence,
            _ => null,
        };
    }

    /// <summary>Takes a provider away.</summary>
    /// <returns>Why it stays; null where it is gone.</returns>
    public async Task<string?> RemoveProvider(string name, string actor, CancellationToken cancellationToken) =>
        await providers.Remove(name, actor, cancellationToken) is RemoveOutcome.InUse
            ? "Models are deployed there. Change them first."
            : null;

    /// <summary>All models, by name, and where they are.</summary>
    public Task<IReadOnlyList<ModelRow>> Models(CancellationToken cancellationToken) => models.List(cancellationToken);

    /// <summary>Offers a model or, unless it must be new, changes where it is.</summary>
    /// <returns>What is wrong with it; null where it stands so.</returns>
    public async Task<string?> SetModel(
        ModelRequestBody wanted, bool mustBeNew, string actor, CancellationToken cancellationToken) =>
        ConfigureModels.Check(wanted).Sentence ?? await models.Set(wanted, mustBeNew, actor, cancellationToken) switch
        {
            SetModelOutcome.AlreadyThere =>
                $"There is a model '{wanted.Model}' already. Change that one, or choose another name.",
            SetModelOutcome.NoSuchProvider => "One of the providers is not there any more.",
            _ => null,
        };

    /// <summary>Offers a model no more; whether it was offered.</summary>
    public Task<bool> RemoveModel(string model, string actor, CancellationToken cancellationToken) =>
        models.Remove(model, actor, cancellationToken);

    /// <summary>What was said of calls of models that nothing prices, for all models first.</summary>
    public Task<IReadOnlyList<UnpricedRule>> UnpricedModels(CancellationToken cancellationToken) =>
        unpriced.List(cancellationToken);

    /// <summary>Says what becomes of calls of models that nothing prices.</summary>
    /// <param name="org">Whose; null for everybody's.</param>
    /// <param name="wanted">What becomes of them.</param>
    /// <param name="actor">Who says so.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>What is wrong with it; null where it holds.</returns>
    public async Task<string?> SetUnpriced(
        OrgId? org, UnpricedModel wanted, string actor, CancellationToken cancellationToken)
    {
        if (SetUnpricedModels.Check(wanted) is { } wrong)
        {
            return wrong;
        }

        await unpriced.Handle(org, wanted, actor, cancellationToken);
        return null;
    }

    /// <summary>What is left of what customers pay, the worst first.</summary>
    /// <param name="org">Only of this customer; null of all.</param>
    /// <param name="range">When the calls were written down, by the system's clock.</param>
    /// <param name="group">What to tell apart.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public Task<MarginTable> Margins(
        OrgId? org, Period range, MarginGroup group, CancellationToken cancellationToken) =>
        margins.Read(org, range, group, cancellationToken);

    /// <summary>Calls in review, the oldest first.</summary>
    /// <param name="org">Only of this customer; null of all.</param>
    /// <param name="after">Where to go on; null from the oldest on.</param>
    /// <param name="limit">How many.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<Page<ReviewView>> Reviews(
        OrgId? org, CallId? after, PageLimit limit, CancellationToken cancellationToken) => Page.Of(
        await reviews.List(org, after ?? default, limit.RowsToFetch, cancellationToken),
        limit,
        stored => stored.Row.Call.Id,
        ReviewView.Of);

    /// <summary>Says what a call used; it stays in review.</summary>
    public Task<ReviewOutcome> Attach(
        OrgId org, CallId call, AttachedUsage attached, string actor, CancellationToken cancellationToken) =>
        reviews.Attach(org, call, attached, actor, cancellationToken);

    /// <summary>Charges a call what it is known to have used.</summary>
    public Task<ReviewOutcome> Settle(
        OrgId org, CallId call, ReviewDecision decision, string actor, CancellationToken cancellationToken) =>
        reviews.Settle(org, call, decision, actor, cancellationToken);

    /// <summary>Charges nothing for a call.</summary>
    public Task<ReviewOutcome> Waive(
        OrgId org, CallId call, ReviewDecision decision, string actor, CancellationToken cancellationToken) =>
        reviews.Waive(org, call, decision, actor, cancellationToken);
}
