using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Payments.SyncPrices;

/// <summary>Every way bringing a plan's version to a provider can end.</summary>
internal abstract record PriceSyncOutcome
{
    private PriceSyncOutcome()
    {
    }

    /// <summary>It can be sold at this price.</summary>
    public sealed record Sellable(SellablePrice Price) : PriceSyncOutcome;

    /// <summary>It is not for sale: a draft, or free.</summary>
    public sealed record NotForSale : PriceSyncOutcome;

    /// <summary>The installation has no provider of this mode.</summary>
    public sealed record NotConfigured : PriceSyncOutcome;

    /// <summary>What it costs, or what the provider has, does not fit: nothing is sold.</summary>
    public sealed record Unsellable(string Problem) : PriceSyncOutcome;

    /// <summary>The provider has not said; it is asked again by itself.</summary>
    public sealed record Pending(string Problem) : PriceSyncOutcome;
}

/// <summary>
/// Gives every published plan with a fee a product and a price at the provider of each mode, once: the key of the call
/// follows from what is sold. What is there and does not fit is left alone and sells nothing.
/// </summary>
internal sealed class SyncPlanPrices(
    IPaymentProviders providers,
    Plans plans,
    SellablePrices prices,
    PriceSyncStore store,
    RequestKeys keys,
    TimeProvider time,
    Guardrails guardrails,
    ILogger<SyncPlanPrices> logger)
{
    private static readonly PaymentMode[] Modes = [PaymentMode.Test, PaymentMode.Live];

    /// <summary>Brings what is missing, in both modes: after a start, and soon after a publication.</summary>
    /// <returns>How many were tried.</returns>
    public async Task<int> Sweep(CancellationToken cancellationToken)
    {
        var tried = 0;
        foreach (var mode in Modes)
        {
            if (providers.Of(mode) is { } provider)
            {
                tried += await Sweep(provider, mode, cancellationToken);
            }
        }

        return tried;
    }

    /// <summary>Makes sure that a version can be sold in a mode, asking the provider if it must.</summary>
    public async Task<PriceSyncOutcome> Ensure(PlanVersion plan, PaymentMode mode, CancellationToken cancellationToken)
    {
        if (!PlanPriceTerms.IsSold(plan))
        {
            return new PriceSyncOutcome.NotForSale();
        }

        if (providers.Of(mode) is not { } provider)
        {
            return new PriceSyncOutcome.NotConfigured();
        }

        var place = new ProviderPlace(provider.Name, mode);
        if (PlanPriceTerms.Of(plan) is not { } terms)
        {
            return await Refuse(plan, place, $"{plan.Fee} is no whole number of minor units.", null, cancellationToken);
        }

        var known = await prices.Of([plan.Id], place, cancellationToken);
        return known.TryGetValue(plan.Id, out var price)
            ? await Compare(plan, place, terms, price, cancellationToken)
            : await Make(provider, plan, place, terms, cancellationToken);
    }

    /// <summary>
    /// The same for a customer who buys the plan now, before anything is claimed: one that was found to be unsellable is
    /// not asked for again, that is for the operator.
    /// </summary>
    public async Task EnsureForSale(PlanVersion plan, PaymentMode mode, CancellationToken cancellationToken)
    {
        if (!PlanPriceTerms.IsSold(plan) || providers.Of(mode) is not { } provider)
        {
            return;
        }

        var place = new ProviderPlace(provider.Name, mode);
        if ((await prices.Of([plan.Id], place, cancellationToken)).ContainsKey(plan.Id)
            || await store.HasFailed(plan.Id, place, cancellationToken))
        {
            return;
        }

        await Ensure(plan, mode, cancellationToken);
    }

    private async Task<int> Sweep(IPaymentProvider provider, PaymentMode mode, CancellationToken cancellationToken)
    {
        var sold = (await plans.Catalogue(cancellationToken)).Versions.Where(PlanPriceTerms.IsSold).ToList();
        var place = new ProviderPlace(provider.Name, mode);
        var there = await prices.Of([.. sold.Select(plan => plan.Id)], place, cancellationToken);
        var waiting = (await store.All(provider.Name, cancellationToken))
            .Where(row => row.Mode == mode && (row.Status == PriceSyncStatus.Failed || row.DueAt > time.GetUtcNow()))
            .Select(row => row.Plan)
            .ToHashSet();
        var tried = 0;
        foreach (var plan in sold.Where(plan => !there.ContainsKey(plan.Id) && !waiting.Contains(plan.Id))
            .Take(ClientLimits.PricesSyncedAtOnce))
        {
            await Ensure(plan, mode, cancellationToken);
            tried++;
        }

        return tried;
    }

    private async Task<PriceSyncOutcome> Make(
        IPaymentProvider provider, PlanVersion plan, ProviderPlace place, PlanPriceTerms terms, CancellationToken cancellationToken)
    {
        var family = (await plans.Catalogue(cancellationToken)).Family(plan.Family);
        var parameters = new PriceParameters(
            Product: null,
            family?.Name ?? plan.Family,
            terms.Currency.Code,
            terms.AmountMinor,
            Word.Of(terms.Interval),
            terms.IntervalCount,
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [ProviderMetadata.Plan] = plan.Family,
                [ProviderMetadata.PlanVersion] = plan.Id.ToString(),
            });
        var key = keys.CallKeyOf(
            place, "create_price", $"{plan.Id}/{terms.Currency}/{terms.AmountMinor}/{Word.Of(terms.Interval)}");
        switch (await provider.CreatePrice(parameters, key, cancellationToken))
        {
            case ProviderOutcome<ProviderPrice>.Done(var made, var request):
                await store.InsertPrice(plan.Id, place, terms, made, cancellationToken);
                return await Kept(plan, place, terms, request, cancellationToken);
            case ProviderOutcome<ProviderPrice>.Rejected(var failure):
                return await Refuse(plan, place, failure.Message, failure.RequestId, cancellationToken);
            case ProviderOutcome<ProviderPrice>.NotFound(var failure):
                return await Refuse(plan, place, failure.Message, failure.RequestId, cancellationToken);
            case ProviderOutcome<ProviderPrice>.Unknown(var failure):
                await store.Save(
                    plan.Id,
                    place,
                    PriceSyncStatus.Pending,
                    ErrorText.Cut(failure.Message, ClientLimits.ProblemCharactersMax),
                    failure.RequestId,
                    time.GetUtcNow() + ClientLimits.PriceRetry,
                    cancellationToken);
                return new PriceSyncOutcome.Pending(failure.Message);
            default:
                throw new UnreachableException();
        }
    }

    private async Task<PriceSyncOutcome> Kept(
        PlanVersion plan, ProviderPlace place, PlanPriceTerms terms, string? request, CancellationToken cancellationToken)
    {
        var now = await prices.Of([plan.Id], place, cancellationToken);
        if (!now.TryGetValue(plan.Id, out var price))
        {
            return await Refuse(plan, place, "The provider's price belongs to another plan.", request, cancellationToken);
        }

        var outcome = await Compare(plan, place, terms, price, cancellationToken);
        if (outcome is PriceSyncOutcome.Sellable)
        {
            await store.Save(plan.Id, place, PriceSyncStatus.Synced, null, request, time.GetUtcNow(), cancellationToken);
            Log.PriceSynced(logger, plan.Id, place.Provider, place.ModeWord);
        }

        return outcome;
    }

    // A published version never changes: a price that differs was changed by somebody, and customers must not pay it.
    private async Task<PriceSyncOutcome> Compare(
        PlanVersion plan, ProviderPlace place, PlanPriceTerms terms, SellablePrice price, CancellationToken cancellationToken) =>
        price.Terms == terms
            ? new PriceSyncOutcome.Sellable(price)
            : await Refuse(
                plan,
                place,
                $"The provider's price is {price.AmountMinor} {price.Currency}, the plan's {terms.AmountMinor} {terms.Currency}.",
                null,
                cancellationToken);

    private async Task<PriceSyncOutcome> Refuse(
        PlanVersion plan, ProviderPlace place, string problem, string? request, CancellationToken cancellationToken)
    {
        var shortened = ErrorText.Cut(problem, ClientLimits.ProblemCharactersMax);
        await store.Save(plan.Id, place, PriceSyncStatus.Failed, shortened, request, time.GetUtcNow(), cancellationToken);
        guardrails.Met(Guardrails.PricingInvalid);
        Log.PriceUnsellable(logger, plan.Id, place.Provider, place.ModeWord, shortened);
        return new PriceSyncOutcome.Unsellable(shortened);
    }
}
