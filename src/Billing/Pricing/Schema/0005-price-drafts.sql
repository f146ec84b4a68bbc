-- Prices before they are published: a set that may change, be compared with what is in force, and be thrown away. What
-- an import read stands here first. Published, a draft stays as the record of what was published together.

create table pricing.price_drafts (
    draft_id uuid primary key,
    price_book_id uuid not null,
    note text not null,
    status text not null check (status in ('open', 'published', 'discarded')),
    prices text not null,
    price_count integer not null,
    -- What an import made of its file; null where prices were written by hand.
    report text,
    created_by text not null,
    created_at timestamptz not null,
    changed_at timestamptz not null
);

create index price_drafts_by_time on pricing.price_drafts (created_at desc, draft_id);

create function pricing.refuse_changing_a_closed_draft() returns trigger language plpgsql as $$
begin
    if old.status <> 'open' then
        raise exception 'only an open draft may change'
            using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end
$$;

create trigger closed_drafts_are_immutable
    before update on pricing.price_drafts
    for each row execute function pricing.refuse_changing_a_closed_draft();

create trigger drafts_are_kept
    before delete or truncate on pricing.price_drafts
    for each statement execute function pricing.refuse_change();

grant select, insert, update on pricing.price_drafts to quoin_app;

-- Whoever begins a version of a plan locks the plan, which needs the right to change it.
grant update (name, description, visibility) on pricing.plan_families to quoin_app;

-- Who has a version: to move them to the next one.
create index plan_assignments_by_plan on pricing.plan_assignments (plan_version_id, org_id, assignment_id);
