using Microsoft.AspNetCore.Http;
using Npgsql;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;
using Quoin.Pricing;

namespace Quoin.Payments.SyncPrices;

/// <summary>A page of plans' prices, by plan, number and mode.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record PlanPricePageRequest(PageLimit Limit, Cursor<string>? Cursor = null);

/// <summary>Which version of a plan.</summary>
/// <param name="PlanVersion">The version.</param>
internal sealed record PlanPricePath(PlanVersionId PlanVersion);

/// <summary>The operator's look at what can be sold, and trying again.</summary>
internal sealed class PlanPriceEndpoints(
    NpgsqlDataSource database,
    IPaymentProviders providers,
    Plans plans,
    SellablePrices prices,
    PriceSyncStore store,
    SyncPlanPrices syncing,
    IAudit audit)
{
    private static readonly PaymentMode[] Modes = [PaymentMode.Live, PaymentMode.Test];

    /// <summary><c>GET /v1/payments/plan-prices</c>.</summary>
    public static async Task<IResult> List(
        Parameters<PlanPricePageRequest> parameters, PlanPriceEndpoints handler, CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var rows = (await handler.Rows(plan: null, cancellationToken))
            .Where(row => string.CompareOrdinal(KeyOf(row), request.Cursor?.Keys ?? "") > 0)
            .Take(request.Limit.RowsToFetch)
            .ToList();
        return TypedResults.Ok(Page.Of(rows, request.Limit, KeyOf));
    }

    /// <summary><c>POST /v1/payments/plan-prices/{plan_version}/sync</c>.</summary>
    public static async Task<IResult> Sync(
        Parameters<PlanPricePath> parameters,
        PlanPriceEndpoints handler,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var rows = await handler.Try(parameters.Value.PlanVersion, context.Caller().Actor, cancellationToken);
        return rows is null
            ? new Problem(PlatformProblems.NotFound, "There is no such published version with a fee.")
            : TypedResults.Ok(new Page<PlanPriceRow>(rows, null));
    }

    /// <summary>Brings a version to the provider now; null when it is not sold.</summary>
    public async Task<List<PlanPriceRow>?> Try(PlanVersionId id, string actor, CancellationToken cancellationToken)
    {
        var catalogue = await plans.Catalogue(cancellationToken);
        if (catalogue.Find(id) is not { } plan || !PlanPriceTerms.IsSold(plan))
        {
            return null;
        }

        await Record(actor, id, cancellationToken);
        foreach (var mode in Modes)
        {
            await syncing.Ensure(plan, mode, cancellationToken);
        }

        return await Rows(id, cancellationToken);
    }

    private async Task Record(string actor, PlanVersionId plan, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await audit.Record(
            transaction, new AuditEntry(Org: null, actor, "plan_price.synced", plan.ToString()), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    /// <summary>How versions stand with the provider of each mode.</summary>
    public async Task<List<PlanPriceRow>> Rows(PlanVersionId? plan, CancellationToken cancellationToken)
    {
        var sold = (await plans.Catalogue(cancellationToken)).Versions
            .Where(version => PlanPriceTerms.IsSold(version) && (plan is null || version.Id == plan))
            .ToList();
        var rows = new List<PlanPriceRow>();
        foreach (var mode in Modes)
        {
            rows.AddRange(await Rows(sold, mode, cancellationToken));
        }

        return [.. rows.OrderBy(KeyOf, StringComparer.Ordinal)];
    }

    private async Task<IEnumerable<PlanPriceRow>> Rows(
        List<PlanVersion> sold, PaymentMode mode, CancellationToken cancellationToken)
    {
        if (providers.Of(mode) is not { } provider)
        {
            return sold.Select(version => new PlanPriceRow(
                version.Id,
                version.Family,
                version.Number,
                version.Fee,
                mode,
                PriceSyncStatus.Pending,
                null,
                null,
                "No payment provider is configured for this mode.",
                null));
        }

        var there = await prices.Of(
            [.. sold.Select(version => version.Id)], new ProviderPlace(provider.Name, mode), cancellationToken);
        var tried = (await store.All(provider.Name, cancellationToken))
            .Where(row => row.Mode == mode)
            .ToDictionary(row => row.Plan);
        return sold.Select(version =>
        {
            var (price, attempt) = (there.GetValueOrDefault(version.Id), tried.GetValueOrDefault(version.Id));
            var status = attempt?.Status ?? (price is null ? PriceSyncStatus.Pending : PriceSyncStatus.Synced);
            return new PlanPriceRow(
                version.Id,
                version.Family,
                version.Number,
                version.Fee,
                mode,
                status,
                provider.Name,
                price?.ProviderPrice,
                attempt?.Problem,
                attempt?.UpdatedAt);
        });
    }

    private static string KeyOf(PlanPriceRow row) => $"{row.Plan}/{row.Number:D9}/{Word.Of(row.Mode)}";
}
