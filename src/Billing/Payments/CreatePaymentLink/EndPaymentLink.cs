using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Accounts;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.CreatePaymentLink;

/// <summary>Which payment link.</summary>
/// <param name="Id">Its id.</param>
internal sealed record LinkPath(PaymentLinkId Id);

/// <summary>A page of payment links, newest first.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record LinkPageRequest(PageLimit Limit, Cursor<PaymentLinkId>? Cursor = null);

/// <summary>
/// Ends payment links: the provider first, outside every transaction and always with the same key, then the row. Who
/// opened a page of it before may still pay there, and what is paid counts.
/// </summary>
internal sealed class EndPaymentLink(
    NpgsqlDataSource database,
    AccountLock accounts,
    LinkStore links,
    RequestKeys keys,
    IPaymentProviders providers,
    IAudit audit)
{
    public async Task<LinkChangeOutcome> Handle(
        BillingAccountProfile account, PaymentLinkId id, string actor, CancellationToken cancellationToken)
    {
        var (org, key) = (account.OrganisationId, new BillingAccountKey(account.OrganisationId, account.Id));
        if (await links.Find(org, account.Id, id, cancellationToken) is not { } link)
        {
            return new LinkChangeOutcome.NotFound();
        }

        if (!link.IsActive)
        {
            return new LinkChangeOutcome.Standing(PaymentLink.Of(link));
        }

        if (providers.Of(link.Place.Mode) is not { } provider || provider.Name != link.Place.Provider)
        {
            return new LinkChangeOutcome.NotConfigured();
        }

        var callKey = keys.CallKeyOf(link.Place, "end_payment_link", id.ToString());
        switch (await provider.EndPaymentLink(link.ProviderId, callKey, cancellationToken))
        {
            case ProviderOutcome<ProviderPaymentLink>.Unknown:
                return new LinkChangeOutcome.Unknown();
            case ProviderOutcome<ProviderPaymentLink>.Rejected(var failure):
                return new LinkChangeOutcome.Refused(failure.Message);
        }

        // Ended, or not there: nobody can pay at it either way.
        await using var connection = await database.OpenConnectionAsync(CancellationToken.None);
        await using var transaction = await connection.BeginTransactionAsync(CancellationToken.None);
        var locked = await accounts.Take(transaction, key, CancellationToken.None);
        if (await LinkStore.End(locked, id, CancellationToken.None))
        {
            var entry = new AuditEntry(org, actor, "payment_link.ended", id.ToString());
            await audit.Record(transaction, entry, CancellationToken.None);
        }

        await transaction.CommitAsync(CancellationToken.None);
        var after = await links.Find(org, account.Id, id, CancellationToken.None);
        return new LinkChangeOutcome.Standing(PaymentLink.Of(after!));
    }

    /// <summary><c>GET /v1/billing/payment-links</c>.</summary>
    public static async Task<Results<Ok<Page<PaymentLink>>, Problem>> List(
        Parameters<LinkPageRequest> parameters,
        PaymentLinks links,
        BillingAccountSelector selector,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var selection = await selector.Select(context, named: null, cancellationToken);
        if (selection is not BillingAccountSelection.Selected(var account))
        {
            return BillingAccountSelector.Refusal(selection)!;
        }

        var request = parameters.Value;
        var rows = await links.Newest(account, request.Cursor?.Keys, request.Limit.RowsToFetch, cancellationToken);
        return TypedResults.Ok(Page.Of(rows, request.Limit, link => link.Id, link => link));
    }

    /// <summary><c>POST /v1/billing/payment-links/{id}/deactivate</c>.</summary>
    public static async Task<Results<Ok<PaymentLink>, Problem>> Deactivate(
        Parameters<LinkPath> path,
        PaymentLinks links,
        BillingAccountSelector selector,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var selection = await selector.Select(context, named: null, cancellationToken);
        if (selection is not BillingAccountSelection.Selected(var account))
        {
            return BillingAccountSelector.Refusal(selection)!;
        }

        return await links.Deactivate(account, path.Value.Id, context.Caller().Actor, cancellationToken) switch
        {
            LinkChangeOutcome.Standing(var link) => TypedResults.Ok(link),
            LinkChangeOutcome.NotFound => new Problem(PlatformProblems.NotFound, "There is no such payment link."),
            LinkChangeOutcome.Refused(var reason) => new Problem(PaymentsProblems.CheckoutProviderError, reason),
            LinkChangeOutcome.Unknown => new Problem(ProviderProblems.ProviderUnavailable, ProviderProblems.NoAnswer),
            _ => new Problem(PaymentsProblems.PaymentsNotConfigured, ProviderProblems.NoProvider),
        };
    }
}
