-- Prices say more than a price for a quantity: tiers, packages, allowances, cells by dimension and hour, what usage
-- costs the operator. Terms are kept as the canonical text that is hashed; a version without it is a unit price, as all
-- were before, and keeps its hash. What a component is rated apart by never changes, so it stands with the component.

alter table pricing.price_components
    add column group_by text[] not null default '{}';

alter table pricing.price_versions
    alter column unit_price drop not null,
    alter column per_quantity drop not null,
    add column terms text,
    add column cost text,
    add column scale smallint not null default 6 check (scale between 0 and 6),
    add constraint price_is_said_once check (
        (terms is null and unit_price is not null and per_quantity is not null)
        or (terms is not null and unit_price is null and per_quantity is null)
    );
