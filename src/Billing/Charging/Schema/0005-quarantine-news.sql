-- Who was told that usage is set aside, and when: usage that keeps coming is told of once a day, not with every step.

create table charging.quarantine_news (
    org_id uuid not null,
    billing_account_id uuid not null,
    meter_id uuid not null,
    reason text not null,
    told_at timestamptz not null,
    primary key (org_id, billing_account_id, meter_id, reason)
);

grant select, insert, update on charging.quarantine_news to quoin_app;
