using Npgsql;
using Quoin.Accounts;
using Quoin.Kernel;
using Quoin.Payments.Internal;
using Quoin.Platform;

namespace Quoin.Payments.ReconcileClearing;

/// <summary>A payout as it is stored.</summary>
internal sealed record PayoutRow(string Id, string Status, bool IsBooked, bool IsReversed, DateTimeOffset MadeAt);

/// <summary>What a payout carried of an account.</summary>
internal sealed record CarriedShare(BillingAccountKey Account, string Currency, long Minor);

/// <summary>A movement of money of which nobody knows whose it was.</summary>
internal sealed record UnownedMove(string Id, string Kind, string Source, DateTimeOffset MovedAt);

/// <summary>A fee that is not in the books.</summary>
internal sealed record OpenFee(string Move, BillingAccountKey Account, string Currency, long Minor);

/// <summary>Movements and payouts as the provider says.</summary>
internal sealed class ClearingStore(NpgsqlDataSource database)
{
    private const string CursorSql = """
        select read_until
        from payments.clearing_cursors
        where provider = $1
          and mode = $2
        """;

    public async Task<DateTimeOffset?> Cursor(ProviderPlace place, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(CursorSql, place.Provider, place.ModeWord);
        return await command.ExecuteScalarAsync(cancellationToken) is DateTime until
            ? new DateTimeOffset(DateTime.SpecifyKind(until, DateTimeKind.Utc))
            : null;
    }

    private const string AdvanceSql = """
        insert into payments.clearing_cursors (provider, mode, read_until)
        values ($1, $2, $3)
        on conflict (provider, mode) do update
        set read_until = greatest(clearing_cursors.read_until, excluded.read_until)
        """;

    public Task<int> Advance(ProviderPlace place, DateTimeOffset until, CancellationToken cancellationToken) =>
        database.Sql(AdvanceSql, place.Provider, place.ModeWord, until).Run(cancellationToken);

    private const string AccountOfSql = """
        select billing_account_id
        from payments.payments
        where org_id = $1 and payment_id = $2
        union all
        select billing_account_id
        from payments.refunds
        where org_id = $1 and refund_id = $2
        union all
        select billing_account_id
        from payments.disputes
        where org_id = $1 and dispute_id = $2
        """;

    /// <summary>The account of a row the directory named.</summary>
    public async Task<BillingAccountKey?> AccountOf(DirectoryPlace place, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(AccountOfSql, place.Org.Value, place.RowId);
        return await command.ExecuteScalarAsync(cancellationToken) is Guid account
            ? new BillingAccountKey(place.Org, new BillingAccountId(account))
            : null;
    }

    private const string SaveMoveSql = """
        insert into payments.balance_moves
            (provider, mode, provider_move_id, kind, amount_minor, fee_minor, currency, source, payout, moved_at,
            seen_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
        on conflict (provider, mode, provider_move_id) do update
        set payout = coalesce(excluded.payout, balance_moves.payout)
        """;

    public Task<int> Save(
        ProviderPlace place, ProviderBalanceMove move, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.Sql(
            SaveMoveSql,
            place.Provider,
            place.ModeWord,
            move.Id,
            move.Kind,
            move.AmountMinor,
            move.FeeMinor,
            move.Currency,
            move.Source,
            move.Payout,
            move.CreatedAt,
            now).Run(cancellationToken);

    private const string UnownedSql = """
        select provider_move_id, kind, source, moved_at
        from payments.balance_moves
        where provider = $1
          and mode = $2
          and org_id is null
          and source is not null
          and kind in ('charge', 'refund', 'dispute')
          and (moved_at, provider_move_id) > ($3, $4)
        order by moved_at, provider_move_id
        limit $5
        """;

    /// <summary>Customers' movements of which nobody knows whose they were, the oldest first.</summary>
    public Task<IReadOnlyList<UnownedMove>> Unowned(
        ProviderPlace place, (DateTimeOffset At, string Move) after, int count, CancellationToken cancellationToken) =>
        database.Sql(UnownedSql, place.Provider, place.ModeWord, after.At, after.Move, count).All(
            row => new UnownedMove(row.GetString(0), row.GetString(1), row.GetString(2), row.Instant(3)), cancellationToken);

    private const string UntoldSql = """
        select source
        from payments.balance_moves
        where provider = $1
          and mode = $2
          and kind = $3
          and org_id is null
          and source is not null
          and moved_at > $4
          and moved_at <= $5
        group by source
        order by max(moved_at) desc, source
        limit $6
        """;

    /// <summary>What moved money of nobody known in a time, the newest first, by the provider's ids.</summary>
    public Task<IReadOnlyList<string>> Untold(
        ProviderPlace place,
        string kind,
        (DateTimeOffset After, DateTimeOffset Until) time,
        int count,
        CancellationToken cancellationToken) =>
        database.Sql(UntoldSql, place.Provider, place.ModeWord, kind, time.After, time.Until, count)
            .All(row => row.GetString(0), cancellationToken);

    private const string OpenDisputesSql = """
        select org_id, dispute_id, provider_dispute_id
        from payments.disputes
        where provider = $1
          and mode = $2
          and status in ('opened', 'needs_response', 'evidence_due', 'evidence_submitted')
          and updated_at <= $3
          and (org_id, dispute_id) > ($4, $5)
        order by org_id, dispute_id
        limit $6
        """;

    /// <summary>Disputes that are open here and of which nothing was heard since an instant.</summary>
    public Task<IReadOnlyList<(Guid Org, Guid Dispute, string ProviderId)>> OpenDisputes(
        ProviderPlace place,
        DateTimeOffset unheardSince,
        (Guid Org, Guid Dispute) after,
        int count,
        CancellationToken cancellationToken) => database
        .Sql(OpenDisputesSql, place.Provider, place.ModeWord, unheardSince, after.Org, after.Dispute, count)
        .All(row => (row.GetGuid(0), row.GetGuid(1), row.GetString(2)), cancellationToken);

    private const string OwnSql = """
        with owned as (
            update payments.balance_moves
            set org_id = $4,
                billing_account_id = $5
            where provider = $1
              and mode = $2
              and provider_move_id = $3
              and org_id is null
            returning payout
        )
        update payments.payouts
        set booked_at = null
        from owned
        where provider = $1
          and mode = $2
          and provider_payout_id = owned.payout
          and status = 'paid'
        """;

    /// <summary>Says whose a movement was. The payout that carried it is to be booked, again if it was.</summary>
    public Task<int> Own(
        ProviderPlace place, string move, BillingAccountKey account, CancellationToken cancellationToken) =>
        database.Sql(OwnSql, place.Provider, place.ModeWord, move, account.Org.Value, account.Account.Value)
            .Run(cancellationToken);

    private const string PostedSql = """
        select count(*)::integer, coalesce(sum(clearing_minor), 0)::bigint
        from payments.postings
        where org_id = $1
          and billing_account_id = $2
          and provider = $3
          and mode = $4
          and source = $5
          and currency = $6
        """;

    /// <summary>What stands in an account's books of a payout: how many postings, and what they add to the clearing.</summary>
    public static async Task<(int Count, long Minor)> Posted(
        LockedAccount account, ProviderPlace place, string payout, string currency, CancellationToken cancellationToken) =>
        await account.Transaction.Sql(
                PostedSql, account.Org.Value, account.BillingAccount.Value, place.Provider, place.ModeWord, payout, currency)
            .Only(row => new PostedShare(row.GetInt32(0), row.GetInt64(1)), cancellationToken) is { } posted
            ? (posted.Count, posted.Minor)
            : default;

    private sealed record PostedShare(int Count, long Minor);

    private const string SavePayoutSql = """
        insert into payments.payouts
            (provider, mode, provider_payout_id, status, amount_minor, currency, arrives_at, made_at, seen_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (provider, mode, provider_payout_id) do update
        set status = case
                when payouts.status in ('failed', 'canceled') then payouts.status
                when payouts.status = 'paid' and excluded.status not in ('failed', 'canceled') then payouts.status
                else excluded.status
            end,
            arrives_at = excluded.arrives_at
        """;

    /// <summary>Writes a payout; one that was paid only fails, and one that failed stays so.</summary>
    public Task<int> Save(
        ProviderPlace place, ProviderPayout payout, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.Sql(SavePayoutSql, ValuesOf(place, payout, now)).Run(cancellationToken);

    /// <summary>The same, in the transaction of its news.</summary>
    public static Task<int> Save(
        NpgsqlTransaction transaction,
        ProviderPlace place,
        ProviderPayout payout,
        DateTimeOffset now,
        CancellationToken cancellationToken) =>
        transaction.Sql(SavePayoutSql, ValuesOf(place, payout, now)).Run(cancellationToken);

    private static object?[] ValuesOf(ProviderPlace place, ProviderPayout payout, DateTimeOffset now) =>
    [
        place.Provider, place.ModeWord, payout.Id, payout.Status, payout.AmountMinor, payout.Currency, payout.ArrivesAt,
        payout.CreatedAt, now,
    ];

    private const string FeesSql = """
        select provider_move_id, org_id, billing_account_id, currency, fee_minor
        from payments.balance_moves
        where provider = $1
          and mode = $2
          and org_id is not null
          and fee_minor <> 0
          and booked_at is null
        order by moved_at, provider_move_id
        limit $3
        """;

    /// <summary>Fees that are not in the books, the oldest first.</summary>
    public Task<IReadOnlyList<OpenFee>> OpenFees(ProviderPlace place, int count, CancellationToken cancellationToken) =>
        database.Sql(FeesSql, place.Provider, place.ModeWord, count).All(
            row => new OpenFee(row.GetString(0), KeyOf(row, 1), row.GetString(3), row.GetInt64(4)), cancellationToken);

    private const string FeeBookedSql = """
        update payments.balance_moves
        set booked_at = $4
        where provider = $1
          and mode = $2
          and provider_move_id = $3
        """;

    public static Task<int> FeeBooked(
        LockedAccount account, ProviderPlace place, string move, CancellationToken cancellationToken) =>
        account.Transaction.Sql(FeeBookedSql, place.Provider, place.ModeWord, move, account.Now).Run(cancellationToken);

    private const string PayoutsSql = """
        select provider_payout_id, status, booked_at is not null, reversed_at is not null, made_at
        from payments.payouts
        where provider = $1
          and mode = $2
          and ((status = 'paid' and booked_at is null)
            or (status in ('failed', 'canceled') and booked_at is not null and reversed_at is null))
        order by made_at, provider_payout_id
        limit $3
        """;

    /// <summary>Payouts whose books are behind, the oldest first.</summary>
    public Task<IReadOnlyList<PayoutRow>> OpenPayouts(ProviderPlace place, int count, CancellationToken cancellationToken) =>
        database.Sql(PayoutsSql, place.Provider, place.ModeWord, count).All(
            row => new PayoutRow(
                row.GetString(0), row.GetString(1), row.GetBoolean(2), row.GetBoolean(3), row.Instant(4)),
            cancellationToken);

    private const string SharesSql = """
        select org_id, billing_account_id, currency, sum(amount_minor - fee_minor)::bigint
        from payments.balance_moves
        where provider = $1
          and mode = $2
          and payout = $3
          and org_id is not null
        group by org_id, billing_account_id, currency
        order by org_id, billing_account_id, currency
        """;

    /// <summary>What a payout carried, by account.</summary>
    public Task<IReadOnlyList<CarriedShare>> Shares(
        ProviderPlace place, string payout, CancellationToken cancellationToken) =>
        database.Sql(SharesSql, place.Provider, place.ModeWord, payout).All(
            row => new CarriedShare(KeyOf(row, 0), row.GetString(2), row.GetInt64(3)), cancellationToken);

    private const string IsWholeSql = """
        select not exists (
            select
            from payments.balance_moves
            where provider = $1
              and mode = $2
              and payout = $3
              and org_id is null
              and kind in ('charge', 'refund', 'dispute'))
        """;

    /// <summary>Whether every customer's movement a payout carried is known to be somebody's.</summary>
    public async Task<bool> IsWhole(ProviderPlace place, string payout, CancellationToken cancellationToken)
    {
        await using var command = database.Sql(IsWholeSql, place.Provider, place.ModeWord, payout);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private const string PayoutBookedSql = """
        update payments.payouts
        set booked_at = coalesce(booked_at, $4),
            reversed_at = case when $5 then $4 else reversed_at end
        where provider = $1
          and mode = $2
          and provider_payout_id = $3
        """;

    public Task<int> PayoutBooked(
        ProviderPlace place, string payout, bool isReversed, DateTimeOffset now, CancellationToken cancellationToken) =>
        database.Sql(PayoutBookedSql, place.Provider, place.ModeWord, payout, now, isReversed).Run(cancellationToken);

    private static BillingAccountKey KeyOf(NpgsqlDataReader row, int column) =>
        new(new OrgId(row.GetGuid(column)), new BillingAccountId(row.GetGuid(column + 1)));

    private const string UnattributedSql = """
        select provider, mode, provider_move_id, kind, amount_minor, fee_minor, currency, source, payout, moved_at
        from payments.balance_moves
        where org_id is null
          and ($1::text is null or mode = $1)
          and ($2::timestamptz is null or (moved_at, provider_move_id) < ($2, $3::text))
        order by moved_at desc, provider_move_id desc
        limit $4
        """;

    /// <summary>What was moved and belongs to nobody, the newest first.</summary>
    public Task<IReadOnlyList<UnattributedMove>> Unattributed(
        PaymentMode? mode, DateTimeOffset? before, string? beforeId, int count, CancellationToken cancellationToken) =>
        database.Sql(UnattributedSql, mode is { } one ? Word.Of(one) : null, before, beforeId, count).All(
            row => new UnattributedMove(
                row.GetString(0),
                row.Mode(1),
                row.GetString(2),
                row.GetString(3),
                MinorUnits.ToMoney(row.GetInt64(4), Currency.Of(row.GetString(6))),
                MinorUnits.ToMoney(row.GetInt64(5), Currency.Of(row.GetString(6))),
                row.TextOrNull(7),
                row.TextOrNull(8),
                row.Instant(9)),
            cancellationToken);
}
