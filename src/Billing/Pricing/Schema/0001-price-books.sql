-- Price books: what the operator charges. Few rows, read by everyone, so they are shared by all organisations.
-- A published version never changes: usage rated by it must be explainable for ever.

create table pricing.price_books (
    price_book_id uuid primary key,
    name text not null unique,
    currency text not null check (currency ~ '^[A-Z]{3,5}$'),
    is_default boolean not null,
    created_at timestamptz not null
);

create unique index one_default_book_per_currency on pricing.price_books (currency) where is_default;

create table pricing.price_components (
    price_book_id uuid not null,
    component_id uuid not null,
    meter text not null,
    dimensions text collate "C" not null,
    created_at timestamptz not null,
    primary key (price_book_id, component_id),
    unique (price_book_id, meter, dimensions)
);

create table pricing.price_versions (
    price_book_id uuid not null,
    component_id uuid not null,
    version_id uuid not null,
    unit_price numeric not null check (unit_price >= 0),
    per_quantity bigint not null check (per_quantity in (1, 1000, 1000000)),
    effective_from timestamptz not null,
    published_at timestamptz not null,
    content_hash bytea not null,
    primary key (version_id),
    unique (component_id, effective_from)
);

-- One row: how many times prices were published. Readers compare it with what they remember.
create table pricing.catalogue_state (
    only_row boolean primary key default true check (only_row),
    revision bigint not null
);

insert into pricing.catalogue_state (revision) values (0);

create function pricing.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% never change once published: publish a new version', tg_table_name
        using errcode = 'integrity_constraint_violation';
end
$$;

create trigger price_versions_are_immutable
    before update or delete or truncate on pricing.price_versions
    for each statement execute function pricing.refuse_change();

create trigger price_components_are_immutable
    before update or delete or truncate on pricing.price_components
    for each statement execute function pricing.refuse_change();

grant select, insert on pricing.price_books to quoin_app;
grant select, insert on pricing.price_components to quoin_app;
grant select, insert on pricing.price_versions to quoin_app;
grant select, update on pricing.catalogue_state to quoin_app;
