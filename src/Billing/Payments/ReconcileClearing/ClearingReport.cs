using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using Quoin.Kernel;
using Quoin.Ledger;
using Quoin.Payments.Internal;
using Quoin.Payments.KeepBooks;
using Quoin.Platform;

namespace Quoin.Payments.ReconcileClearing;

/// <summary>Compares the clearing account with what the provider says, per currency; it changes nothing.</summary>
internal sealed class ClearingReport(NpgsqlDataSource database, Ledger.Ledger ledger)
{
    private const string DifferencesSql = """
        with said as (
            select 'payment' as kind, payment.provider_payment_id as source, payment.currency,
                payment.provider_payment_id as posted_as, coalesce(payment.provider_charge_id, payment.provider_payment_id) as moved_as,
                'charge' as move_kind, payment.provider, payment.mode
            from payments.payments payment
            where payment.org_id = $1
              and payment.status = 'succeeded'
            union all
            select 'refund', coalesce(refund.provider_refund_id, refund.refund_id::text), refund.currency,
                refund.refund_id::text, refund.provider_refund_id, 'refund', refund.provider, refund.mode
            from payments.refunds refund
            where refund.org_id = $1
              and refund.kind = 'provider_refund'
            union all
            select 'dispute', dispute.provider_dispute_id, dispute.currency, dispute.provider_dispute_id,
                dispute.provider_dispute_id, 'dispute', dispute.provider, dispute.mode
            from payments.disputes dispute
            where dispute.org_id = $1
        )
        select said.kind, said.source, said.currency, coalesce(books.minor, 0), coalesce(moved.minor, 0)
        from said
        left join lateral (
            select sum(posting.clearing_minor)::bigint as minor
            from payments.postings posting
            where posting.org_id = $1
              and posting.provider = said.provider
              and posting.mode = said.mode
              and posting.source = said.posted_as
        ) books on true
        left join lateral (
            select sum(move.amount_minor)::bigint as minor
            from payments.balance_moves move
            where move.provider = said.provider
              and move.mode = said.mode
              and move.org_id = $1
              and move.kind = said.move_kind
              and move.source = said.moved_as
        ) moved on true
        where coalesce(books.minor, 0) <> coalesce(moved.minor, 0)
        order by said.kind, said.source
        limit $2
        """;

    private const string MovedSql = """
        select move.currency,
            sum(case when payout.booked_at is not null and payout.reversed_at is null then 0
                else move.amount_minor - move.fee_minor end)::bigint
        from payments.balance_moves move
        left join payments.payouts payout
            on payout.provider = move.provider
            and payout.mode = move.mode
            and payout.provider_payout_id = move.payout
        where move.org_id = $1
        group by move.currency
        """;

    public async Task<ClearingAnswer> Compare(OrgId org, CancellationToken cancellationToken)
    {
        var differences = await database.Sql(DifferencesSql, org.Value, Limits.ClearingRowsMax).All(
            row => new ClearingDifference(
                row.GetString(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetInt64(4)),
            cancellationToken);
        var moved = (await database.Sql(MovedSql, org.Value)
                .All(row => MinorUnits.ToMoney(row.GetInt64(1), Currency.Of(row.GetString(0))), cancellationToken))
            .ToDictionary(money => money.Currency);

        // Below zero the clearing account has taken money in; here that is what it has.
        var books = (await ledger.Balances(org, null, cancellationToken))
            .Where(account => account.Kind == AccountKind.ProcessorClearing)
            .GroupBy(account => account.Balance.Currency)
            .ToDictionary(group => group.Key, group => new Money(-group.Sum(account => account.Balance.Micros), group.Key));
        var currencies = books.Keys.Union(moved.Keys).OrderBy(one => one.Code, StringComparer.Ordinal).Select(currency =>
        {
            var (inBooks, atProvider) = (
                books.GetValueOrDefault(currency, Money.Zero(currency)), moved.GetValueOrDefault(currency, Money.Zero(currency)));
            return new ClearingCurrency(currency.Code, inBooks, atProvider, inBooks - atProvider);
        }).ToList();
        var isMatched = differences.Count == 0 && currencies.TrueForAll(one => one.Difference.IsZero);
        return new ClearingAnswer(isMatched, currencies, differences);
    }

    /// <summary><c>GET /v1/payments/clearing</c>.</summary>
    public static async Task<Ok<ClearingAnswer>> Endpoint(
        ClearingReport report, HttpContext context, CancellationToken cancellationToken) =>
        TypedResults.Ok(await report.Compare(context.Caller().RequiredOrg, cancellationToken));
}

/// <summary>A page of findings, the oldest first.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
internal sealed record FindingPageRequest(PageLimit Limit, Cursor<FindingId>? Cursor = null);

/// <summary>Which finding.</summary>
/// <param name="Id">Its id.</param>
internal sealed record FindingPath(FindingId Id);

/// <summary>What was done about a finding.</summary>
/// <param name="Resolution">In words; up to 500 letters.</param>
internal sealed record FindingResolution(string Resolution);

/// <summary>Findings, over HTTP.</summary>
internal static class FindingEndpoints
{
    /// <summary><c>GET /v1/payments/findings</c>.</summary>
    public static async Task<Ok<Page<FindingAnswer>>> List(
        Parameters<FindingPageRequest> parameters,
        Findings findings,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var rows = await findings.Open(
            context.Caller().RequiredOrg, request.Cursor?.Keys, request.Limit.RowsToFetch, cancellationToken);
        return TypedResults.Ok(Page.Of(rows, request.Limit, row => row.Id, FindingAnswer.Of));
    }

    /// <summary><c>POST /v1/payments/findings/{id}/resolve</c>.</summary>
    public static async Task<Results<Ok<FindingAnswer>, Problem>> Resolve(
        Parameters<FindingPath> path,
        FindingResolution body,
        FindingOperations operations,
        HttpContext context,
        CancellationToken cancellationToken)
    {
        if (InputText.Problem(body.Resolution, Limits.ReasonCharactersMax) is { } wrong)
        {
            return PaymentEndpoints.Invalid(new Dictionary<string, string> { ["resolution"] = wrong });
        }

        var caller = context.Caller();
        return await operations.Resolve(
            caller.RequiredOrg, path.Value.Id, body.Resolution, caller.Actor, cancellationToken) is { } resolved
            ? TypedResults.Ok(resolved)
            : new Problem(PlatformProblems.NotFound, "There is no such open finding.");
    }
}

/// <summary>A page of movements that belong to nobody, newest first.</summary>
/// <param name="Limit">How many.</param>
/// <param name="Cursor">Where to go on.</param>
/// <param name="Mode">Only of test or of live organisations.</param>
internal sealed record UnattributedRequest(
    PageLimit Limit, Cursor<(DateTimeOffset MovedAt, string Id)>? Cursor = null, PaymentMode? Mode = null);

/// <summary>Movements that belong to nobody, over HTTP.</summary>
internal static class UnattributedEndpoint
{
    /// <summary><c>GET /v1/payments/unattributed-movements</c>.</summary>
    public static async Task<Ok<Page<UnattributedMove>>> List(
        Parameters<UnattributedRequest> parameters, ClearingStore moves, CancellationToken cancellationToken)
    {
        var request = parameters.Value;
        var rows = await moves.Unattributed(
            request.Mode,
            request.Cursor?.Keys.MovedAt,
            request.Cursor?.Keys.Id,
            request.Limit.RowsToFetch,
            cancellationToken);
        return TypedResults.Ok(Page.Of(rows, request.Limit, row => (row.MovedAt, row.ProviderMoveId)));
    }
}
