-- One organisation's usage that makes a rating step throw must not hold up the others': it is set aside as failed, with
-- the type of what was thrown, until a person has it tried again or prices change.

alter table charging.unpriced_usage
    add column failure text,
    drop constraint unpriced_usage_reason_check,
    add constraint unpriced_usage_reason_check check (reason in ('no_price', 'overflow', 'failed', 'unsupported'));
