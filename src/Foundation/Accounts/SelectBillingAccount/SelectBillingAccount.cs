using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Quoin.Kernel;
using Quoin.Platform;

namespace Quoin.Accounts;

/// <summary>Every way telling which billing account a request means can end, in the order they are checked.</summary>
public abstract record BillingAccountSelection
{
    private BillingAccountSelection()
    {
    }

    /// <summary>The organisation has no such account, or what was sent is no id of one.</summary>
    public sealed record NotFound : BillingAccountSelection;

    /// <summary>The key that asks belongs to a project, which is billed to another account.</summary>
    public sealed record OfAnotherProject(BillingAccountId Own) : BillingAccountSelection;

    /// <summary>The account is closed.</summary>
    public sealed record Closed(BillingAccountId Account) : BillingAccountSelection;

    /// <summary>Several are open and none was named.</summary>
    public sealed record SelectionRequired(IReadOnlyList<BillingAccountId> Open) : BillingAccountSelection;

    /// <summary>This one.</summary>
    public sealed record Selected(BillingAccountProfile Account) : BillingAccountSelection;
}

/// <summary>
/// Tells which billing account a person's request means: the one it names, else the only open one. Never the last one
/// used, and never the default one where there are several: who buys says for whom. A key of a project has no choice.
/// </summary>
public sealed class BillingAccountSelector
{
    /// <summary>The header that names one.</summary>
    public const string Header = "Quoin-Billing-Account";

    private readonly ListBillingAccounts listing;

    internal BillingAccountSelector(ListBillingAccounts listing) => this.listing = listing;

    /// <summary>Tells which one.</summary>
    /// <param name="context">The request; its header counts unless the endpoint names an account itself.</param>
    /// <param name="named">The one named by the endpoint's own body or query; it wins over the header.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<BillingAccountSelection> Select(
        HttpContext context, BillingAccountId? named, CancellationToken cancellationToken)
    {
        var header = context.Request.Headers[Header];
        if (named is null && header.Count > 0)
        {
            if (!Id.TryParse<BillingAccountId>(header.ToString(), out var fromHeader))
            {
                return new BillingAccountSelection.NotFound();
            }

            named = fromHeader;
        }

        var caller = context.Caller();
        var all = await listing.Handle(
            caller.RequiredOrg, after: null, Limits.BillingAccountsMax, cancellationToken);
        return Decide(all, named, caller.BillingAccount);
    }

    /// <summary>The rule itself.</summary>
    /// <param name="all">The organisation's accounts.</param>
    /// <param name="named">The one the request names; null where it names none.</param>
    /// <param name="own">The only one the caller may use; null where they may use any.</param>
    public static BillingAccountSelection Decide(
        IReadOnlyList<BillingAccountProfile> all, BillingAccountId? named, BillingAccountId? own = null)
    {
        if (own is { } bound && named is { } other && other != bound && all.Any(account => account.Id == other))
        {
            return new BillingAccountSelection.OfAnotherProject(bound);
        }

        if ((named ?? own) is { } id)
        {
            return all.FirstOrDefault(account => account.Id == id) switch
            {
                null => new BillingAccountSelection.NotFound(),
                { Status: BillingAccountStatus.Closed } => new BillingAccountSelection.Closed(id),
                var account => new BillingAccountSelection.Selected(account),
            };
        }

        var open = all.Where(account => account.Status == BillingAccountStatus.Active).ToList();
        return open is [var only]
            ? new BillingAccountSelection.Selected(only)
            : new BillingAccountSelection.SelectionRequired([.. open.Select(account => account.Id)]);
    }

    /// <summary>The problem a selection ends in; null where it did not.</summary>
    public static Problem? Refusal(BillingAccountSelection selection) => selection switch
    {
        BillingAccountSelection.Selected => null,
        BillingAccountSelection.NotFound => new Problem(
            PlatformProblems.NotFound, "The organisation has no such billing account."),
        BillingAccountSelection.OfAnotherProject(var own) => new Problem(
            AccountsProblems.BillingAccountOutOfReach, $"The key's project is billed to {own}."),
        BillingAccountSelection.Closed(var account) => new Problem(
            AccountsProblems.BillingAccountClosed, $"{account} is closed."),
        BillingAccountSelection.SelectionRequired(var open) => new Problem(
            AccountsProblems.BillingSelectionRequired,
            $"The organisation has {open.Count} open billing accounts.",
            members: new Dictionary<string, object?>
            {
                ["billing_account_ids"] = open.Select(account => account.ToString()).ToArray(),
            }),
        _ => throw new System.Diagnostics.UnreachableException(),
    };

    /// <summary><c>GET /v1/billing-account</c>.</summary>
    internal static async Task<Results<Ok<BillingAccountProfile>, Problem>> Endpoint(
        BillingAccountSelector selector, HttpContext context, CancellationToken cancellationToken)
    {
        var selection = await selector.Select(context, named: null, cancellationToken);
        return selection is BillingAccountSelection.Selected(var account)
            ? TypedResults.Ok(account)
            : Refusal(selection)!;
    }
}
