using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.KeepCatalogue;

/// <summary>Which item.</summary>
/// <param name="Id">Its id.</param>
internal sealed record CatalogueReference(CatalogueItemId Id);

/// <summary>
/// The operator's list of what may be sold once. An item and its price never change: another price is another item, and
/// one that is retired stays for what it was sold as.
/// </summary>
internal sealed class CatalogueKeeping(
    NpgsqlDataSource database,
    CatalogueStore catalogue,
    IPaymentProviders providers,
    RequestKeys keys,
    IdSource ids,
    IAudit audit,
    TimeProvider time)
{
    private async Task<Results<Ok<CatalogueItem>, Problem>> Add(
        NewCatalogueItem item, string actor, CancellationToken cancellationToken)
    {
        if (providers.Of(item.Mode) is not { } provider)
        {
            return new Problem(PaymentsProblems.PaymentsNotConfigured, "No payment provider serves organisations of this mode.");
        }

        // The price first: one that nobody lists is never sold, a list without its price would be.
        var id = ids.Next<CatalogueItemId>();
        var place = new ProviderPlace(provider.Name, item.Mode);
        var parameters = new PriceParameters(
            null,
            item.Name,
            item.Currency.Code,
            item.AmountMinor,
            Interval: null,
            1,
            new Dictionary<string, string> { [ProviderMetadata.Purpose] = "catalogue_item", ["catalogue_item_id"] = id.ToString() });
        var outcome = await provider.CreatePrice(
            parameters, keys.CallKeyOf(place, "catalogue_price", id.ToString()), cancellationToken);
        if (outcome is not ProviderOutcome<ProviderPrice>.Done(var price, _))
        {
            return new Problem(PaymentsProblems.CheckoutProviderError, "The payment provider made no price; nothing was listed.");
        }

        var row = new CatalogueItemRow(id, place, item.Name, item.Currency, item.AmountMinor, price.Id, IsActive: true);
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await CatalogueStore.Insert(transaction, row, Instant.Now(time), cancellationToken);
        await Record(transaction, actor, "catalogue_item.added", row, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(Shown(row));
    }

    private async Task<Results<Ok<CatalogueItem>, Problem>> Retire(
        CatalogueItemId id, string actor, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await CatalogueStore.Retire(transaction, id, Instant.Now(time), cancellationToken) is not { } row)
        {
            return new Problem(PlatformProblems.NotFound, "There is no such item.");
        }

        await Record(transaction, actor, "catalogue_item.retired", row, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Ok(Shown(row));
    }

    /// <summary>Everything that may be sold once, retired items too.</summary>
    public async Task<IReadOnlyList<CatalogueItem>> All(CancellationToken cancellationToken) =>
        [.. (await catalogue.All(cancellationToken)).Select(Shown)];

    /// <summary>What may be sold to an account.</summary>
    public async Task<CatalogueItemList> OfAccount(BillingAccountProfile account, CancellationToken cancellationToken) =>
        await providers.ModeOf(account.OrganisationId, cancellationToken) is not { } mode
            ? new CatalogueItemList([])
            : new CatalogueItemList(
            [
                .. (await catalogue.All(cancellationToken))
                    .Where(row => row.IsActive && row.Place.Mode == mode && row.Currency == account.Currency)
                    .Where(row => row.Place.Provider == providers.Of(mode)?.Name)
                    .Select(Shown),
            ]);

    private Task Record(
        NpgsqlTransaction transaction, string actor, string action, CatalogueItemRow row, CancellationToken cancellationToken)
    {
        var state = JsonSerializer.Serialize(Shown(row), JsonConventions.Options);
        return audit.Record(
            transaction, new AuditEntry(Org: null, actor, action, row.Id.ToString(), After: state), cancellationToken);
    }

    private static CatalogueItem Shown(CatalogueItemRow row) =>
        new(row.Id, row.Name, row.Currency, row.AmountMinor, row.Place.Mode, row.IsActive);

    /// <summary><c>POST /v1/payments/catalogue-items</c>.</summary>
    public static async Task<Results<Ok<CatalogueItem>, Problem>> AddItem(
        NewCatalogueItem body, CatalogueKeeping handler, HttpContext context, CancellationToken cancellationToken)
    {
        var errors = new Dictionary<string, string>(StringComparer.Ordinal);
        if (InputText.Problem(body.Name, Limits.ItemNameCharactersMax) is { } name)
        {
            errors["name"] = name;
        }

        if (body.AmountMinor is < 1 or > Limits.ItemAmountMinorMax)
        {
            errors["amount_minor"] = $"must be 1 to {Limits.ItemAmountMinorMax}";
        }

        return errors.Count == 0
            ? await handler.Add(body, context.Caller().Actor, cancellationToken)
            : PaymentEndpoints.Invalid(errors);
    }

    /// <summary><c>POST /v1/payments/catalogue-items/{id}/retire</c>.</summary>
    public static Task<Results<Ok<CatalogueItem>, Problem>> RetireItem(
        Parameters<CatalogueReference> parameters,
        CatalogueKeeping handler,
        HttpContext context,
        CancellationToken cancellationToken) =>
        handler.Retire(parameters.Value.Id, context.Caller().Actor, cancellationToken);

    /// <summary><c>GET /v1/payments/catalogue-items</c>.</summary>
    public static async Task<Ok<CatalogueItemList>> ListItems(CatalogueStore catalogue, CancellationToken cancellationToken) =>
        TypedResults.Ok(new CatalogueItemList([.. (await catalogue.All(cancellationToken)).Select(Shown)]));

    /// <summary><c>GET /v1/billing/catalogue-items</c>.</summary>
    public static async Task<Results<Ok<CatalogueItemList>, Problem>> ListForSale(
        CatalogueKeeping handler, BillingAccountSelector selector, HttpContext context, CancellationToken cancellationToken)
    {
        var selection = await selector.Select(context, named: null, cancellationToken);
        return selection is BillingAccountSelection.Selected(var account)
            ? TypedResults.Ok(await handler.OfAccount(account, cancellationToken))
            : BillingAccountSelector.Refusal(selection)!;
    }
}
