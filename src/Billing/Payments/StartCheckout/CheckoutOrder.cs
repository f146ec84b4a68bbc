using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.StartCheckout;

/// <summary>A checkout to open, whoever asks: checked, and in the form its fingerprint is taken of.</summary>
internal sealed record CheckoutOrder
{
    public required BillingAccountProfile Account { get; init; }

    public required RequestAction Action { get; init; }

    public required CheckoutFlow Flow { get; init; }

    /// <summary>What it is for, in metadata: <c>plan</c>, <c>one_off</c>, <c>top_up</c>, <c>setup</c>.</summary>
    public required string Purpose { get; init; }

    public string? Plan { get; init; }

    public IReadOnlyList<OneOffItem> Items { get; init; } = [];

    public required string SuccessPath { get; init; }

    public required string CancelPath { get; init; }

    /// <summary>Further metadata of whoever orders; part of the fingerprint.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Done in the transaction of the claim, once: rows of whoever orders.</summary>
    public Func<LockedAccount, RequestRow, CancellationToken, Task>? OnClaimed { get; init; }

    public BillingAccountKey Key => new(Account.OrganisationId, Account.Id);

    /// <summary>What the same key must come with again.</summary>
    public string Normalized => CanonicalJson.Of(new Form(
        Word.Of(Action),
        Account.OrganisationId,
        Account.Id,
        Word.Of(Flow),
        Plan,
        Items.Count == 0 ? null : Items,
        SuccessPath,
        CancelPath,
        Metadata.Count == 0 ? null : Metadata));

    private sealed record Form(
        string Action,
        OrgId OrgId,
        BillingAccountId BillingAccountId,
        string Flow,
        string? Plan,
        IReadOnlyList<OneOffItem>? Items,
        string SuccessPath,
        string CancelPath,
        IReadOnlyDictionary<string, string>? Metadata);

    /// <summary>The order of what was asked for; checked by <see cref="Problems"/>.</summary>
    public static CheckoutOrder Of(NewCheckout request) => new()
    {
        Account = request.Account,
        Action = request.Flow == CheckoutFlow.Setup ? RequestAction.Setup : RequestAction.Checkout,
        Flow = request.Flow,
        Purpose = request.Flow == CheckoutFlow.Subscription ? "plan" : Word.Of(request.Flow),
        Plan = request.Plan,
        Items = request.OneOff is { } item ? [item with { Currency = item.Currency ?? request.Account.Currency.Code }] : [],
        SuccessPath = request.SuccessPath,
        CancelPath = request.CancelPath,
    };

    /// <summary>What is wrong with what was asked for, by member; empty when nothing is.</summary>
    public static Dictionary<string, string> Problems(NewCheckout request)
    {
        var errors = new Dictionary<string, string>(StringComparer.Ordinal);
        Add(errors, "success_path", ReturnPath.Problem(request.SuccessPath));
        Add(errors, "cancel_path", ReturnPath.Problem(request.CancelPath));
        Add(errors, "plan", request.Flow == CheckoutFlow.Subscription
            ? request.Plan is null ? "must be named" : InputText.Problem(request.Plan, Limits.PlanCharactersMax)
            : request.Plan is null ? null : "must be left out: this checkout buys no plan");
        Add(errors, "one_off", request.Flow == CheckoutFlow.OneOff
            ? request.OneOff is null ? "must say what is paid" : ItemProblem(request.OneOff, request.Account.Currency)
            : request.OneOff is null ? null : "must be left out: this checkout pays nothing once");
        return errors;
    }

    /// <summary>What is wrong with an item; null when nothing is.</summary>
    public static string? ItemProblem(OneOffItem item, Currency currency) =>
        InputText.Problem(item.Name, Limits.ItemNameCharactersMax) is { } name ? $"name {name}"
        : item.AmountMinor is < 1 or > Limits.ItemAmountMinorMax ? $"amount_minor must be 1 to {Limits.ItemAmountMinorMax}"
        : item.Quantity is < 1 or > Limits.ItemQuantityMax ? $"quantity must be 1 to {Limits.ItemQuantityMax}"
        : item.Currency is not null && item.Currency != currency.Code ? $"currency must be {currency}, the billing account's"
        : null;

    private static void Add(Dictionary<string, string> errors, string member, string? problem)
    {
        if (problem is not null)
        {
            errors[member] = problem;
        }
    }
}
