-- What the provider moved, as it says: kept beside what the books know, so that both can be compared. A provider's
-- balance is the operator's and no organisation's; a movement belongs to one where its source does.

create table payments.balance_moves (
    provider text not null,
    mode text not null check (mode in ('test', 'live')),
    provider_move_id text not null check (length(provider_move_id) between 1 and 191),
    kind text not null check (kind in ('charge', 'refund', 'dispute', 'fee', 'payout', 'other')),
    amount_minor bigint not null,
    fee_minor bigint not null,
    currency text not null check (currency ~ '^[A-Z]{3,5}$'),
    source text,
    payout text,
    org_id uuid,
    billing_account_id uuid,
    moved_at timestamptz not null,
    -- When its fee was put into the books; null while it was not, or has none.
    booked_at timestamptz,
    seen_at timestamptz not null,
    primary key (provider, mode, provider_move_id),
    check ((org_id is null) = (billing_account_id is null))
);

create index balance_moves_by_payout on payments.balance_moves (provider, mode, payout) where payout is not null;

create index balance_moves_by_account on payments.balance_moves (org_id, billing_account_id, moved_at) where org_id is not null;

create index unattributed_moves on payments.balance_moves (provider, mode, moved_at) where org_id is null;

create table payments.payouts (
    provider text not null,
    mode text not null check (mode in ('test', 'live')),
    provider_payout_id text not null check (length(provider_payout_id) between 1 and 191),
    status text not null check (status in ('pending', 'in_transit', 'paid', 'failed', 'canceled')),
    amount_minor bigint not null,
    currency text not null check (currency ~ '^[A-Z]{3,5}$'),
    arrives_at timestamptz not null,
    made_at timestamptz not null,
    -- When what it carried was put into the books, and when that was taken back.
    booked_at timestamptz,
    reversed_at timestamptz,
    seen_at timestamptz not null,
    primary key (provider, mode, provider_payout_id)
);

create table payments.clearing_cursors (
    provider text not null,
    mode text not null check (mode in ('test', 'live')),
    read_until timestamptz not null,
    primary key (provider, mode)
);

grant select, insert, update on payments.balance_moves to quoin_app;
grant select, insert, update on payments.payouts to quoin_app;
grant select, insert, update on payments.clearing_cursors to quoin_app;
