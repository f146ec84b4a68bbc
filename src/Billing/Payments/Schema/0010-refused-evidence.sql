-- Evidence that the provider refused is the operator's again, with the provider's words; how often it was refused names the
-- next attempt, which may send something else.

alter table payments.dispute_evidence
    add column refusal text check (length(refusal) between 1 and 1000),
    add column refusals integer not null default 0;
