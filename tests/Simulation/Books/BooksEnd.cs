using Npgsql;
using Quoin.Ledger;

namespace Quoin.Tests.Simulation.Books;

/// <summary>What must hold of the books when all is done, whatever happened: asked in plain SQL.</summary>
internal static class BooksEnd
{
    // Each answers with what is wrong, in words; nothing is right.
    private static readonly string[] Invariants =
    [
        """
        select format('transfer %s sums to %s %s', transfer_id, sum(amount_micros), currency)
        from ledger.entries
        where org_id = any ($1)
        group by org_id, transfer_id, currency
        having sum(amount_micros) <> 0
        """,
        """
        select format('after transfer %s account %s has %s and its entries sum to %s', transfer_id, account_id,
            balance_after_micros, running)
        from (
            select *, sum(amount_micros) over (partition by org_id, account_id order by transfer_id, ordinal) as running
            from ledger.entries
            where org_id = any ($1)
        ) e
        where running <> balance_after_micros
        """,
        """
        select format('account %s has %s and its entries sum to %s', account_id, balance_micros, total)
        from ledger.accounts a
        cross join lateral (
            select coalesce(sum(amount_micros), 0) as total
            from ledger.entries e
            where e.org_id = a.org_id
                and e.account_id = a.account_id
        ) e
        where org_id = any ($1)
            and balance_micros <> total
        """,
        """
        select format('account %s holds %s and its open holds reserve %s', a.account_id, held_micros, coalesce(total, 0))
        from ledger.accounts a
        left join (
            select org_id, part.account_id, sum(part.micros) as total
            from ledger.holds
            cross join lateral unnest(account_ids, part_micros) as part (account_id, micros)
            where org_id = any ($1)
                and state = 'open'
            group by org_id, part.account_id
        ) h on h.org_id = a.org_id and h.account_id = a.account_id
        where a.org_id = any ($1)
            and held_micros <> coalesce(total, 0)
        """,
        """
        select format('grant %s has %s and holds %s', account_id, balance_micros, held_micros)
        from ledger.accounts
        where org_id = any ($1)
            and kind = 'grants'
            and (balance_micros < held_micros or held_micros < 0)
        union all
        select format('grant %s was at %s after transfer %s', e.account_id, balance_after_micros, transfer_id)
        from ledger.entries e
        join ledger.accounts a on a.org_id = e.org_id and a.account_id = e.account_id
        where e.org_id = any ($1)
            and kind = 'grants'
            and balance_after_micros < 0
        """,
        """
        select format('grant %s: %s granted, %s funded, %s consumed, %s expired, %s voided, %s paid back, '
            '%s of it not, %s corrected, %s left',
            grant_id, granted_micros, funded, consumed, expired, voided, paid_back, not_paid_back, corrected, balance_micros)
        from ledger.grants g
        join ledger.accounts a on a.org_id = g.org_id and a.account_id = g.grant_id
        cross join lateral (
            select coalesce(sum(amount_micros) filter (where t.transfer_id = g.grant_id and amount_micros > 0), 0) as funded,
                -coalesce(sum(amount_micros) filter (where t.kind ~ '^(usage|capture|chargeback|credit_returned|overdraft_repaid)'
                    or (t.transfer_id = g.grant_id and amount_micros < 0)), 0) as consumed,
                -coalesce(sum(amount_micros) filter (where t.kind = 'grant_expired'), 0) as expired,
                -coalesce(sum(amount_micros) filter (where t.kind ~ '^grant_voided'), 0) as voided,
                -coalesce(sum(amount_micros) filter (where t.kind = 'credit_refunded'), 0) as paid_back,
                coalesce(sum(amount_micros) filter (where t.kind = 'credit_refund_failed'), 0) as not_paid_back,
                -coalesce(sum(amount_micros) filter (where t.kind in ('reversal', 'manual', 'adjustment')), 0) as corrected
            from ledger.entries e
            join ledger.transfers t on t.org_id = e.org_id and t.transfer_id = e.transfer_id
            where e.org_id = g.org_id
                and e.account_id = g.grant_id
        ) moved
        where g.org_id = any ($1)
            and (granted_micros <> funded
                or granted_micros <> consumed + expired + voided + paid_back - not_paid_back + corrected + balance_micros
                or least(expired, voided, paid_back, not_paid_back) < 0)
        """,
        """
        select format('%s transfers have the key %s', count(*), key)
        from ledger.transfers
        where org_id = any ($1)
        group by org_id, key
        having count(*) > 1
        union all
        select format('%s holds have the key %s', count(*), key)
        from ledger.holds
        where org_id = any ($1)
        group by org_id, key
        having count(*) > 1
        union all
        select format('transfer %s was undone %s times', reverses_transfer_id, count(*))
        from ledger.transfers
        where org_id = any ($1)
            and reverses_transfer_id is not null
        group by org_id, reverses_transfer_id
        having count(*) > 1
        """,
        """
        select format('hold %s is %s, ended %s, and reserves %s of %s', key, state, ended_at, reserved, amount_micros)
        from ledger.holds
        cross join lateral (select coalesce(sum(micros), 0) as reserved from unnest(part_micros) as micros) part
        where org_id = any ($1)
            and case state
                when 'open' then ended_at is not null or reserved <> amount_micros - captured_micros or reserved < 0
                else ended_at is null or reserved <> 0
            end
        """,
        """
        select format('transfer %s breaks the chain', transfer_id)
        from (
            select *,
                coalesce(lag(chain_hash) over chain, sha256(uuid_send(org_id))) as hash_before,
                lag(transfer_id) over chain as transfer_before,
                lag(recorded_at) over chain as recorded_before,
                row_number() over chain as place
            from ledger.transfers
            where org_id = any ($1)
            window chain as (partition by org_id order by chain_count)
        ) t
        where chain_hash <> ledger.chain_hash_of(hash_before, org_id, transfer_id)
            or chain_count <> place
            or transfer_id <= transfer_before
            or recorded_at < recorded_before
        """,
        """
        select format('the books end at %s and the chain at %s', transfer_count, last.chain_count)
        from ledger.books b
        left join lateral (
            select chain_count, chain_hash, transfer_id, recorded_at
            from ledger.transfers t
            where t.org_id = b.org_id
            order by chain_count desc
            limit 1
        ) last on true
        where org_id = any ($1)
            and (transfer_count <> coalesce(last.chain_count, 0)
                or head_hash <> coalesce(last.chain_hash, sha256(uuid_send(org_id)))
                or last_transfer_id <> coalesce(last.transfer_id, '00000000-0000-0000-0000-000000000000')
                or last_recorded_at < last.recorded_at)
        """,
        """
        select format('%s %s belongs to somebody else''s billing account', what, id)
        from (
            select org_id, billing_account_id, 'account' as what, account_id as id from ledger.accounts
            union all
            select org_id, billing_account_id, 'transfer', transfer_id from ledger.transfers
            union all
            select org_id, billing_account_id, 'grant', grant_id from ledger.grants
            union all
            select org_id, billing_account_id, 'hold', hold_id from ledger.holds
        ) row
        where org_id = any ($1)
            and not billing_account_id = any ($2)
        union all
        select format('an entry of transfer %s is on an account that is not there', transfer_id)
        from ledger.entries e
        where org_id = any ($1)
            and not exists (
                select 1
                from ledger.accounts a
                where a.org_id = e.org_id
                    and a.account_id = e.account_id
                    and a.currency = e.currency)
        """,
    ];

    /// <summary>Asks for everything that must hold.</summary>
    public static async Task RequireInvariants(BooksDatabase database, IReadOnlyList<Organisation> orgs)
    {
        await using var batch = new NpgsqlBatch(database.Watch);
        foreach (var sql in Invariants)
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.Add(new() { Value = orgs.Select(org => org.Id.Value).ToArray() });
            if (sql.Contains("$2", StringComparison.Ordinal))
            {
                command.Parameters.Add(new() { Value = orgs.SelectMany(org => org.BillingAccounts).Select(one => one.Value).ToArray() });
            }

            batch.BatchCommands.Add(command);
        }

        await using var reader = await batch.ExecuteReaderAsync();
        do
        {
            if (await reader.ReadAsync())
            {
                throw new InvalidOperationException(reader.GetString(0));
            }
        }
        while (await reader.NextResultAsync());
    }

    /// <summary>What a replica shows is what the model has.</summary>
    public static async Task RequireShown(Replica replica, IReadOnlyList<Organisation> orgs)
    {
        foreach (var org in orgs)
        {
            var shown = (await replica.Balances(org.Id))
                .GroupBy(account => (account.BillingAccount, account.Balance.Currency, account.Kind))
                .ToDictionary(kind => kind.Key, kind => (kind.Sum(one => one.Balance.Micros), kind.Sum(one => one.Held.Micros)));
            foreach (var (chart, account) in org.Model.Charted)
            {
                var (balance, held) = shown.GetValueOrDefault((chart, account.Currency, account.Kind));
                shown[(chart, account.Currency, account.Kind)] = (balance - account.Balance, held - account.Held);
            }

            if (shown.FirstOrDefault(one => one.Value != (0, 0)) is { Key.BillingAccount: var whose, Value: not (0, 0) } wrong)
            {
                throw new InvalidOperationException($"{wrong.Key.Kind} of {whose} is shown wrong by {wrong.Value}");
            }
        }
    }
}
