using System.Diagnostics;
using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Payments.RecoverRequests;
using Quoin.Platform;

namespace Quoin.Payments.CreatePaymentLink;

/// <summary>
/// Makes a payment link: claimed in one transaction; prices of lines that have none made at the provider, each under a key
/// of its own; frozen in one transaction; made; kept.
/// </summary>
internal sealed class MakePaymentLink(
    NpgsqlDataSource database,
    AccountLock accounts,
    ClaimRequests claims,
    RequestStore requests,
    CatalogueStore catalogue,
    Recovery recovery,
    IPaymentProviders providers,
    IAudit audit,
    CallPaymentLink calling)
{
    public async Task<PaymentRequestOutcome> Handle(
        NewPaymentLink request, string clientKey, string actor, CancellationToken cancellationToken)
    {
        if (LinkForm.Problems(request) is { Count: > 0 } errors)
        {
            return new PaymentRequestOutcome.Invalid(errors);
        }

        if (await providers.ModeOf(request.Account.OrganisationId, cancellationToken) is not { } mode
            || providers.Of(mode) is not { } provider)
        {
            return new PaymentRequestOutcome.NotConfigured();
        }

        var form = LinkForm.Of(request);
        var wanted = new NewRequest(
            RequestAction.PaymentLink,
            CheckoutFlow.OneOff,
            clientKey,
            CanonicalJson.Of(form),
            actor,
            new ProviderPlace(provider.Name, mode));
        var refusal = await Obstacle(form, request.Account.Currency, wanted.Place, cancellationToken);
        var claim = await Claim(form, wanted, refusal, cancellationToken);
        return claim switch
        {
            ClaimOutcome.Claimed when refusal is not null => RequestAnswers.Of(refusal),
            ClaimOutcome.Claimed(var claimed) => await calling.Make(claimed, provider, isReplay: false, CancellationToken.None),
            ClaimOutcome.Recoverable(var pending) =>
                await recovery.Recover(pending.Org, pending.Id, CancellationToken.None),
            _ => RequestAnswers.Of(claim) ?? throw new UnreachableException(),
        };
    }

    // Read before the transaction: the catalogue is no part of the account. What is sold is looked up again when frozen.
    private async Task<RequestFailure?> Obstacle(
        LinkForm form, Currency currency, ProviderPlace place, CancellationToken cancellationToken)
    {
        var named = form.LineItems.Where(item => item.CatalogueItemId is not null).Select(item => item.CatalogueItemId!.Value).ToList();
        var found = await catalogue.Find(named, place, cancellationToken);
        var wrong = named.Where(item => !found.TryGetValue(item, out var row) || row.Currency != currency).ToList();
        return wrong.Count == 0
            ? null
            : new RequestFailure(
                PaymentsProblems.CheckoutConfigurationInvalid.Code,
                $"Not for sale in {currency}: {string.Join(", ", wrong)}.");
    }

    private async Task<ClaimOutcome> Claim(
        LinkForm form, NewRequest wanted, RequestFailure? refusal, CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var account = await accounts.Take(
            transaction, new BillingAccountKey(form.OrgId, form.BillingAccountId), cancellationToken);
        var claim = await claims.ClaimOrReplay(account, wanted, cancellationToken);
        if (claim is ClaimOutcome.Claimed(var request))
        {
            if (refusal is not null)
            {
                await requests.End(account, request, isExpired: false, refusal, null, cancellationToken);
            }

            var entry = new AuditEntry(
                form.OrgId, wanted.Actor, "payment_link.requested", request.Id.ToString(), After: wanted.Normalized);
            await audit.Record(transaction, entry, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return claim;
    }
}
