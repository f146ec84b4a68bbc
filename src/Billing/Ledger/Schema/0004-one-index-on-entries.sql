-- Two of the six index entries of a transfer were there only to find its own entries by its id. They are found through the
-- accounts of its billing account, which all of them are on (verification proves it), so an account's index is enough: it
-- becomes the primary key. A transfer's entries still cannot be written twice: its own primary key allows it once.

alter table ledger.entries
    drop constraint entries_pkey,
    add constraint entries_pkey primary key using index entries_of_an_account;

-- Sums of 64 bits are exact without becoming numerics: what overflows is refused as an error.
create aggregate ledger.exact_sum(bigint) (sfunc = int8pl, stype = bigint, initcond = '0');

create or replace function ledger.require_zero_sum() returns trigger language plpgsql as $$
begin
    if exists (
        select 1
        from added
        group by transfer_id, org_id, currency
        having ledger.exact_sum(amount_micros) <> 0
    ) then
        raise exception 'a transfer must sum to zero in each currency'
            using errcode = 'integrity_constraint_violation';
    end if;
    return null;
end
$$;
