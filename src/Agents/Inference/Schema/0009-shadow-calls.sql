-- Copies of calls that went to a deployment whose answers nobody gets: what they used and what the provider asks, which is
-- the operator's to pay. Never content; nothing here is ever charged.

create table inference.shadow_calls (
    org_id uuid not null,
    request_id uuid not null,
    provider text not null,
    provider_model text not null,
    outcome text not null,
    input_tokens bigint not null,
    output_tokens bigint not null,
    currency text check (currency ~ '^[A-Z]{3,5}$'),
    provider_micros numeric check (provider_micros >= 0),
    total_micros bigint not null,
    occurred_at timestamptz not null,
    primary key (org_id, request_id, provider, provider_model)
);

create index shadow_calls_by_time on inference.shadow_calls (occurred_at);

grant select, insert, delete on inference.shadow_calls to quoin_app;
