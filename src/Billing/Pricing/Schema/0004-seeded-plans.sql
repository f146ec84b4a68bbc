-- The catalogue a new installation begins with: prices and allowances of the source's plans, unlimited as null. Fixed
-- ids, so that every installation names them alike. Tokens and runs beyond the allowance go on at the catalogue's
-- prices; seats are a number held at once. An operator changes a plan by publishing its next version.

insert into pricing.plan_families (family, name, description, visibility, created_at)
values
    ('internal-dev', 'Internal development', 'For trying things out; costs nothing.', 'internal', '2026-01-01T00:00:00Z'),
    ('starter', 'Starter', 'For one team that begins.', 'public', '2026-01-01T00:00:00Z'),
    ('growth', 'Growth', 'For teams that ship with agents every day.', 'public', '2026-01-01T00:00:00Z'),
    ('enterprise', 'Enterprise', 'For companies; tokens and seats without limit.', 'public', '2026-01-01T00:00:00Z');

insert into pricing.plan_versions
    (plan_version_id, family, number, status, currency, fee_micros, price_book_id, trial_days, entitlements, grants,
    content_hash, created_at, published_at)
select plan_version_id, family, 1, 'published', 'USD', fee_micros, null, 0, entitlements, '[]',
    sha256(convert_to(
        plan_version_id || '|' || family || '|1|USD|' || fee_micros || '||0|' || entitlements || '|[]', 'UTF8')),
    '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'
from (
    values
        ('01900000-0000-7000-8000-0000000000a1'::uuid, 'internal-dev', 0::bigint,
            '[{"key":"llm.tokens","schema_version":"entitlement.quota.v2","value":{"limit":1000000,"interval":"period","enforcement":"observe","meters":["llm.input_tokens","llm.output_tokens"],"match":{},"overage":"allow","overage_cap_micros":null}},'
            || '{"key":"agent.runs","schema_version":"entitlement.quota.v2","value":{"limit":1000,"interval":"period","enforcement":"observe","meters":[],"match":{},"overage":"allow","overage_cap_micros":null}},'
            || '{"key":"seats","schema_version":"entitlement.quota.v2","value":{"limit":10,"interval":"standing","enforcement":"observe","meters":[],"match":{},"overage":"pause","overage_cap_micros":null}}]'),
        ('01900000-0000-7000-8000-0000000000a2'::uuid, 'starter', 49000000::bigint,
            '[{"key":"llm.tokens","schema_version":"entitlement.quota.v2","value":{"limit":500000,"interval":"period","enforcement":"soft","meters":["llm.input_tokens","llm.output_tokens"],"match":{},"overage":"allow","overage_cap_micros":null}},'
            || '{"key":"agent.runs","schema_version":"entitlement.quota.v2","value":{"limit":50,"interval":"period","enforcement":"soft","meters":[],"match":{},"overage":"allow","overage_cap_micros":null}},'
            || '{"key":"seats","schema_version":"entitlement.quota.v2","value":{"limit":3,"interval":"standing","enforcement":"hard","meters":[],"match":{},"overage":"pause","overage_cap_micros":null}}]'),
        ('01900000-0000-7000-8000-0000000000a3'::uuid, 'growth', 199000000::bigint,
            '[{"key":"llm.tokens","schema_version":"entitlement.quota.v2","value":{"limit":2500000,"interval":"period","enforcement":"soft","meters":["llm.input_tokens","llm.output_tokens"],"match":{},"overage":"allow","overage_cap_micros":null}},'
            || '{"key":"agent.runs","schema_version":"entitlement.quota.v2","value":{"limit":250,"interval":"period","enforcement":"soft","meters":[],"match":{},"overage":"allow","overage_cap_micros":null}},'
            || '{"key":"seats","schema_version":"entitlement.quota.v2","value":{"limit":10,"interval":"standing","enforcement":"hard","meters":[],"match":{},"overage":"pause","overage_cap_micros":null}}]'),
        ('01900000-0000-7000-8000-0000000000a4'::uuid, 'enterprise', 599000000::bigint,
            '[{"key":"llm.tokens","schema_version":"entitlement.quota.v2","value":{"limit":null,"interval":"period","enforcement":"soft","meters":["llm.input_tokens","llm.output_tokens"],"match":{},"overage":"allow","overage_cap_micros":null}},'
            || '{"key":"agent.runs","schema_version":"entitlement.quota.v2","value":{"limit":1000,"interval":"period","enforcement":"soft","meters":[],"match":{},"overage":"allow","overage_cap_micros":null}},'
            || '{"key":"seats","schema_version":"entitlement.quota.v2","value":{"limit":null,"interval":"standing","enforcement":"hard","meters":[],"match":{},"overage":"pause","overage_cap_micros":null}}]')
) as seeded (plan_version_id, family, fee_micros, entitlements);
