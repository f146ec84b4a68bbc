-- Prices tell usage apart by groups and cells, take discounts, and know what usage costs the operator; so positions and
-- lines say which. What was rated before belongs to no group and to the one cell of a simple price. Positions are
-- written without being locked first: the revision says whether one moved meanwhile. Until the key has its group, a
-- host of the release before waits with rating and goes on when it is replaced: nothing is lost.

alter table charging.rating_positions
    add column group_values text collate "C" not null default '{}',
    add column cells text[] not null default '{}',
    add column discounts integer[] not null default '{}',
    add column cost_micros bigint not null default 0,
    add column is_closed boolean not null default false,
    add column revision bigint not null default 0,
    drop constraint rating_positions_pkey,
    add primary key (org_id, billing_account_id, component_id, period_start, group_values),
    -- Empty stands for the only cell of all parts, and for no discount on any.
    add check (cardinality(cells) in (0, cardinality(version_ids))),
    add check (cardinality(discounts) in (0, cardinality(version_ids)));

alter table charging.rated_lines
    add column kind text not null default 'usage' check (kind in ('usage', 'minimum')),
    add column group_values text collate "C" not null default '{}',
    add column cell text not null default 'all',
    add column source text not null default 'catalogue'
        check (source in ('contract', 'reseller_plan', 'plan', 'catalogue')),
    add column assignment_id uuid,
    add column discount_bps integer not null default 0,
    add column price_hash text,
    add column cost_micros bigint not null default 0,
    add column is_late boolean not null default false,
    add column correlation_id text,
    -- What the content hash covers: lines of before hash less.
    add column hash_version smallint not null default 1;
