using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Payments.RecoverRequests;
using Quoin.Platform;

namespace Quoin.Payments.CreatePaymentLink;

/// <summary>
/// Calls the provider for a payment link: prices first, where nothing is frozen yet, then the link. Recovers one the same
/// way: only what was never frozen is made from its form again, and only under the lease.
/// </summary>
internal sealed class CallPaymentLink(
    EndRequests ending,
    CatalogueStore catalogue,
    IdSource ids,
    PaymentsOptions options,
    Guardrails guardrails,
    ILogger<CallPaymentLink> logger) : IRequestRecovery
{
    /// <summary>What the JSON of frozen parameters is.</summary>
    public const string Schema = "payment_link_params_v1";

    public bool Takes(RequestAction action) => action == RequestAction.PaymentLink;

    public async Task<PaymentRequestOutcome> Resolve(
        RequestRow request, IPaymentProvider? provider, DateTimeOffset now, CancellationToken cancellationToken) =>
        ReplayCheck.Of(request, provider, now) switch
        {
            ReplayVerdict.NoProvider => RequestAnswers.InProgress,
            ReplayVerdict.NeverFrozen when provider is null => RequestAnswers.InProgress,
            ReplayVerdict.NeverFrozen or ReplayVerdict.Allowed =>
                await Make(request, provider!, isReplay: true, cancellationToken),
            var verdict => await ending.GiveUp(request, verdict, holdUntil: null, cancellationToken),
        };

    /// <summary>Makes the link of a request this worker holds.</summary>
    public async Task<PaymentRequestOutcome> Make(
        RequestRow request, IPaymentProvider provider, bool isReplay, CancellationToken cancellationToken)
    {
        var (frozen, other) = request.Frozen is null
            ? await Freeze(request, provider, isReplay, cancellationToken)
            : (request, null);
        if (frozen is null)
        {
            return other!;
        }

        var outcome = await provider.CreatePaymentLink(frozen.Frozen!.Params, frozen.ProviderKey, cancellationToken);
        if (outcome is not ProviderOutcome<ProviderPaymentLink>.Done(var link, var call))
        {
            return await Ended(frozen, outcome, isReplay);
        }

        var row = await RowOf(frozen, link, cancellationToken);
        var answer = new PaymentLinkAnswer(
            frozen.Place.Provider,
            frozen.BillingAccount,
            frozen.Id,
            frozen.OperationKey,
            new MadePaymentLink(link.Id, link.Url, link.IsActive) { PaymentLinkId = row.Id });
        return await ending.Succeed(
            frozen.AnsweredBy(call),
            JsonSerializer.Serialize(answer, JsonConventions.Options),
            link.Id,
            (account, token) => LinkStore.Insert(account, row, token),
            CancellationToken.None);
    }

    private async Task<LinkRow> RowOf(RequestRow request, ProviderPaymentLink link, CancellationToken cancellationToken)
    {
        var form = LinkForm.Read(request);
        var known = await catalogue.Named(
            form.LineItems.Where(item => item.CatalogueItemId is not null).Select(item => item.CatalogueItemId!.Value),
            cancellationToken);
        var lines = form.LineItems
            .Select(item => item.CatalogueItemId is { } id
                ? new PaymentLinkLine(known[id].Name, item.Quantity, known[id].AmountMinor)
                : new PaymentLinkLine(item.Name!, item.Quantity, item.AmountMinor!.Value))
            .ToArray();
        return new LinkRow(
            request.Org,
            ids.Next<PaymentLinkId>(),
            request.BillingAccount,
            request.Id,
            request.OperationKey,
            request.Place,
            link.Id,
            link.Url,
            lines,
            lines.Sum(line => line.Quantity * line.AmountMinor),
            Currency.Of(form.LineItems[0].Currency!),
            form.GivesCredit ?? false,
            IsActive: true,
            CreatedAt: default,
            DeactivatedAt: null,
            Payments: 0);
    }

    private async Task<(RequestRow? Frozen, PaymentRequestOutcome? Other)> Freeze(
        RequestRow request, IPaymentProvider provider, bool isReplay, CancellationToken cancellationToken)
    {
        var form = LinkForm.Read(request);
        var known = await catalogue.Find(
            form.LineItems.Where(item => item.CatalogueItemId is not null).Select(item => item.CatalogueItemId!.Value),
            request.Place,
            cancellationToken);
        var prices = new List<(string Price, int Quantity)>();
        foreach (var (index, item) in form.LineItems.Index())
        {
            if (item.CatalogueItemId is { } id)
            {
                if (!known.TryGetValue(id, out var row))
                {
                    return (null, await NotForSale(request, id, cancellationToken));
                }

                prices.Add((row.ProviderPrice, item.Quantity));
                continue;
            }

            // Each line its own key, by its place: made again it is the same price, however often.
            var key = string.Create(CultureInfo.InvariantCulture, $"{request.ProviderKey}:price:{index}");
            var outcome = await provider.CreatePrice(PriceOf(request, form, item), key, cancellationToken);
            if (outcome is not ProviderOutcome<ProviderPrice>.Done(var price, _))
            {
                return (null, await Ended(request, outcome, isReplay));
            }

            prices.Add((price.Id, item.Quantity));
        }

        var text = provider.Freeze(new PaymentLinkParameters(prices, options.AddressOf(form.SuccessPath), Metadata(request, form)));
        return await ending.FreezeLater(request, text, Schema, provider.Provenance, cancellationToken);
    }

    private Task<PaymentRequestOutcome> NotForSale(
        RequestRow request, CatalogueItemId item, CancellationToken cancellationToken) => ending.Fail(
        request,
        new RequestFailure(PaymentsProblems.CheckoutConfigurationInvalid.Code, $"{item} is not for sale any more."),
        isExpired: false,
        holdUntil: null,
        cancellationToken);

    private static PriceParameters PriceOf(RequestRow request, LinkForm form, PaymentLinkItem item) => new(
        null, item.Name!, item.Currency!, item.AmountMinor!.Value, Interval: null, 1, Metadata(request, form));

    private static Dictionary<string, string> Metadata(RequestRow request, LinkForm form) => new(StringComparer.Ordinal)
    {
        [ProviderMetadata.OperationKey] = request.OperationKey,
        [ProviderMetadata.Org] = request.Org.ToString(),
        [ProviderMetadata.BillingAccount] = request.BillingAccount.ToString(),
        [ProviderMetadata.Request] = request.Id.ToString(),
        [ProviderMetadata.Flow] = Word.Of(CheckoutFlow.OneOff),
        [ProviderMetadata.Purpose] = form.GivesCredit == true ? PaymentPurposes.TopUp : PaymentPurposes.PaymentLink,
    };

    private async Task<PaymentRequestOutcome> Ended<T>(RequestRow request, ProviderOutcome<T> outcome, bool isReplay)
    {
        if (ProviderRefusal.Of(outcome, isReplay) is not { } failure)
        {
            guardrails.Met(Guardrails.PaymentLinkIndeterminate);
            return await ending.NotLearnt(request);
        }

        guardrails.Met(Guardrails.PaymentLinkProviderError);
        Log.Rejected(logger, request.Id, request.OperationKey, failure.Category, failure.Code, failure.RequestId);
        return await ending.Fail(
            request.AnsweredBy(failure.RequestId),
            ProviderRefusal.Kept,
            isExpired: false,
            holdUntil: null,
            CancellationToken.None);
    }
}
