-- The audit log is searched by who, what, to what and when; and says who stood behind an act where an operator acted as
-- somebody else. Entries with an impersonator have a form of their own in the chain, so those before stay as they are.

alter table accounts.audit_log
    add column impersonator text;

create index audit_log_by_actor on accounts.audit_log (org_id, actor, sequence);

create index audit_log_by_impersonator on accounts.audit_log (org_id, impersonator, sequence)
    where impersonator is not null;

create index audit_log_by_subject on accounts.audit_log (org_id, subject, sequence);

create index audit_log_by_action on accounts.audit_log (org_id, action text_pattern_ops, sequence);

create index audit_log_by_time on accounts.audit_log (org_id, recorded_at);
