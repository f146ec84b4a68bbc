using Npgsql;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Payments.StartCheckout;
using Quoin.Platform;

namespace Quoin.Payments.BuyCredit;

/// <summary>Orders checkouts for credit. The purchase is there before anybody can pay it.</summary>
internal sealed class BuyCredit(NpgsqlDataSource database, OpenCheckout opening, PurchaseStore purchases, IdSource ids)
{
    public async Task<PaymentRequestOutcome> Open(
        NewTopUp request, string clientKey, string actor, CancellationToken cancellationToken)
    {
        var errors = Problems(request, out var minor);
        return errors.Count > 0
            ? new PaymentRequestOutcome.Invalid(errors)
            : await opening.Handle(OrderOf(request, minor), clientKey, actor, cancellationToken);
    }

    private CheckoutOrder OrderOf(NewTopUp request, long minor) => new()
    {
        Account = request.Account,
        Action = RequestAction.TopUp,
        Flow = CheckoutFlow.OneOff,
        Purpose = PaymentPurposes.TopUp,
        Items = [new OneOffItem("Credit", minor, 1, request.Amount.Currency.Code)],
        SuccessPath = request.SuccessPath,
        CancelPath = request.CancelPath,
        OnClaimed = (account, claimed, cancellationToken) => purchases.Insert(
            account,
            new PurchaseRow
            {
                Org = account.Org,
                Id = ids.Next<PurchaseId>(),
                BillingAccount = account.BillingAccount,
                Request = claimed.Id,
                OperationKey = claimed.OperationKey,
                Place = claimed.Place,
                AmountMinor = minor,
                Currency = request.Amount.Currency.Code,
                Status = PurchaseStatus.Initiated,
            },
            cancellationToken),
    };

    private static Dictionary<string, string> Problems(NewTopUp request, out long minor)
    {
        var errors = new Dictionary<string, string>(StringComparer.Ordinal);
        minor = 0;
        if (request.Amount.Currency != request.Account.Currency)
        {
            errors["amount"] = $"must be in {request.Account.Currency}, the billing account's currency";
        }
        else if (request.Amount.Micros is < Limits.TopUpMicrosMin or > Limits.TopUpMicrosMax)
        {
            errors["amount"] = "must be 5.00 to 100,000.00";
        }
        else if (!MinorUnits.TryOf(request.Amount, out minor) || minor > Limits.ItemAmountMinorMax)
        {
            errors["amount"] = "must be a whole number of the currency's minor units";
        }

        Add("success_path", ReturnPath.Problem(request.SuccessPath));
        Add("cancel_path", ReturnPath.Problem(request.CancelPath));
        return errors;

        void Add(string member, string? problem)
        {
            if (problem is not null)
            {
                errors[member] = problem;
            }
        }
    }

    // What was not paid stands as its page does, and as its request does before there is a page.
    private const string NewestSql = """
        select purchase.purchase_id, purchase.billing_account_id,
            case
                when purchase.status not in ('initiated', 'pending') then purchase.status
                when checkout.status = 'expired' then 'expired'
                when checkout.status = 'abandoned' then 'canceled'
                when checkout.status is not null then 'pending'
                when request.status in ('failed', 'expired') then request.status
                else purchase.status
            end,
            purchase.amount_minor, purchase.refunded_minor, purchase.currency, purchase.operation_key,
            case when checkout.status = 'open' then checkout.url end, purchase.grant_id, purchase.payment_id,
            purchase.created_at, purchase.paid_at
        from payments.purchases purchase
        left join payments.checkouts checkout
            on checkout.org_id = purchase.org_id
            and checkout.operation_key = purchase.operation_key
            and not checkout.is_of_link
        left join payments.requests request
            on request.org_id = purchase.org_id
            and request.request_id = purchase.request_id
        where purchase.org_id = $1
          and purchase.billing_account_id = $2
          and ($3::uuid is null or purchase.purchase_id < $3)
        order by purchase.purchase_id desc
        limit $4
        """;

    public Task<IReadOnlyList<Purchase>> Newest(
        OrgId org, BillingAccountId account, PurchaseId? before, int count, CancellationToken cancellationToken) =>
        database.Sql(NewestSql, org.Value, account.Value, before?.Value, count).All(Read, cancellationToken);

    private static Purchase Read(NpgsqlDataReader row)
    {
        var currency = Currency.Of(row.GetString(5));
        return new Purchase(
            new PurchaseId(row.GetGuid(0)),
            new BillingAccountId(row.GetGuid(1)),
            row.Word<PurchaseStatus>(2),
            MinorUnits.ToMoney(row.GetInt64(3), currency),
            row.GetInt64(3),
            MinorUnits.ToMoney(row.GetInt64(4), currency),
            row.GetString(6),
            row.TextOrNull(7),
            row.IdOrNull(8) is { } grant ? new Ledger.GrantId(grant) : null,
            row.IdOrNull(9) is { } payment ? new PaymentId(payment) : null,
            row.Instant(10),
            row.InstantOrNull(11));
    }
}
