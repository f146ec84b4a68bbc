using Microsoft.AspNetCore.Http;
using Quoin.Accounts;
using Quoin.ConsolePages.Shell;
using Quoin.Kernel;
using Quoin.Payments;

namespace Quoin.ConsolePages.BuyPlans;

/// <summary>A page of billing.</summary>
/// <param name="Org">The organisation.</param>
/// <param name="Account">The billing account; the default one where the address names none.</param>
/// <param name="Said">What has just happened: one of the words <see cref="BillingText.Said"/> knows.</param>
/// <param name="Plan">The plan a change is about.</param>
internal sealed record BillingRequest(OrgId? Org = null, BillingAccountId? Account = null, string? Said = null, string? Plan = null);

/// <summary>Something a page says first.</summary>
/// <param name="Text">What.</param>
/// <param name="IsComplaint">Whether something came to nothing.</param>
/// <param name="Link">Where to go on; null nowhere.</param>
/// <param name="LinkText">What going on is called.</param>
public sealed record Remark(string Text, bool IsComplaint, string? Link = null, string? LinkText = null);

/// <summary>What every page of billing knows.</summary>
/// <param name="Account">Who is billed.</param>
/// <param name="Choices">The organisation's open billing accounts.</param>
/// <param name="Mode">Whether real money moves.</param>
/// <param name="IsConfigured">Whether anybody takes money of this mode.</param>
/// <param name="Key">Names the next purchase: a form sent twice is one purchase.</param>
/// <param name="Since">When the page was made: purchases before it are others.</param>
/// <param name="Said">What is said first; null nothing.</param>
public sealed record BillingPlace(
    BillingAccountProfile Account,
    IReadOnlyList<BillingAccountProfile> Choices,
    PaymentMode Mode,
    bool IsConfigured,
    string Key,
    DateTimeOffset Since,
    Remark? Said)
{
    /// <summary>A link to another page of the same account.</summary>
    public string To(Frame frame, string path, params (string Name, string? Value)[] query) =>
        frame.To(path, [("account", Account.Id.ToString()), .. query]);
}

/// <summary>Tells which billing account a page is about.</summary>
internal sealed class BillingVisits(
    Visits visits, Organisations organisations, IPaymentProviders providers, IdSource ids, TimeProvider time)
{
    /// <summary>Shows a page of a billing account, or says why there is none.</summary>
    public Task<IResult> Show(
        HttpContext context,
        BillingRequest request,
        Func<Frame, BillingPlace, Task<IResult>> page,
        CancellationToken cancellationToken) => visits.Show(
        context,
        request.Org,
        async frame =>
        {
            var org = frame.RequiredOrg.Id;
            var all = await organisations.BillingAccountsOf(org, cancellationToken);
            var open = all.Where(account => account.Status == BillingAccountStatus.Active).ToList();

            // The page and each of its forms name the account, so the one that pays is always chosen in sight.
            var account = request.Account is { } named
                ? open.FirstOrDefault(one => one.Id == named)
                : open.FirstOrDefault(one => one.IsDefault) ?? open.FirstOrDefault();
            if (account is null || await providers.ModeOf(org, cancellationToken) is not { } mode)
            {
                return frame.NotFound("billing account");
            }

            var isConfigured = providers.Of(mode) is not null;
            return await page(frame, new(account, open, mode, isConfigured, NewKey(), time.GetUtcNow(), BillingText.Said(request.Said)));
        },
        cancellationToken);

    private string NewKey() => ids.Next<PaymentRequestId>().ToString();
}
