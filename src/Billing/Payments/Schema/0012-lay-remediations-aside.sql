-- An operator may lay a remediation aside that was given up: what it would have ended at the provider stays there, and
-- nobody is told of it any more.

alter table payments.remediations drop constraint remediations_status_check;

alter table payments.remediations add constraint remediations_status_check
    check (status in ('pending', 'in_progress', 'succeeded', 'failed', 'dead_letter', 'discarded'));

drop index payments.remediations_open;

create index remediations_open on payments.remediations (remediation_id)
    where status not in ('succeeded', 'discarded');
