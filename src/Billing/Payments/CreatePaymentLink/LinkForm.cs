using System.Text.Json;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Payments.StartCheckout;
using Quoin.Platform;

namespace Quoin.Payments.CreatePaymentLink;

/// <summary>
/// A payment link as it was asked for: kept with the request, so that one whose maker died before anything was frozen can
/// be made from it again.
/// </summary>
internal sealed record LinkForm(
    string Action,
    OrgId OrgId,
    BillingAccountId BillingAccountId,
    string SuccessPath,
    IReadOnlyList<PaymentLinkItem> LineItems)
{
    /// <summary>Whether what is paid becomes credit; left out of the form where it does not, as it was before it could.</summary>
    public bool? GivesCredit { get; init; }

    public static LinkForm Of(NewPaymentLink request) => new(
        Word.Of(RequestAction.PaymentLink),
        request.Account.OrganisationId,
        request.Account.Id,
        request.SuccessPath,
        [.. request.LineItems.Select(item => item with { Currency = request.Account.Currency.Code })])
    {
        GivesCredit = request.GivesCredit ? true : null,
    };

    /// <summary>The form of a stored request.</summary>
    public static LinkForm Read(RequestRow request) =>
        JsonSerializer.Deserialize<LinkForm>(request.Normalized, JsonConventions.Options)!;

    /// <summary>What is wrong with what was asked for, by member; empty when nothing is.</summary>
    public static Dictionary<string, string> Problems(NewPaymentLink request)
    {
        var errors = new Dictionary<string, string>(StringComparer.Ordinal);
        if (ReturnPath.Problem(request.SuccessPath) is { } path)
        {
            errors["success_path"] = path;
        }

        if (request.LineItems.Count is < 1 or > Limits.LinkItemsMax)
        {
            errors["line_items"] = $"must have 1 to {Limits.LinkItemsMax} lines";
        }

        foreach (var (index, item) in request.LineItems.Take(Limits.LinkItemsMax).Index())
        {
            if (Problem(item, request.Account.Currency) is { } problem)
            {
                errors[$"line_items[{index}]"] = problem;
            }
        }

        return errors;
    }

    private static string? Problem(PaymentLinkItem item, Currency currency)
    {
        if (item.CatalogueItemId is null)
        {
            return CheckoutOrder.ItemProblem(
                new OneOffItem(item.Name ?? string.Empty, item.AmountMinor ?? 0, item.Quantity, item.Currency), currency);
        }

        return item.Name is not null || item.AmountMinor is not null ? "names something of the catalogue and says what it is"
            : item.Currency is not null && item.Currency != currency.Code ? $"currency must be {currency}, the billing account's"
            : item.Quantity is < 1 or > Limits.ItemQuantityMax ? $"quantity must be 1 to {Limits.ItemQuantityMax}"
            : null;
    }
}
